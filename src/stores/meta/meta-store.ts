/**
 * MetaStore: the state of all resources (heads), their revisions, and the change log, kept consistent with each other.
 *
 * The resource floor writes through `commit` only and reads through the rest; nobody else holds a store. The head is a
 * projection of the log: a driver may keep it separately, but the two never disagree after a commit or a crash.
 * Payload bytes are not here: rows name them by key.
 *
 * Order. `seq` counts 1, 2, 3, … without gaps, in commit order, over all resources. Commit order = seq order = what
 * readers see: a reader that has seen N never later finds a new entry at or below N. Each driver states how.
 *
 * Reads see every commit that was acknowledged before they began (read-your-writes, on this and on every node of the
 * same store). Each call is atomic in itself; two calls are not one snapshot.
 *
 * Not promised: transactions over several calls, order among concurrent commits, checks of permissions or contents.
 *
 * Errors: every call answers STORE_UNAVAILABLE where the store cannot be reached in time. A `commit` that fails so may or may
 * not have happened: look the commit's etags up before you repeat it.
 */
import type { Examinable } from "../../base/finding.ts";
import type { Change } from "../../model/change.ts";
import type { Head } from "../../model/resource-meta.ts";
import type { Revision } from "../../model/revision.ts";
import type { Condition, PlainCondition, QueryField, SortKey } from "../../query/condition.ts";
import type { SortPosition } from "../../query/sort.ts";
import type { MetaIndex } from "./meta-index.ts";
import type { MetaReplica } from "./meta-replica.ts";

export type { SortPosition } from "../../query/sort.ts";

export interface MetaStore extends MetaIndex, Partial<MetaReplica>, Examinable {
  /** Heads by id, deleted ones included, in the order asked; undefined where there is none. One statement. */
  heads(resourceIds: readonly string[]): Promise<(Head | undefined)[]>;

  /** Revisions by id, in the order asked; undefined where there is none. One statement. Deletion plays no part. */
  revisions(revisionIds: readonly string[]): Promise<(Revision | undefined)[]>;

  /**
   * For each resource the same page of its history, newest first; [] for an unknown one. One statement for all.
   * Newest = highest revision number.
   */
  revisionPages(resourceIds: readonly string[], page: RevisionPage): Promise<Revision[][]>;

  /** Heads that satisfy a checked condition, in the order of `sort` and then resourceId. Executed in the store; one statement. */
  search(query: HeadQuery): Promise<Head[]>;

  /** How many heads satisfy it; `sort`, `limit`, `offset` and positions play no part. */
  count(query: Pick<HeadQuery, "resourceName" | "condition">): Promise<number>;

  /**
   * For each id the same page of those heads whose field `by` holds it, as `search` would answer; [] where there is none. All of one moment.
   * One statement for all.
   */
  referringPages(resourceIds: readonly string[], query: ReferringQuery): Promise<Head[][]>;

  /** For each id how many heads of the name hold it and satisfy the condition. One statement for all. */
  referringCounts(
    resourceIds: readonly string[],
    query: Pick<ReferringQuery, "resourceName" | "by" | "condition">,
  ): Promise<number[]>;

  /**
   * One atomic write: all of its writes or none, with their log entries at consecutive seqs in the order given.
   * Compare-and-set: it happens only if each resource still has the etag expected, and every proviso holds; else nothing is written and the
   * current heads of all that differ are returned, or what violates the provisos. Durable when it resolves. The changes it answers are those that
   * `changes` then shows. Without writes it is done, with no entry.
   */
  commit(commit: Commit): Promise<CommitOutcome>;

  /** Log entries with seq > `after`, ascending, at most `limit`. An entry without matching name or id is skipped, not counted. */
  changes(query: ChangeQuery): Promise<Change[]>;

  /** The seq of the newest entry; 0 for an empty log. */
  lastSeq(): Promise<number>;

  /** Every payload key that a revision or a change of the resource names, once each: what a purge must remove, what gc must keep. */
  payloadKeys(resourceId: string): Promise<string[]>;

