/** The stores and settings that operations run on: made once by the gateway, handed down, never global. */
import type { Bus } from "../messaging/bus/bus.ts";
import type { Change } from "../model/change.ts";
import type { BlobStore } from "../stores/blob/blob-store.ts";
import type { MetaStore } from "../stores/meta/meta-store.ts";
import type { PayloadStore } from "../stores/payload/payload-store.ts";

export interface Services {
  readonly meta: MetaStore;
  readonly payload: PayloadStore;
  readonly blob: BlobStore;
  readonly bus: Bus;
  readonly limits: Limits;
  /** Called with what was committed, in order of seq, right after each commit of this process. Must not throw. */
  readonly onCommit: (changes: readonly Change[]) => void;
  /** Failures that no caller hears of: an after hook's, a cleanup's. */
  readonly report: (error: unknown, where: string) => void;
}

export interface Limits {
  /** Operations in one JSON Patch. @default 1000 */
  readonly maxPatchOperations: number;
  /** Nesting of objects and lists in data. @default 64 */
  readonly maxDataDepth: number;
  /** Items of a list where the caller names no number. @default 10 */
  readonly defaultLimit: number;
  /** Most items a caller may ask for at once; more is LIMIT_EXCEEDED. @default 1000 */
  readonly maxLimit: number;
  /** Conditions in one query, groups included. @default 1000 */
  readonly maxConditions: number;
}

export const defaultLimits: Limits = {
  maxPatchOperations: 1000,
  maxDataDepth: 64,
  defaultLimit: 10,
  maxLimit: 1000,
  maxConditions: 1000,
};
