/**
 * Searches. Redis knows which heads may satisfy a condition, or in which order they stand (`lua/search.ts` chooses); which do satisfy it
 * is decided here by `evaluate`, so that every store means the same by it.
 */
import type { Head } from "../../../../model/resource-meta.ts";
import { evaluate, type ResolvedCondition } from "../../../../query/evaluate.ts";
import { compareHeads, comparePositions, positionOf } from "../../../../query/sort.ts";
import type { HeadQuery } from "../../meta-store.ts";
import { readCandidates } from "./candidate-reads.ts";
import type { Connection } from "./connection.ts";
import { walksOf } from "./search-arguments.ts";

/** The version of the name's heads, of which it is the answer. @param query of a limit above 0 */
export async function searchVersion(
  connection: Connection,
  query: HeadQuery<ResolvedCondition>,
): Promise<{ readonly version: string; readonly heads: Head[] }> {
  const { condition, limit, offset = 0, fromEnd = false } = query;
  const needed = limit + offset;
  const walks = walksOf(query);
  for (let attempt = 0; ; attempt++) {
    const found = new Map<string, Head>();
    let isOrdered = false;
    const version = await readCandidates(connection, attempt, {
      query,
      walks,
      needed,
      take(batch) {
        isOrdered = batch.isOrdered;
        for (const head of batch.heads) {
          if (isOrdered && isPast(query, head)) return false;
          if (isWithin(query, head) && evaluate(condition, head) === true) found.set(head.resourceId, head);
          if (isOrdered && found.size === needed) return false;
        }
        return true;
      },
    });
    if (version === undefined) continue;
    const heads = [...found.values()];
    if (isOrdered) return { version, heads: fromEnd ? heads.slice(offset).reverse() : heads.slice(offset) };
    heads.sort(compareHeads(query.sort));
    const end = fromEnd ? Math.max(0, heads.length - offset) : needed;
    return { version, heads: heads.slice(fromEnd ? Math.max(0, end - limit) : offset, end) };
  }
}

/** Beyond the place where the walk of an order ends. */
function isPast({ sort, after, before, fromEnd = false }: HeadQuery<unknown>, head: Head): boolean {
  const end = fromEnd ? after : before;
  if (end === undefined) return false;
  const difference = comparePositions(sort, positionOf(sort, head), end);
  return fromEnd ? difference <= 0 : difference >= 0;
}

function isWithin({ sort, after, before }: HeadQuery<unknown>, head: Head): boolean {
  if (after === undefined && before === undefined) return true;
  const position = positionOf(sort, head);
  return (
    (after === undefined || comparePositions(sort, position, after) > 0) &&
    (before === undefined || comparePositions(sort, position, before) < 0)
  );
}
