/**
 * Every store, beside the bare client's cost of the same round trips with the same data: `npm run bench:stores [-- --heads 5000,100000] [-- --short]
 * [-- --only postgres,s3]`. README.md says what each does. Ends with 1 where a goal is missed, but for `--short`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machineFacts } from "./http/report.ts";
import { metaContenders, openPayloads, openPlaces } from "./stores/contenders.ts";
import { measureMeta } from "./stores/measure-meta.ts";
import { measurePayload } from "./stores/measure-payload.ts";
import { goals, report } from "./stores/report.ts";

const { values: options } = parseArgs({
  options: {
    heads: { type: "string", default: "5000,100000" },
    /** 1,000 heads and few samples, to see that it runs. */
    short: { type: "boolean", default: false },
    /** The first words of names; all by default. */
    only: { type: "string" },
  },
});
const heads = options.short ? [1000] : options.heads.split(",").map(Number);
const samples = options.short ? 200 : 2000;
const only = options.only?.split(",");
const isWanted = (name: string) => only === undefined || only.some((start) => name.startsWith(start));

await using places = await openPlaces();
const facts = machineFacts(places.postgres.version);
const { note, results, missed } = report();
console.log(facts, "\nmicroseconds, medians");
console.log("meta");
for (const [name, open] of Object.entries(metaContenders)) {
  if (!isWanted(name)) continue;
  const contender = await open(places, heads.at(-1) ?? 0);
  try {
    await measureMeta(contender, { heads, samples }, (figures) => note(`meta ${name}`, figures));
  } finally {
    await contender.store.close();
  }
}
console.log("payloads of 1,000 bytes");
await using payloads = await openPayloads(places);
for (const contender of payloads) {
  if (isWanted(contender.name))
    note(`payload ${contender.name}`, await measurePayload(contender, Math.max(200, samples / 5)));
}
for (const miss of missed) console.log(`MISSED ${miss}`);
const folder = join(import.meta.dirname, "results");
mkdirSync(folder, { recursive: true });
if (!options.short && only === undefined) {
  const kept = { facts, goals, heads, samples, results, missed };
  writeFileSync(join(folder, "stores.json"), `${JSON.stringify(kept, null, 2)}\n`);
}
if (!options.short && missed.length > 0) process.exitCode = 1;