  /** Resolves where the store answers; else STORE_UNAVAILABLE. For readiness. */
  ping(): Promise<void>;

  /** Waits for commits under way, then releases everything. Later calls answer STORE_UNAVAILABLE. Idempotent. */
  close(): Promise<void>;
}

export interface RevisionPage {
  /** At least 0. */
  readonly limit: number;
  /** Only revisions with a number below / above it. */
  readonly before?: number;
  readonly after?: number;
  /** `oldestFirst` pages from the other end; results still come newest first. @default false */
  readonly fromOldest?: boolean;
}

export interface HeadQuery<Sought = Condition> {
  readonly resourceName: string;
  readonly condition: Sought;
  readonly sort: readonly SortKey[];
  readonly limit: number;
  /** How many to skip of those that satisfy all else, from the end that `limit` takes from. @default 0 */
  readonly offset?: number;
  /** Only heads strictly behind this position in the order. */
  readonly after?: SortPosition;
  /** Only heads strictly before it. */
  readonly before?: SortPosition;
  /** Take the last `limit` of what remains instead of the first; they still come in the order of `sort`. @default false */
  readonly fromEnd?: boolean;
}

/** The heads that refer to a resource, by one of their reference fields. */
export interface ReferringQuery extends HeadQuery {
  /** Indexed data: one id (`text`), or some (`list`). */
  readonly by: QueryField;
}

export interface Commit {
  readonly commitId: string;
  readonly actor: string;
  readonly time: Date;
  /** Each resource at most once. */
  readonly writes: readonly HeadWrite[];
  /** What must be so besides, looked at in the same atomic step, with the writes done: else nothing is written. @default nothing */
  readonly provisos?: readonly Proviso[];
}

/**
 * What a commit rests on, beside the heads that it writes over. Since commits happen one after the other, what holds when one is made holds
 * until another changes it: so unique values stay unique, and what was found to be referred to by nobody is so when it goes.
 */
export type Proviso =
  /** A resource that the commit does not write has this etag still; null: there is none. */
  | { readonly kind: "unchanged"; readonly resourceId: string; readonly etag: string | null }
  /**
   * Of the heads of a name, none but these satisfies a checked condition. Executed as `search` does. Without relations: what holds behind the writes of
   * this commit and of those beside it is told of each head by itself.
   */
  | {
      readonly kind: "none";
      readonly resourceName: string;
      readonly condition: PlainCondition;
      /** @default none */
      readonly except?: readonly string[];
    };

export interface HeadWrite {
  readonly resourceName: string;
  readonly resourceId: string;
  /** The head this write was planned upon; null: there must be none. Compared by etag. */
  readonly previous: Head | null;
  /**
   * The new head. Null removes the resource with its revisions (a purge) and empties all its log entries, those of earlier
   * lives of the id and this one too: they keep seq, commit, action, ids, actor and time; `head` and `revision` become
   * null, `previousHead` undefined where there was one, `changedPaths` [] but for create and purge.
   */
  readonly head: Head | null;
  /** The current revision after the write: inserted where its number is new, else put in place of the old row. Absent where no revision row changes. */
  readonly revision?: Revision;
  /** As `Change` says. `currentRevision` is what the log shows as this change's revision (null for a purge). */
  readonly action: Change["action"];
  readonly changedPaths: readonly string[];
  readonly currentRevision: Revision | null;
}

export type CommitOutcome =
  | { readonly isCommitted: true; readonly changes: readonly Change[] }
  | {
      readonly isCommitted: false;
      /** The current head of each resource, written or `unchanged`, whose etag differs; null where there is none. */
      readonly conflicts: ReadonlyMap<string, Head | null>;
      /** Where there are no conflicts: by the place of a proviso "none" in the commit, ids of heads that satisfy its condition, at least one and at most 10. */
      readonly violations: ReadonlyMap<number, readonly string[]>;
    };

export interface ChangeQuery {
  readonly after: number;
  readonly limit: number;
  /** Only of these; of none where it is empty. */
  readonly resourceNames?: readonly string[];
  readonly resourceId?: string;
}
