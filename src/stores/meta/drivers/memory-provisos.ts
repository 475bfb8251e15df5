/** Provisos of a commit, looked at on heads in memory. */
import type { Head } from "../../../model/resource-meta.ts";
import type { Commit } from "../meta-store.ts";
import {
  type Conflicts,
  nonesOf,
  type Refusal,
  refusalOf,
  unchangedOf,
  type Violations,
  violatingBehind,
} from "../refusal.ts";

/** The state that a commit finds. */
export interface Found {
  readonly heads: ReadonlyMap<string, Head>;
  /** What commits before it write, which are yet to be applied: null for what they purge. */
  readonly ahead?: ReadonlyMap<string, Head | null>;
}

interface Conditional extends Pick<Commit, "provisos"> {
  readonly writes: readonly { readonly resourceId: string; readonly head: Head | null }[];
}

/** @param conflicts those of its writes */
export function refusalFor(found: Found, commit: Conditional, conflicts: Conflicts): Refusal | undefined {
  const all = new Map([...conflicts, ...conflictsOf(found, commit)]);
  return refusalOf(all, all.size > 0 ? undefined : violationsOf(found, commit));
}

export function headIn({ heads, ahead }: Found, resourceId: string): Head | null {
  const written = ahead?.get(resourceId);
  return written === undefined ? (heads.get(resourceId) ?? null) : written;
}

function conflictsOf(found: Found, commit: Conditional): Conflicts {
  const conflicts = new Map<string, Head | null>();
  for (const { resourceId, etag } of unchangedOf(commit)) {
    const head = headIn(found, resourceId);
    if ((head?.etag ?? null) !== etag) conflicts.set(resourceId, head);
  }
  return conflicts;
}

function violationsOf({ heads, ahead }: Found, commit: Conditional): Violations {
  const violations = new Map<number, readonly string[]>();
  const written = new Map<string, Head | null>(ahead);
  for (const { resourceId, head } of commit.writes) written.set(resourceId, head);
  for (const [place, none] of nonesOf(commit)) {
    const ids = violatingBehind(none, heads.values(), written);
    if (ids.length > 0) violations.set(place, ids);
  }
  return violations;
}
