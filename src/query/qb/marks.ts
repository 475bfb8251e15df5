/** Which part of an expression made which part of the query: for errors that are found only when the query is checked. */
import { maxDepth } from "../limits.ts";
import type { Place } from "../query-error.ts";
import type { ResourceQuery, SearchCondition } from "../resource-query.ts";
import type { Source } from "./source.ts";

/** Offsets of what a comparison is made of. */
export interface LeafStarts {
  readonly fieldPath: number;
  readonly operator: number;
  /** The arguments, as the leaves' values hold them. */
  readonly values: readonly { readonly value: unknown; readonly start: number }[];
}

export interface Marks {
  /** Remembers a condition and what it is made of. @throws LIMIT_EXCEEDED where conditions are too many, or nest too deep */
  markCondition(condition: SearchCondition, start: number, leaf?: LeafStarts): void;
  /** A group that holds another's members, and some more; the other counts no longer. @throws as `markCondition` */
  markExtension(group: SearchCondition, start: number, other: SearchCondition): void;
  /** A member of the query itself. */
  markMember(member: "limit" | "offset", start: number): void;
  markObject(object: object, start: number): void;
  /** A list's items. */
  markItems(list: object, starts: readonly number[]): void;
  /** The offset of the smallest known part that holds the place; undefined where none does. */
  offsetOf(query: ResourceQuery, place: Place): number | undefined;
}

export function createMarks(source: Source, maxConditions: number): Marks {
  const starts = new Map<object, number>();
  const memberStarts = new Map<object, Readonly<Record<string, number>>>();
  const itemStarts = new Map<object, readonly number[]>();
  const depths = new Map<object, number>();
  const queryStarts = new Map<string | number | undefined, number>();

  function mark(condition: SearchCondition, start: number, depth: number): void {
    depths.set(condition, depth);
    starts.set(condition, start);
    if (depth > maxDepth) throw source.tooMuch(start, maxDepth, `Conditions nest at most ${maxDepth} deep.`);
    if (depths.size > maxConditions) {
      throw source.tooMuch(start, maxConditions, `At most ${maxConditions} conditions are allowed.`);
    }
  }

  function depthOf(members: readonly SearchCondition[]): number {
    return members.reduce((depth, member) => Math.max(depth, 1 + (depths.get(member) ?? 0)), 1);
  }

  function markCondition(condition: SearchCondition, start: number, leaf?: LeafStarts): void {
    if (depths.has(condition)) return;
    const members = condition.group?.conditions ?? [];
    for (const member of members) markCondition(member, start, leaf);
    mark(condition, start, depthOf(members));
    if (condition.condition && leaf) {
      const { value } = condition.condition;
      const given = leaf.values.find((one) => one.value === value)?.start;
      const { fieldPath, operator } = leaf;
      memberStarts.set(condition.condition, { fieldPath, operator, value: given ?? operator });
    }
  }

  return {
    markCondition,
    markExtension(group, start, other) {
      // Only the new members are looked at, or a chain of a thousand calls would look at half a million.
      const added = group.group?.conditions.slice(other.group?.conditions.length) ?? [];
      const depth = Math.max(depths.get(other) ?? 1, depthOf(added));
      depths.delete(other);
      mark(group, start, depth);
    },
    markMember: (member, start) => void queryStarts.set(member, start),
    markObject: (object, start) => void starts.set(object, start),
    markItems: (list, items) => void itemStarts.set(list, items),
    offsetOf(query, place) {
      let offset = queryStarts.get(place[0]);
      let part: unknown = query;
      for (const step of place) {
        if (typeof part !== "object" || part === null) break;
        const known = typeof step === "number" ? itemStarts.get(part)?.[step] : memberStarts.get(part)?.[step];
        offset = known ?? offset;
        part = (part as Readonly<Record<string | number, unknown>>)[step];
        if (typeof part === "object" && part !== null) offset = starts.get(part) ?? offset;
      }
      return offset;
    },
  };
}
