/** The stores and settings that operations run on: made once by the gateway, handed down, never global. */
import type { Bus } from "../messaging/bus/bus.ts";
import type { Change } from "../model/change.ts";
import type { BlobStore } from "../stores/blob/blob-store.ts";
import type { MetaStore } from "../stores/meta/meta-store.ts";
import type { PayloadStore } from "../stores/payload/payload-store.ts";
import type { Background } from "./events/background.ts";
import type { PayloadCache } from "./payload-cache.ts";
import type { Turns } from "./turns.ts";

export interface Services {
  readonly meta: MetaStore;
  readonly payload: PayloadStore;
  readonly payloadCache: PayloadCache;
  readonly blob: BlobStore;
  readonly bus: Bus;
  /** Writers of one resource in this process take turns, by resource id. */
  readonly turns: Turns;
  /** Called with what was committed, in order of seq, right after each commit of this process. Must not throw. */
  readonly onCommit: (changes: readonly Change[]) => void;
  /** Failures that no caller hears of: an after hook's, a cleanup's. */
  readonly report: (error: unknown, where: string) => void;
  /** Work that no caller waits for. */
  readonly background: Background;
}
