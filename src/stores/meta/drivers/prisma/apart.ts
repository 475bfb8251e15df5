/**
 * Which commits with provisos may be in one batch: there all provisos are looked at behind all writes. So none of them may write what another one wants unchanged, or what
 * satisfies a condition that another one looks for, before or behind the write. (Those without provisos come before, and nobody looks from there.)
 */
import { evaluate } from "../../../../query/evaluate.ts";
import type { Commit } from "../../meta-store.ts";
import { nonesOf, unchangedOf } from "../../refusal.ts";

export interface KeptApart {
  /** Whether it may join those that were taken; then it is one of them. @param claimed the resources that are written by these, and by those that wait */
  takes(commit: Commit, claimed: ReadonlySet<string>): boolean;
}

/** With provisos, in one batch: each is compared with each. */
const maxConditional = 32;
/** Of heads with conditions, for two commits; where there are more, they are not compared, and kept apart. */
const maxComparisons = 400;

export function keptApart(): KeptApart {
  const taken: Commit[] = [];
  /** Resources that are to stay as they are. */
  const wanted = new Set<string>();

  return {
    takes(commit, claimed) {
      if (commit.writes.some(({ resourceId }) => wanted.has(resourceId))) return false;
      if (commit.provisos === undefined) return true;
      const own = new Set(commit.writes.map(({ resourceId }) => resourceId));
      const others = unchangedOf(commit).filter(({ resourceId }) => !own.has(resourceId));
      if (taken.length >= maxConditional || others.some(({ resourceId }) => claimed.has(resourceId))) return false;
      if (taken.some((other) => concerns(commit, other) || concerns(other, commit))) return false;
      for (const { resourceId } of others) wanted.add(resourceId);
      taken.push(commit);
      return true;
    },
  };
}

/** Whether a commit writes what another one looks for. */
function concerns({ writes }: Commit, looking: Commit): boolean {
  const nones = nonesOf(looking);
  if (nones.length * writes.length > maxComparisons) return true;
  const heads = writes.flatMap(({ previous, head }) => [previous, head]).filter((head) => head !== null);
  try {
    return nones.some(([, { resourceName, condition }]) =>
      heads.some((head) => head.resourceName === resourceName && evaluate(condition, head) === true),
    );
  } catch {
    // What cannot be evaluated fails where it is its own turn.
    return true;
  }
}
