/** What `lua/search.ts` is asked: the order of a query as walks of indexes, sets of candidates as flat arguments. */
import type { SortKey } from "../../../../query/condition.ts";
import type { ResolvedCondition } from "../../../../query/evaluate.ts";
import type { HeadQuery } from "../../meta-store.ts";
import { type CandidateSet, candidateSets, type Point } from "./candidates.ts";
import type { Argument } from "./connection.ts";
import { byId, definitionOf, memberAt, opposite } from "./index-definition.ts";
import { beginning, highest, lowest } from "./places.ts";

const [no, yes] = ["0", "1"];
const nowhere = Buffer.alloc(0);

/** Of one set; how many there are stands before them. */
export function setArguments({ ranges, isExact }: CandidateSet): Argument[] {
  return [isExact ? yes : no, ranges.length, ...ranges.flatMap(({ index, min, max }) => [index, min, max])];
}

/** More would take longer to look up than they save. */
const maxPoints = 3;

/**
 * Walks that meet heads in the order of the query, or in the opposite one where it wants the last; each the arguments of one. Beside the index of the order
 * itself: where the condition asks for one value of a field, the index over that field and the keys of the order, of which it is a stretch.
 */
export function walksOf(query: HeadQuery<ResolvedCondition>): Argument[][] {
  const { keys, isIdDescending } = indexedKeys(query.sort);
  const sets = candidateSets(query.condition);
  const points = sets.flatMap(({ point }) => (point === undefined ? [] : [point])).slice(0, maxPoints);
  const isFlipped = keys[0]?.direction === "desc";
  const walks = [walkOf(query, { keys: isFlipped ? opposite(keys) : keys, isFlipped, isIdDescending, sets })];
  for (const point of points) {
    const isElement = point.field.type === "list" || point.field.type === "json";
    if (isElement && keys.length > 0) continue;
    walks.push(walkOf(query, { keys, isFlipped: false, isIdDescending, sets, point }));
    if (keys.length > 0)
      walks.push(walkOf(query, { keys: opposite(keys), isFlipped: true, isIdDescending, sets, point }));
  }
  return walks;
}

interface Walk {
  /** As the index has them, behind the point. */
  readonly keys: readonly SortKey[];
  /** Is that the opposite of the query's order? */
  readonly isFlipped: boolean;
  readonly isIdDescending: boolean;
  readonly sets: readonly CandidateSet[];
  readonly point?: Point;
}

function walkOf({ after, before, fromEnd = false }: HeadQuery<unknown>, walk: Walk): Argument[] {
  const { keys, isFlipped, isIdDescending, point } = walk;
  const first = point && ({ field: point.field, direction: "asc" } as const);
  const indexed = first === undefined ? keys : [first, ...keys];
  const index = indexed.length === 0 ? byId : definitionOf(indexed);
  const idsDescend = isIdDescending !== fromEnd;
  const valuesDescend = keys.length === 0 ? idsDescend : isFlipped !== fromEnd;
  const position = fromEnd ? before : after;
  let [min, max] = point === undefined ? boundsOf(walk, index) : beginning(point.bytes);
  // The position is the nearer bound.
  if (position !== undefined && point === undefined && valuesDescend) max = highest;
  if (position !== undefined && point === undefined && !valuesDescend) min = lowest;
  const start = position === undefined ? nowhere : memberAt(keys, position, point?.bytes);
  return [index, min, max, valuesDescend ? yes : no, idsDescend ? yes : no, start];
}

/** The keys up to the id, which leaves no tie. */
function indexedKeys(sort: readonly SortKey[]): { keys: readonly SortKey[]; isIdDescending: boolean } {
  const at = sort.findIndex(({ field }) => field.source === "meta" && field.path === "resourceId");
  if (at === -1) return { keys: sort, isIdDescending: false };
  return { keys: sort.slice(0, at), isIdDescending: sort[at]?.direction === "desc" };
}

/** Of the index, where the condition bounds the very values that it is ordered by. */
function boundsOf({ sets }: Walk, index: string): [min: Buffer, max: Buffer] {
  for (const { ranges } of sets) {
    const [range, ...others] = ranges;
    if (others.length === 0 && range?.index === index) return [range.min, range.max];
  }
  return [lowest, highest];
}
