import type { HeadQuery, MetaStore } from "../../src/stores/meta/meta-store.ts";
import { randomNumbers } from "../http/rows.ts";
import { type Figures, type Prepare, race } from "./race.ts";
import { type MetaSide, metaSide } from "./raw.ts";
import { resourceName, seedId, seeds, type Writer, writer } from "./writes.ts";

export interface MetaContender {
  readonly store: MetaStore;
  /** What it is compared with, by name, each in turns with it. Opened when the store is indexed and filled. */
  readonly beside?: Readonly<Record<string, () => Promise<MetaSide>>>;
}

export interface Extent {
  /** How many heads to search in, ascending. */
  readonly heads: readonly number[];
  readonly samples: number;
}

const random = randomNumbers(7);
const below = (limit: number) => Math.floor(random() * limit);
const level = { source: "data", path: "level", type: "number" } as const;
const title = { source: "data", path: "title", type: "text" } as const;

/** A page of 20 of about a thousandth of the heads, by title. */
function page(): HeadQuery {
  const condition = { kind: "comparison", field: level, operator: "eq", value: below(1000) } as const;
  return { resourceName, condition, sort: [{ field: title, direction: "asc" }], limit: 20 };
}

type Note = (figures: Figures) => void;

export async function measureMeta(contender: MetaContender, extent: Extent, note: Note): Promise<void> {
  const { store, beside = {} } = contender;
  await measureSearches(store, extent, note);
  const runners: Runner[] = [{ suffix: "", side: metaSide(store), writer: writer("weft") }];
  try {
    for (const [name, open] of Object.entries(beside)) {
      runners.push({ suffix: ` (${name})`, side: await open(), writer: writer(name.replaceAll(" ", "-")) });
    }
    await measureSides(runners, extent, note);
  } finally {
    for (const { suffix, side } of runners) if (suffix !== "") await side.close();
  }
}

/** Indexes a store and gives it heads, where it has `from` of them. */
export async function fill(store: MetaStore, to: number, from = 0): Promise<void> {
  await store.index(resourceName, [[{ field: level, direction: "asc" }], [{ field: title, direction: "asc" }]]);
  for (let at = from; at < to; at += 500) await store.commit(seeds(at, Math.min(at + 500, to)));
}

async function measureSearches(store: MetaStore, { heads, samples }: Extent, note: Note): Promise<void> {
  for (const [i, size] of heads.entries()) {
    await fill(store, size, heads[i - 1]);
    note(await race({ [`search of ${size}`]: prepared(page, (query) => store.search(query)) }, samples / 4));
  }
}

interface Runner {
  readonly suffix: string;
  readonly side: MetaSide;
  readonly writer: Writer;
}

async function measureSides(runners: readonly Runner[], { heads, samples }: Extent, note: Note): Promise<void> {
  const each = (operation: string, count: number, prepare: (runner: Runner) => Prepare) =>
    race(Object.fromEntries(runners.map((one) => [`${operation}${one.suffix}`, prepare(one)])), count);
  const some = () => seedId(below(heads.at(-1) ?? 0));
  const get = await each("get", samples, ({ side }) => prepared(some, side.get));
  const create = await each("create", samples, ({ side, writer }) => prepared(writer.create, side.write));
  const update = await each("update", samples, ({ side, writer }) => prepared(writer.update, side.write));
  note({ ...get, ...create, ...update });
  for (const count of [16, 64]) {
    const figures = await each(`${count} creates at once`, samples / 20, ({ side, writer }) =>
      prepared(
        () => Array.from({ length: count }, writer.create),
        (commits) => Promise.all(commits.map(side.write)),
      ),
    );
    note(figures);
  }
}

function prepared<T>(make: () => T, run: (made: T) => Promise<unknown>): Prepare {
  return () => {
    const made = make();
    return () => run(made);
  };
}
