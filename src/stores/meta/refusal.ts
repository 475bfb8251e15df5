/** Why a commit does not happen, and what drivers have in common where they find it out. */
import type { Head } from "../../model/resource-meta.ts";
import { textProblem } from "../../model/storable-text.ts";
import type { PlainCondition } from "../../query/condition.ts";
import { evaluate } from "../../query/evaluate.ts";
import { compareHeads } from "../../query/sort.ts";
import type { Commit, CommitOutcome, HeadQuery, Proviso } from "./meta-store.ts";

export type Unchanged = Extract<Proviso, { readonly kind: "unchanged" }>;
export type None = Extract<Proviso, { readonly kind: "none" }>;
export type Refusal = Extract<CommitOutcome, { readonly isCommitted: false }>;
export type Conflicts = Refusal["conflicts"];
export type Violations = Refusal["violations"];

/** Of the ids that violate one proviso, so many are answered, in their order. */
export const maxViolating = 10;

/** @returns undefined where there are neither */
export function refusalOf(conflicts: Conflicts, violations: Violations = new Map()): Refusal | undefined {
  if (conflicts.size > 0) return { isCommitted: false, conflicts, violations: new Map() };
  return violations.size > 0 ? { isCommitted: false, conflicts, violations } : undefined;
}

export function unchangedOf({ provisos = [] }: Pick<Commit, "provisos">): readonly Unchanged[] {
  return provisos.filter((proviso) => proviso.kind === "unchanged");
}

/** With the place of each in the commit; without those of a name that no store holds, of which there are no heads. */
export function nonesOf({ provisos = [] }: Pick<Commit, "provisos">): readonly (readonly [number, None])[] {
  return provisos.flatMap((proviso, i) =>
    proviso.kind === "none" && isStorable(proviso.resourceName) ? [[i, proviso] as const] : [],
  );
}

/** Of a text that no store holds there is nothing. */
export function isStorable(text: string): boolean {
  return textProblem(text) === undefined;
}

/** Finds what violates it, in the order of the ids. @param more heads than are answered, since some of them are to be written yet */
export function queryOf({ resourceName, condition, except = [] }: None, more = 0): HeadQuery<PlainCondition> {
  const others = except.filter(isStorable);
  const isOther: PlainCondition = {
    kind: "comparison",
    field: { source: "meta", path: "resourceId", type: "text" },
    operator: "notIn",
    value: others,
  };
  const whole: PlainCondition = others.length === 0 ? condition : { kind: "and", conditions: [condition, isOther] };
  return { resourceName, condition: whole, sort: [], limit: maxViolating + more };
}

/**
 * What violates it behind some writes.
 * @param before heads as they are without these: at least those that satisfy its condition
 * @param written null for what is purged
 */
export function violatingBehind(
  { resourceName, condition, except }: None,
  before: Iterable<Head>,
  written: ReadonlyMap<string, Head | null>,
): readonly string[] {
  const excepted = new Set(except);
  const quick = quickFirst(condition);
  const found: Head[] = [];
  const look = (head: Head) => {
    const isMeant = head.resourceName === resourceName && !excepted.has(head.resourceId);
    if (isMeant && evaluate(quick, head) === true) found.push(head);
  };
  for (const head of before) if (!written.has(head.resourceId)) look(head);
  for (const head of written.values()) if (head !== null) look(head);
  return idsAnswered(found.sort(compareHeads([])));
}

/** Means the same. Lists of thousands are compared with one by one: of what a cascade deletes, they are not compared at all. */
function quickFirst(condition: PlainCondition): PlainCondition {
  if (condition.kind !== "and") return condition;
  const isQuick = (one: PlainCondition) => one.kind === "comparison" && !Array.isArray(one.value);
  const conditions = [...condition.conditions.filter(isQuick), ...condition.conditions.filter((one) => !isQuick(one))];
  return { kind: "and", conditions };
}

/** @param heads in the order of their ids */
export function idsAnswered(heads: readonly Head[]): readonly string[] {
  return heads.slice(0, maxViolating).map(({ resourceId }) => resourceId);
}
