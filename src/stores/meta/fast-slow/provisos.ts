/**
 * What a commit with provisos finds, at one seq: what the slower store answers, and over it what is on its way there, as for reads. Nothing needs to have arrived
 * there. A commit that was refused since others touched what it rests on need not ask the slower store again: what they did is in the journal.
 */
import { WeftError } from "../../../base/errors.ts";
import type { Head } from "../../../model/resource-meta.ts";
import type { Commit, MetaStore } from "../meta-store.ts";
import {
  type Conflicts,
  maxViolating,
  nonesOf,
  queryOf,
  type Refusal,
  refusalOf,
  unchangedOf,
  type Violations,
  violatingBehind,
} from "../refusal.ts";
import type { KnownAt } from "./known-heads.ts";
import type { Arrived, Mirror, View } from "./mirror.ts";
import { headOver } from "./overlay.ts";

export interface Finding {
  readonly at: KnownAt;
  readonly refusal: Refusal | undefined;
}

export type Find = () => Promise<Finding>;

/** How often the slower store is asked again in a row, where what has come since is forgotten already, or more than was reckoned with. */
const maxAttempts = 5;
/** Heads that are written while the slower store is asked. */
const spare = 100;

/** As the slower store answered. */
interface Answer {
  readonly from: Arrived;
  readonly heads: readonly (Head | undefined)[];
  /** For each proviso "none" what satisfied its condition, of the lowest ids so many. */
  readonly found: readonly (readonly Head[])[];
  readonly limit: number;
}

/** @returns what finds out how the commit stands by now */
export function findingsFor(
  commit: Commit,
  { slow, mirror }: { readonly slow: MetaStore; readonly mirror: Mirror },
): Find {
  const expected = expectedEtags(commit);
  const ids = [...new Set(expected.map(([id]) => id))];
  const nones = nonesOf(commit);
  const names = new Set(nones.map(([, { resourceName }]) => resourceName));
  let answer: Answer | undefined;

  async function ask(): Promise<Answer> {
    const from = mirror.state();
    const more = commit.writes.length + widthOf(mirror.pending()) + spare;
    const searches = nones.map(([, none]) => slow.search(queryOf(none, more)));
    const [heads, ...found] = await Promise.all([slow.heads(ids), ...searches]);
    return { from, heads, found, limit: maxViolating + more };
  }

  function conflictsOver(heads: Answer["heads"], view: View): Conflicts {
    const current = new Map(ids.map((id, i) => [id, headOver(heads[i], view, id) ?? null]));
    const conflicts = new Map<string, Head | null>();
    for (const [id, etag] of expected) {
      const head = current.get(id) ?? null;
      if ((head?.etag ?? null) !== etag) conflicts.set(id, head);
    }
    return conflicts;
  }

  /** Undefined where it cannot be told from so much of an answer. */
  function violationsOver({ found, limit }: Answer, view: View): Violations | undefined {
    const written = new Map<string, Head | null>();
    const writes = view.records
      .flatMap((record) => record.commit.writes)
      .filter((write) => names.has(write.resourceName));
    for (const { resourceId, head } of [...writes, ...commit.writes]) written.set(resourceId, head);
    const violations = new Map<number, readonly string[]>();
    for (const [i, [place, none]] of nones.entries()) {
      const before = found[i] ?? [];
      const violating = violatingBehind(none, before, written);
      if (violating.length > 0) violations.set(place, violating);
      else if (before.length >= limit) return undefined;
    }
    return violations;
  }

  function over(given: Answer): Finding | undefined {
    const view = mirror.view(given.from);
    if (view === undefined) return undefined;
    const { epoch, last: seq } = mirror.state();
    const conflicts = conflictsOver(given.heads, view);
    const violations = conflicts.size > 0 ? new Map() : violationsOver(given, view);
    return violations && { at: { epoch, seq }, refusal: refusalOf(conflicts, violations) };
  }

  return async () => {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      answer ??= await ask();
      await mirror.sync();
      const finding = over(answer);
      if (finding) return finding;
      answer = undefined;
    }
    throw new WeftError("STORE_UNAVAILABLE", { hint: "The fast meta store moves on too fast to be followed." });
  };
}

function expectedEtags(commit: Commit): (readonly [resourceId: string, etag: string | null])[] {
  const written = commit.writes.map(({ resourceId, previous }) => [resourceId, previous?.etag ?? null] as const);
  return [...written, ...unchangedOf(commit).map(({ resourceId, etag }) => [resourceId, etag] as const)];
}

function widthOf(records: ReturnType<Mirror["pending"]>): number {
  return records.reduce((sum, { commit }) => sum + commit.writes.length, 0);
}
