/**
 * MetaReplica: the part of a meta store by which it takes over commits that another one has acknowledged: in their order, each exactly once.
 *
 * A store that cannot do it has no fast store before it (fast-slow/).
 *
 * The two logs are one: what is taken over has the same seqs in both. Whoever replays is the only one who writes to this store meanwhile; that is for
 * the caller to see to, and `after` makes it harmless where it fails.
 *
 * Errors: STORE_UNAVAILABLE as everywhere; whether the call happened is then told by `lastSeq`.
 */
import type { Commit } from "./meta-store.ts";

export interface MetaReplica {
  /**
   * Carries out the commits one behind the other, a resource in several of them if need be, if the newest entry of the log is `after`, so that
   * their entries have the seqs that follow it. All or none, in one atomic and durable write. A call that comes late, or for a second time, finds
   * a longer log and does nothing: `after` is a fence (Kleppmann, "How to do distributed locking"). Provisos are not looked at: they held when the commits were
   * acknowledged, each at its place in the log.
   *
   * @returns whether it happened
   * @throws INTERNAL where a resource has not the etag that a write expects. Nothing is written: the logs are not of one history
   */
  replay(commits: readonly Commit[], after: number): Promise<boolean>;
}

export function isReplica<Store extends Partial<MetaReplica>>(store: Store): store is Store & MetaReplica {
  return store.replay !== undefined;
}
