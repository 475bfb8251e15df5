/**
 * weft's partial decoder beside other decoders: `npm run bench:partial [-- --quick]`. README.md says how to read what
 * it prints. Ends with code 1 where a goal is missed.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { JsonObject } from "../src/base/json.ts";
import { msgpackEncoding } from "../src/codec/msgpack/encoding.ts";
import { makeOffsetIndex, readOffsetIndex } from "../src/codec/offset-index.ts";
import { selectionFromPaths } from "../src/codec/partial-path.ts";
import { planRangedRead } from "../src/codec/ranged-read.ts";
import type { Selection } from "../src/codec/selection.ts";
import type { ObjectShape } from "../src/codec/shape.ts";
import { machineFacts } from "./http/report.ts";
import { raceDisk } from "./partial/disk.ts";
import { hero, heroShape, order, orderShape, seededRandom } from "./partial/documents.ts";
import { fullDecodeGoal, isSmall, largeTasks, orderItems, smallTasks, subsets, type Task } from "./partial/goals.ts";
import { createReport } from "./partial/report.ts";
import { loadRivals } from "./partial/rivals.ts";
import { type Contender, type RoundsOptions, race } from "./partial/rounds.ts";
import { raceSubsets } from "./partial/subsets.ts";

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const settings = options.quick
  ? {
      large: { rounds: 8, sliceMs: 10 },
      small: { rounds: 10, sliceMs: 2 },
      subset: { rounds: 8, sliceMs: 0.5, count: 50 },
      disk: 5,
    }
  : {
      large: { rounds: 60, sliceMs: 15 },
      small: { rounds: 60, sliceMs: 3 },
      subset: { rounds: 15, sliceMs: 0.5, count: subsets.count },
      disk: 40,
    };
const seed = 20_261_121;

interface Source {
  readonly document: JsonObject;
  readonly shape: ObjectShape;
  readonly bytes: Buffer;
}

const folder = join(process.cwd(), "benchmarks");
const rivals = loadRivals(join(folder, "rivals/partial"));
const facts = machineFacts();
console.log(facts);
const report = createReport();

const large = encoded(hero(seededRandom(seed)), heroShape);
report.heading(`Hero, ${large.bytes.length} bytes`);
runFull(large, settings.large);
for (const task of largeTasks) runTask(task, large, settings.large);

const random = seededRandom(seed);
for (const items of orderItems) {
  const source = encoded(order(random, items), orderShape);
  report.heading(`Order of ${items} items, ${source.bytes.length} bytes`);
  runFull(source, settings.small);
  for (const task of smallTasks) if (task.items === items) runTask(task, source, settings.small);
  if (items === subsets.items) runSubsets(source);
}

report.heading("From the disk");
await runDisk(large);
const { missed, groups } = report.end();
if (!options.quick) {
  const text = JSON.stringify({ facts, settings, missed, groups }, null, 2);
  writeFileSync(join(folder, "results/partial.json"), `${text}\n`);
}
process.exitCode = missed.length > 0 ? 1 : 0;

function encoded(document: JsonObject, shape: ObjectShape): Source {
  return { document, shape, bytes: Buffer.from(msgpackEncoding.encode(document, shape)) };
}

function runFull(source: Source, rounds: RoundsOptions): void {
  const { bytes, shape } = source;
  const own = { name: "weft", run: () => msgpackEncoding.decode(bytes, shape) };
  const timings = race([own, ...rivals.full({ ...source, selection: "all" })], rounds);
  report.timings("everything", timings, isSmall(bytes.length) ? fullDecodeGoal : undefined);
}

function runTask(task: Task, source: Source, rounds: RoundsOptions): void {
  const selection = selectionFromPaths(task.paths, source.shape);
  const asked = { ...source, selection, ...(task.finds ? { finds: task.finds } : {}) };
  const own = task.isIndexed ? fromRanges(source, selection) : fromBytes(source, selection);
  const timings = race([own, ...rivals.full(asked), ...rivals.partial(asked)], rounds);
  const title = `{${task.paths.join(", ")}}${task.isIndexed ? " from the ranges that the offset index names" : ""}`;
  report.timings(title, timings, task.goal);
}

function fromBytes({ bytes, shape }: Source, selection: Selection): Contender {
  return { name: "weft", run: () => msgpackEncoding.decodePartial(bytes, selection, shape) };
}

/** The decode alone, as for all others; what comes before it is part of the figure from the disk. */
function fromRanges({ bytes, shape }: Source, selection: Selection): Contender {
  const index = readOffsetIndex(makeOffsetIndex(bytes) ?? "", bytes.length);
  const plan = index && planRangedRead(index, selection, shape);
  if (!plan) throw new Error("the index names no ranges");
  const parts = plan.ranges.map(({ start, end }) => Buffer.from(bytes.subarray(start, end)));
  if (!plan.isIntact(parts)) throw new Error("the ranges are damaged");
  return { name: "weft", run: () => plan.read(parts) };
}

function runSubsets(source: Source): void {
  const { count } = settings.subset;
  const full = { name: "msgpackr", run: () => rivals.msgpackr(source.bytes) };
  report.heading(`${count} random subsets of ${source.bytes.length} bytes`);
  report.subsets(
    raceSubsets({ ...source, random: seededRandom(seed), count, full, race: (each) => race(each, settings.subset) }),
  );
}

async function runDisk({ bytes, shape }: Source): Promise<void> {
  const selection = selectionFromPaths(["name", "level"], shape);
  const { disk: rounds } = settings;
  const race = await raceDisk({ bytes, selection, shape, rounds, decodeWhole: rivals.msgpackr });
  report.disk("{name, level}", race);
}
