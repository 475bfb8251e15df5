/**
 * Heads that may satisfy a condition, in batches, all of one moment. Mostly one batch is enough, which Redis reads in one step. Where it takes several, a
 * counter of the name's writes tells whether something was written in between; then the caller begins anew with greater batches, and at last reads all in
 * one step.
 */
import type { Head } from "../../../../model/resource-meta.ts";
import type { ResolvedCondition } from "../../../../query/evaluate.ts";
import type { HeadQuery } from "../../meta-store.ts";
import { candidateSets, everyHead } from "./candidates.ts";
import type { Argument, Connection } from "./connection.ts";
import { searchScript } from "./lua/search.ts";
import { readHead } from "./records.ts";
import { setArguments } from "./search-arguments.ts";

export type Counted = Pick<HeadQuery<ResolvedCondition>, "resourceName" | "condition">;

export interface Batch {
  /** Do the heads come in the order asked for? Else they are candidates in no order, some perhaps twice. */
  readonly isOrdered: boolean;
  /** Where only the number was asked for and Redis knows it; there are no heads then. */
  readonly exactCount: number | undefined;
  readonly heads: readonly Head[];
}

export interface Reading {
  readonly query: Counted;
  /** `walksOf` the query; none where the order plays no part. */
  readonly walks: readonly (readonly Argument[])[];
  /** How many heads are wanted; negative: only their number. */
  readonly needed: number;
  /** Takes a batch. @returns false where it needs no more */
  take(batch: Batch): boolean;
}

const batchSize = 1000;
const leastFurther = 100;
/** Tries with batches, each four times as large as before, until all is read in one step. */
export const maxTries = 3;

type Answer = [chosen: number, version: string, size: number, goOn: number, last: string, ...records: string[]];

/** @returns the version of the heads that were read; undefined where something was written between two batches */
export async function readCandidates(
  connection: Connection,
  attempt: number,
  reading: Reading,
): Promise<string | undefined> {
  const { query, walks, needed, take } = reading;
  const sets = [...candidateSets(query.condition), everyHead(query.condition)];
  const asked = [sets.length, ...sets.flatMap(setArguments), ...walks.flat()];
  // 0: no limit.
  const largest = attempt < maxTries ? batchSize * 4 ** attempt : 0;
  let seen: string | undefined;
  for (let [chosen, range, start, limit] = [-1, 1, Buffer.alloc(0), largest]; ; ) {
    const args = [query.resourceName, chosen, range, start, needed, limit, ...asked];
    const [nowChosen, version, size, goOn, last, ...records] = await connection.run<Answer>(searchScript, args);
    seen ??= version;
    if (seen !== version) return undefined;
    const exactCount = goOn === -1 ? size : undefined;
    if (!take({ isOrdered: nowChosen > sets.length, exactCount, heads: records.map(readHead) }) || goOn <= 0)
      return version;
    [chosen, range, start] = [nowChosen, goOn, Buffer.from(last, "hex")];
    limit = Math.min(Math.max(records.length * 4, leastFurther), largest);
  }
}
