/**
 * What the resolvers of one operation share. A transport makes one per operation, and a new one for each event of a
 * subscription, because an event must not see what was read for an earlier one.
 */
import type { Session } from "../../resource/session.ts";

export interface GraphqlContext {
  /** Actor, clock and reader. */
  readonly session: Session;
  /** `http://example.org`, as the caller addresses this server; undefined where nobody did. */
  readonly origin?: string | undefined;
  /** Of a subscription: aborted when it ends. */
  readonly signal?: AbortSignal | undefined;
}
