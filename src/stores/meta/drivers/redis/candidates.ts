/**
 * What a condition finds, as ranges of indexes: each set holds every head that satisfies the condition, and perhaps others, which are told apart by
 * `evaluate` afterwards. An operator that no index serves has no set.
 */
import type { Json } from "../../../../base/json.ts";
import type { Comparison, OperatorName, QueryField } from "../../../../query/condition.ts";
import type { Membership, ResolvedCondition } from "../../../../query/evaluate.ts";
import { byId, definitionOfField, deleted } from "./index-definition.ts";
import { highest, isId, lowest, type Places, placesOf, type Span, turned } from "./places.ts";

export interface LexRange {
  readonly index: string;
  readonly min: Buffer;
  readonly max: Buffer;
}

/** One value of a field, under which an index holds its heads by id. */
export interface Point {
  readonly field: QueryField;
  /** What members of this value, and of no other one, begin with. */
  readonly bytes: Buffer;
}

export interface CandidateSet {
  /** Where it is all heads of one value. */
  readonly point?: Point;
  readonly ranges: readonly LexRange[];
  /** Each of its members is a head that satisfies the condition, once. */
  readonly isExact: boolean;
}

/** More would take longer to look up than to read. */
const maxRanges = 1000;

/** All heads of the name. */
export function everyHead(condition: ResolvedCondition): CandidateSet {
  const isExact = condition.kind === "and" && condition.conditions.length === 0;
  return { ranges: [{ index: byId, min: lowest, max: highest }], isExact };
}

/** Each a different way to find all that the condition finds; none where there is no way but to read every head. */
export function candidateSets(condition: ResolvedCondition): CandidateSet[] {
  switch (condition.kind) {
    case "comparison": {
      const set = setOf(condition);
      return set === undefined || set.ranges.length > maxRanges ? [] : [set];
    }
    case "and": {
      const sets = condition.conditions.flatMap(candidateSets);
      return condition.conditions.length === 1 ? sets : sets.map((set) => ({ ...set, isExact: false }));
    }
    case "or": {
      const ranges: LexRange[] = [];
      for (const one of condition.conditions) {
        const [first] = candidateSets(one);
        if (first === undefined) return [];
        ranges.push(...first.ranges);
      }
      return ranges.length > maxRanges ? [] : [{ ranges, isExact: ranges.length === 0 }];
    }
    case "isTrue":
      return candidateSets(condition.condition);
    case "membership":
      return setOfMembers(condition);
    case "not":
    case "constant":
      return [];
  }
}

/** Of a list, a head stands under each of its elements. */
function setOfMembers({ field, ids }: Membership): CandidateSet[] {
  if (ids.size > maxRanges) return [];
  const spans = pointsOf(placesOf(field), [...ids]) ?? [];
  const index = isId(field) ? byId : definitionOfField(field);
  return [{ ranges: spans.map(([min, max]) => ({ index, min, max })), isExact: field.type !== "list" }];
}

function setOf(comparison: Comparison): CandidateSet | undefined {
  const { field, operator, value } = comparison;
  if (field.transform !== undefined || (field.type === "list" && operator !== "contains")) return undefined;
  if (field.source === "meta" && field.path === "isDeleted") {
    const isWanted = operator === "eq" && value === true;
    return isWanted ? { ranges: [{ index: deleted, min: lowest, max: highest }], isExact: true } : undefined;
  }
  const places = placesOf(field);
  const spans = spansOf[operator](places, value);
  if (spans === undefined) return undefined;
  const index = isId(field) ? byId : definitionOfField(field);
  const bytes = (operator === "eq" || operator === "contains") && !isId(field) ? places.bytesOf(value) : undefined;
  return {
    ranges: spans.map(([min, max]) => ({ index, min, max })),
    isExact: !inexact.has(operator),
    ...(bytes === undefined ? {} : { point: { field, bytes } }),
  };
}

/** Values of other types stand with null. */
const inexact: ReadonlySet<OperatorName> = new Set(["isNull", "isna", "exists"]);

function pointOf(places: Places, value: Json): Span | undefined {
  const bytes = places.bytesOf(value);
  return bytes && places.spanOf(bytes);
}

function pointsOf(places: Places, values: readonly Json[]): Span[] | undefined {
  const points = new Map<string, Span>();
  for (const value of values) {
    const point = pointOf(places, value);
    if (point === undefined) return undefined;
    points.set(point[0].toString("latin1"), point);
  }
  return [...points.values()];
}

/** From the first of these values to the last, both included. */
function rangeOf(places: Places, from: Json | undefined, to: Json | undefined): Span[] | undefined {
  const low = from === undefined ? undefined : pointOf(places, from);
  const high = to === undefined ? undefined : pointOf(places, to);
  return places.isOrdered ? [[low?.[0] ?? places.values[0], high?.[1] ?? places.values[1]]] : undefined;
}

/** Strictly behind the value, or before it. */
function beyond(places: Places, value: Json, isBehind: boolean): Span[] | undefined {
  const point = pointOf(places, value);
  if (point === undefined || !places.isOrdered) return undefined;
  const [first, last] = places.values;
  return [isBehind ? [turned(point[1]), last] : [first, turned(point[0])]];
}

function nullsOf({ isOrdered, nulls }: Places, areWanted: boolean): Span[] | undefined {
  return areWanted && isOrdered ? [nulls] : undefined;
}

type Spans = (places: Places, operand: Json) => readonly Span[] | undefined;

const unserved: Spans = () => undefined;

// Of texts, an index knows the whole and not the parts; of lists (see above) the elements and not the whole.
const spansOf = {
  eq: (places, operand) => pointsOf(places, [operand]),
  ne: unserved,
  gt: (places, operand) => beyond(places, operand, true),
  gte: (places, operand) => rangeOf(places, operand, undefined),
  lt: (places, operand) => beyond(places, operand, false),
  lte: (places, operand) => rangeOf(places, undefined, operand),
  in: (places, operand) => pointsOf(places, operand as readonly Json[]),
  notIn: unserved,
  between: (places, operand) => {
    const [low, high] = operand as readonly [Json, Json];
    return rangeOf(places, low, high);
  },
  contains: (places, operand) => (places.isOrdered ? undefined : pointsOf(places, [operand])),
  startsWith: (places, operand) => [places.startingWith(operand as string)],
  endsWith: unserved,
  icontains: unserved,
  istartsWith: unserved,
  iendsWith: unserved,
  regex: unserved,
  isNull: (places, operand) => nullsOf(places, operand === true),
  exists: (places, operand) => nullsOf(places, operand === false),
  isna: (places, operand) => nullsOf(places, operand === true),
} satisfies Record<OperatorName, Spans>;
