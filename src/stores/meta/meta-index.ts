/**
 * MetaIndex: the part of a meta store that keeps searches by indexed fields fast, and their data up to date with the model.
 *
 * `indexedData` is made of the payload when it is written. Where a model's indexed fields change later, what was written before lacks them:
 * those states are found by their fingerprint, made anew from their payloads above this floor, and put in place here. Nothing
 * happens to the resources by that: no change, no etag, no time.
 *
 * Errors: STORE_UNAVAILABLE as everywhere. Calls that fail so may be repeated.
 */
import type { JsonObject } from "../../base/json.ts";
import type { PayloadPointer } from "../../model/resource-meta.ts";
import type { QueryField, SortKey } from "../../query/condition.ts";

export interface MetaIndex {
  /**
   * Makes sure that searches of a resource can use indexes, without blocking writers, and drops those that this call
   * does not ask for any more. Resolves when it is done; searches are right before that, only slower. A driver that needs none
   * resolves at once.
   * @param orders each is an index over its fields in turn
   * @param substrings fields of texts that are searched by their parts: `contains`, `endsWith`, `regex` and the like. Indexed where the store can. @default none
   */
  index(
    resourceName: string,
    orders: readonly (readonly SortKey[])[],
    substrings?: readonly QueryField[],
  ): Promise<void>;

  /**
   * States in the log, current ones and earlier ones, whose indexed data were made under another fingerprint: with seq >
   * `after`, ascending, at most `limit`. Purged ones have none.
   */
  staleStates(query: StaleQuery): Promise<StaleState[]>;

  /**
   * Replaces the indexed data of states, and of the heads that they are current in; atomic for each of them. Compare-and-set: a
   * state that was purged in the meantime is left out.
   * @returns how many were replaced
   */
  reindex(states: readonly IndexedState[]): Promise<number>;
}

export interface StaleQuery {
  readonly resourceName: string;
  /** The model's now. */
  readonly indexFingerprint: string;
  readonly after: number;
  readonly limit: number;
}

/** What a change left behind. */
export interface StaleState {
  readonly seq: number;
  readonly resourceId: string;
  readonly payload: PayloadPointer;
}

export interface IndexedState {
  readonly seq: number;
  readonly resourceId: string;
  /** Of the payload that the data were made of: the state is still there where it has this one. */
  readonly payloadKey: string;
  readonly indexedData: JsonObject;
  readonly indexFingerprint: string;
}
