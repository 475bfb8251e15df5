/**
 * Every store beside the raw client's cost of the same round trips: `npm run bench:stores [-- --heads 5000,100000]`. README.md says how to read
 * it. Ends with 1 where a goal is missed.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { HeadQuery, MetaStore } from "../src/stores/meta/meta-store.ts";
import type { PayloadStore } from "../src/stores/payload/payload-store.ts";
import { commitOf, createWrite } from "../tests/conformance/meta-fixtures.ts";
import { machineFacts } from "./http/report.ts";
import { randomNumbers } from "./http/rows.ts";
import { type Contender, openContenders, type Raw } from "./stores/contenders.ts";

const { values: options } = parseArgs({ options: { heads: { type: "string", default: "5000,100000" } } });
const sizes = options.heads.split(",").map(Number);

/** weft's time ÷ the raw client's. */
const goals = { get: 1.5, write: 2 };
const samples = 400;
const random = randomNumbers(7);
const level = { source: "data", path: "level", type: "number" } as const;
const title = { source: "data", path: "title", type: "text" } as const;
const bytes = Buffer.alloc(1000, "weft");

/** Microseconds: medians. */
type Figures = Record<string, number>;
const results: Record<string, Figures> = {};
const missed: string[] = [];

/** Contenders in turns, one at a time. @returns the median of each, in microseconds */
async function race(contenders: Readonly<Record<string, () => Promise<unknown>>>): Promise<Figures> {
  const times = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]));
  for (let round = -20; round < samples; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const start = performance.now();
      await run();
      if (round >= 0) times.get(name)?.push((performance.now() - start) * 1000);
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, median(all)]));
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function note(name: string, figures: Figures): void {
  results[name] = { ...results[name], ...figures };
  for (const operation of ["get", "write"] as const) {
    const [own, raw] = [figures[operation], figures[`raw ${operation}`]];
    if (own === undefined || raw === undefined) continue;
    const ratio = own / raw;
    results[name][`${operation} ÷ raw`] = ratio;
    if (ratio > goals[operation]) missed.push(`${operation} of ${name}: ${ratio.toFixed(2)}, goal ${goals[operation]}`);
  }
  const text = Object.entries(results[name]).map(
    ([what, value]) => `${what} ${value.toFixed(what.includes("÷") ? 2 : 0)}`,
  );
  console.log(`  ${name.padEnd(20)} ${text.join(" · ")}`);
}

let counter = 0;
const headOf = (n: number) => ({ title: `Task ${(n * 7919) % 100_000}`, level: n % 1000 });
const write = () => {
  counter += 1;
  return createWrite("todo", `todo:${counter}`, { indexedData: headOf(counter), indexFingerprint: "f" });
};

async function fill(store: MetaStore, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 500) {
    const writes = Array.from({ length: Math.min(500, to - n) }, (_, i) =>
      createWrite("todo", `todo:seed${n + i}`, { indexedData: headOf(n + i), indexFingerprint: "f" }),
    );
    await store.commit(commitOf(...writes.map((one) => one.write)));
  }
}

function page(): HeadQuery {
  const value = Math.floor(random() * 1000);
  const condition = { kind: "comparison", field: level, operator: "eq", value } as const;
  return { resourceName: "todo", condition, sort: [{ field: title, direction: "asc" }], limit: 20 };
}

async function measureMeta({ name, store, raw }: Contender<MetaStore>): Promise<void> {
  await store.index("todo", [[{ field: level, direction: "asc" }], [{ field: title, direction: "asc" }]]);
  let filled = 0;
  for (const heads of sizes) {
    await fill(store, filled, heads);
    filled = heads;
    const searches = await race({ [`search of ${heads}`]: () => store.search(page()) });
    note(`meta ${name}`, searches);
  }
  await writeRaw(raw);
  const gets = await race({
    get: () => store.heads([`todo:seed${Math.floor(random() * filled)}`]),
    ...(raw ? { "raw get": () => raw.read(`raw${Math.floor(random() * 1000)}`) } : {}),
  });
  const writes = await race({
    write: () => store.commit(commitOf(write().write)),
    ...(raw ? { "raw write": () => raw.write(`write${counter++}`, bytes) } : {}),
  });
  const together = await race({
    "16 writes at once": () => Promise.all(Array.from({ length: 16 }, () => store.commit(commitOf(write().write)))),
  });
  note(`meta ${name}`, { ...gets, ...writes, ...together });
}

async function writeRaw(raw: Raw | undefined): Promise<void> {
  for (let n = 0; raw && n < 1000; n++) await raw.write(`raw${n}`, bytes);
}

async function measurePayload({ name, store, raw }: Contender<PayloadStore>) {
  const keyOf = (n: number) => `todo/todo:${name.length}${n}/1/w`;
  for (let n = 0; n < 200; n++) await store.put(keyOf(n), bytes);
  for (let n = 0; raw && n < 200; n++) await raw.write(`raw${n}`, bytes);
  const gets = await race({
    get: () => store.get(keyOf(Math.floor(random() * 200))),
    ...(raw ? { "raw get": () => raw.read(`raw${Math.floor(random() * 200)}`) } : {}),
  });
  const writes = await race({
    write: () => store.put(keyOf(1000 + counter++), bytes),
    ...(raw ? { "raw write": () => raw.write(`write${counter++}`, bytes) } : {}),
  });
  note(`payload ${name}`, { ...gets, ...writes });
}

await using contenders = await openContenders();
const facts = machineFacts(contenders.postgresVersion);
console.log(facts, "\nmicroseconds, medians");
for (const contender of contenders.meta) await measureMeta(contender);
for (const contender of contenders.payload) await measurePayload(contender);
for (const miss of missed) console.log(`MISSED ${miss}`);
const folder = join(import.meta.dirname, "results");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "stores.json"), `${JSON.stringify({ facts, goals, sizes, results, missed }, null, 2)}\n`);
if (missed.length > 0) process.exitCode = 1;
