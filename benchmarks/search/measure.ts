/** Times of questions and of pages, contenders in turn, on one connection each. */
import type pg from "pg";
import { positionOf } from "../../src/query/sort.ts";
import type { HeadQuery, MetaStore } from "../../src/stores/meta/meta-store.ts";
import { randomNumbers } from "../http/rows.ts";
import { pagedSorts, pageOf, type Question, questionsFor } from "./questions.ts";

/** Milliseconds: of each question the fastest round, since what else the machine does only adds to it; of these the median. */
export interface Timing {
  readonly weft: number;
  /** The better of a prepared statement, whose plan PostgreSQL may choose for all values, and one planned each time. */
  readonly table: number;
}

const variants = 40;
/** The first warms caches and plans, and is not counted. */
const rounds = 20;

/** @throws Error where the two find different rows */
export async function timeQuestions(
  store: MetaStore,
  client: pg.Client,
  heads: number,
): Promise<ReadonlyMap<string, Timing>> {
  const random = randomNumbers(heads);
  const sets = Array.from({ length: variants }, () => questionsFor(heads, random));
  const fastest = sets.flat().map(() => ({ weft: Infinity, named: Infinity, unnamed: Infinity }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, question] of sets.flat().entries()) {
      const best = fastest[i];
      const values = [...question.args];
      const contenders = [
        ["weft", async () => (await store.search(question.query)).map(({ resourceId }) => resourceId)],
        ["named", async () => idsOf(await client.query({ name: question.name, text: question.sql, values }))],
        ["unnamed", async () => idsOf(await client.query({ text: question.sql, values }))],
      ] as const;
      const answers: string[] = [];
      for (let turn = 0; turn < contenders.length; turn++) {
        const [name, ask] = contenders[(turn + i + round) % contenders.length] ?? contenders[0];
        const start = performance.now();
        const ids = await ask();
        if (round > 0 && best !== undefined) best[name] = Math.min(best[name], performance.now() - start);
        answers.push(ids.join());
      }
      if (new Set(answers).size !== 1) throw new Error(`${question.name}: weft and the table find different rows`);
    }
  }
  const names = new Set(sets.flat().map(({ name }) => name));
  return new Map(
    Array.from(names, (name) => {
      const own = fastest.filter((_, i) => sets.flat()[i]?.name === name);
      const of = (contender: "weft" | "named" | "unnamed") => median(own.map((best) => best[contender]));
      return [name, { weft: of("weft"), table: Math.min(of("named"), of("unnamed")) }];
    }),
  );
}

function idsOf({ rows }: { rows: { id: string }[] }): string[] {
  return rows.map(({ id }) => id);
}

/** Milliseconds: of the fastest tenth of the rounds the slowest. */
export interface PageTiming {
  readonly sort: string;
  readonly first: number;
  /** Behind a cursor in the middle, and before it. */
  readonly forwards: number;
  readonly backwards: number;
}

const pageRounds = 300;

/** @param rowsBefore how many rows lie before the page that a cursor leads to */
export async function timePages(store: MetaStore, rowsBefore: number): Promise<PageTiming[]> {
  const timings: PageTiming[] = [];
  for (const key of pagedSorts) {
    const [head] = await store.search({ ...pageOf(key, {}), offset: rowsBefore - 1, limit: 1 });
    if (head === undefined) throw new Error(`There are fewer than ${rowsBefore} rows`);
    const place = positionOf([key], head);
    const pages: Record<"first" | "forwards" | "backwards", HeadQuery> = {
      first: pageOf(key, {}),
      forwards: pageOf(key, { after: place }),
      backwards: pageOf(key, { before: place, fromEnd: true }),
    };
    const samples = { first: [], forwards: [], backwards: [] } as Record<keyof typeof pages, number[]>;
    for (let round = 0; round < pageRounds; round++) {
      for (const name of ["first", "forwards", "backwards"] as const) {
        const start = performance.now();
        await store.search(pages[name]);
        if (round >= pageRounds / 5) samples[name].push(performance.now() - start);
      }
    }
    timings.push({
      sort: `${key.field.path} ${key.direction}`,
      first: tenth(samples.first),
      forwards: tenth(samples.forwards),
      backwards: tenth(samples.backwards),
    });
  }
  return timings;
}

/** What PostgreSQL does for a question: the names of its scans. */
export function scansOf(plan: readonly string[]): string[] {
  return plan.flatMap(
    (line) =>
      /(\S.* Scan)(?: Backward)?(?: using (\S+))? on (\S+)/.exec(line)?.slice(1, 4).filter(Boolean).join(" ") ?? [],
  );
}

export function isByIndex(plan: readonly string[]): boolean {
  return scansOf(plan).some((scan) => scan.includes("Index Scan")) && !plan.some((line) => line.includes("Seq Scan"));
}

export function planQuestions(heads: number): Question[] {
  return questionsFor(heads, randomNumbers(1));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function tenth(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 10)] ?? 0;
}
