/**
 * What the resolvers of one operation share. A transport makes one per operation, and a new one for each event of a
 * subscription, because an event must not see what was read for an earlier one.
 */
import type { ControllerRequest } from "../../resource/event.ts";
import type { Services } from "../../resource/services.ts";
import type { Session } from "../../resource/session.ts";
import type { ReadNotes } from "../../stores/meta/noted.ts";

export interface GraphqlContext {
  /** Actor, clock and reader. */
  readonly session: Session;
  /** `http://example.org`, as the caller addresses this server; undefined where nobody did. */
  readonly origin?: string | undefined;
  /** What asked for the operation, for request hooks; absent in the events of a subscription, which nobody asks for. */
  readonly controllerRequest?: (() => ControllerRequest) | undefined;
  /** Of a subscription: aborted when it ends. */
  readonly signal?: AbortSignal | undefined;
  /** For this operation, instead of the gateway's. */
  readonly services?: Services | undefined;
}

/** Where a call has come in. */
export interface Arrival extends Pick<GraphqlContext, "origin" | "controllerRequest"> {
  /** Headers of the request or of the websocket's handshake, names in lower case. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** Where what other services are asked is written down, for a caller who may see it. */
  readonly plan?: unknown[] | undefined;
  /** Aborts when the caller goes away before it has its answer. */
  readonly gone?: (() => AbortSignal) | undefined;
  /** Are told what the operation reads. */
  readonly notes?: ReadNotes | undefined;
}
