/**
 * Would a commit happen? Asked of a store by reading, since a commit cannot be tried: what it rests on is looked up, each for itself. Another commit may
 * come in between, and behind it the answer may be another one.
 */
import type { Head } from "../../model/resource-meta.ts";
import type { Commit, MetaStore } from "./meta-store.ts";
import { nonesOf, queryOf, type Refusal, refusalOf, unchangedOf, violatingBehind } from "./refusal.ts";

/** @returns what `commit` would answer where it would not happen */
export async function refusalOfRehearsal(
  meta: Pick<MetaStore, "heads" | "search">,
  commit: Commit,
): Promise<Refusal | undefined> {
  const conflicts = await conflictsOf(meta, commit);
  if (conflicts.size > 0) return refusalOf(conflicts);
  const written = new Map(commit.writes.map(({ resourceId, head }) => [resourceId, head]));
  const violations = new Map<number, readonly string[]>();
  for (const [place, none] of nonesOf(commit)) {
    // As many more as may be written over: those do not count as they are now.
    const before = await meta.search(queryOf(none, written.size));
    const ids = violatingBehind(none, before, written);
    if (ids.length > 0) violations.set(place, ids);
  }
  return refusalOf(conflicts, violations);
}

async function conflictsOf(meta: Pick<MetaStore, "heads">, commit: Commit): Promise<Map<string, Head | null>> {
  const expected = [
    ...commit.writes.map(({ resourceId, previous }) => ({ resourceId, etag: previous?.etag ?? null })),
    ...unchangedOf(commit),
  ];
  const heads = await meta.heads(expected.map(({ resourceId }) => resourceId));
  const conflicts = new Map<string, Head | null>();
  for (const [i, { resourceId, etag }] of expected.entries()) {
    const head = heads[i] ?? null;
    if ((head?.etag ?? null) !== etag) conflicts.set(resourceId, head);
  }
  return conflicts;
}
