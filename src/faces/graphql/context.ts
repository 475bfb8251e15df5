/** What the resolvers of one operation share. A transport makes one per request or socket operation and may add to it. */
import type { Session } from "../../resource/session.ts";

export interface GraphqlContext {
  /**
   * Actor, clock and reader of the request. A subscription puts a new one here before each event, because an event must
   * not see what an earlier one has read; events of one subscription are executed one after the other.
   */
  session: Session;
  /** Aborted when the client has gone. */
  readonly signal?: AbortSignal | undefined;
}
