/**
 * A session: one request's actor, clock and reader. Everything that one request reads goes through one reader, so that
 * it is batched and read once; a subscription makes a new session per event.
 */

import type { Actor } from "./actor.ts";
import { createReader, type Reader } from "./reader.ts";
import type { Services } from "./services.ts";

export interface Session {
  readonly actor: Actor;
  /** Policies are passed by. */
  readonly isRoot: boolean;
  /** When it acts; undefined: each operation asks its model's clock. */
  readonly now: Date | undefined;
  readonly reader: Reader;
}

export interface SessionOptions {
  /** A function where it may become another while the session lasts. */
  readonly actor: Actor | (() => Actor);
  readonly now?: Date | undefined;
  /** @default false */
  readonly isRoot?: boolean;
}

export function createSession(services: Services, { actor, now, isRoot = false }: SessionOptions): Session {
  const reader = createReader(services);
  if (typeof actor !== "function") return { actor, isRoot, now, reader };
  return {
    get actor() {
      return actor();
    },
    isRoot,
    now,
    reader,
  };
}
