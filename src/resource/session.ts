/**
 * A session: one request's actor, clock and reader. Everything that one request reads goes through one reader, so that
 * it is batched and read once; a subscription makes a new session per event.
 */
import type { Actor } from "./actor.ts";
import type { Reader } from "./reader.ts";

export interface Session {
  readonly actor: Actor;
  readonly now: Date;
  readonly reader: Reader;
}
