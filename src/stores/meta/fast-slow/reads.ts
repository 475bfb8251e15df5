/** Reads of both stores as one: the slower one is asked first, the journal behind that, and what it tells is laid over the answer. */
import DataLoader from "dataloader";
import { WeftError } from "../../../base/errors.ts";
import type { Head } from "../../../model/resource-meta.ts";
import { namesIn } from "../../../query/relations.ts";
import type { HeadQuery, MetaStore } from "../meta-store.ts";
import type { KnownHeads } from "./known-heads.ts";
import type { Mirror, View } from "./mirror.ts";
import type { Mover } from "./mover.ts";
import { changesOver, headOver, payloadKeysOver, revisionOver, revisionPageOver } from "./overlay.ts";

export type Reads = Pick<
  MetaStore,
  | "heads"
  | "revisions"
  | "revisionPages"
  | "payloadKeys"
  | "changes"
  | "lastSeq"
  | "search"
  | "count"
  | "referringPages"
  | "referringCounts"
  | "staleStates"
>;

export interface ReadsOptions {
  readonly slow: MetaStore;
  readonly mirror: Mirror;
  readonly mover: Mover;
  readonly known: KnownHeads;
}

/** How often the slower store is asked again where what may have been missed since it was asked is forgotten already. */
const maxAttempts = 5;

export function createReads({ slow, mirror, mover, known }: ReadsOptions): Reads {
  async function both<Answer, Merged>(ask: () => Promise<Answer>, merge: (answer: Answer, view: View) => Merged) {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const from = mirror.state();
      const answer = await ask();
      await mirror.sync();
      const view = mirror.view(from);
      if (view) return merge(answer, view);
    }
    throw new WeftError("STORE_UNAVAILABLE", { hint: "The fast meta store moves on too fast to be followed." });
  }

  function noted(resourceIds: readonly string[], heads: (Head | undefined)[]): (Head | undefined)[] {
    const { epoch, last: seq } = mirror.state();
    for (const [i, id] of resourceIds.entries()) known.note(id, heads[i], { epoch, seq });
    return heads;
  }

  function pendingView(resourceIds: readonly string[]): View | undefined {
    const view = mirror.view(mirror.state());
    return view && resourceIds.every((id) => view.writesOf(id).length > 0) ? view : undefined;
  }

  /** Where all that is asked for is pending, the slower store need not be asked. */
  async function pendingHeads(resourceIds: readonly string[]): Promise<(Head | undefined)[] | undefined> {
    await mirror.sync();
    const view = pendingView(resourceIds);
    return (
      view &&
      noted(
        resourceIds,
        resourceIds.map((id) => headOver(undefined, view, id)),
      )
    );
  }

  function readHeads(resourceIds: readonly string[]): Promise<(Head | undefined)[]> {
    return both(
      () => slow.heads(resourceIds),
      (heads, view) =>
        noted(
          resourceIds,
          resourceIds.map((id, i) => headOver(heads[i], view, id)),
        ),
    );
  }

  /** Calls of one tick are one question: writers that a batch has answered come back together. */
  const heads = new DataLoader(readHeads, { cache: false });
  const bothHeads = (resourceIds: readonly string[]) => Promise.all(resourceIds.map((id) => heads.load(id)));

  /** Everything that was acknowledged before is in the slower store then; of some resource names, or all of it. */
  async function untilArrived(isMeant: (resourceName: string) => boolean): Promise<void> {
    await mirror.sync();
    const awaited = mirror
      .pending()
      .findLast(({ commit }) => commit.writes.some((write) => isMeant(write.resourceName)));
    if (awaited) await mover.arrived(awaited.lastSeq);
  }

  async function afterPending<Query extends Pick<HeadQuery, "resourceName" | "condition">, T>(
    query: Query,
    ask: (query: Query) => Promise<T>,
  ): Promise<T> {
    const others = namesIn(query.condition);
    await untilArrived((name) => name === query.resourceName || others.includes(name));
    return ask(query);
  }

  return {
    async heads(resourceIds) {
      if (resourceIds.length === 0) return slow.heads(resourceIds);
      const pending = pendingView(resourceIds) && (await pendingHeads(resourceIds));
      if (pending) return pending;
      try {
        return await bothHeads(resourceIds);
      } catch (error) {
        // It may be pending without being known to be.
        const late = await pendingHeads(resourceIds);
        if (late) return late;
        throw error;
      }
    },
    revisions: (revisionIds) =>
      both(
        () => slow.revisions(revisionIds),
        (rows, view) => revisionIds.map((id, i) => revisionOver(rows[i], view, id)),
      ),
    revisionPages: (resourceIds, page) =>
      both(
        () => slow.revisionPages(resourceIds, page),
        (pages, view) => resourceIds.map((id, i) => revisionPageOver(pages[i] ?? [], view.writesOf(id), page)),
      ),
    payloadKeys: (resourceId) =>
      both(
        () => slow.payloadKeys(resourceId),
        (keys, view) => payloadKeysOver(keys, view.writesOf(resourceId)),
      ),
    changes: (query) =>
      both(
        () => slow.changes(query),
        (changes, view) => changesOver(changes, view, query),
      ),
    async lastSeq() {
      await mirror.sync();
      return mirror.state().last;
    },
    search: (query) => afterPending(query, (one) => slow.search(one)),
    count: (query) => afterPending(query, (one) => slow.count(one)),
    referringPages: (ids, query) => afterPending(query, (one) => slow.referringPages(ids, one)),
    referringCounts: (ids, query) => afterPending(query, (one) => slow.referringCounts(ids, one)),
    async staleStates(query) {
      await untilArrived(() => true);
      return slow.staleStates(query);
    },
  };
}
