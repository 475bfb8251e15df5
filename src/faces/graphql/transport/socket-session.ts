/**
 * The session of one websocket: who is behind it, and until when. Credentials come with `connection_init`; a `ping` with a payload brings new
 * ones. Subscriptions go on under the new actor if it is the same user, for each of their events has a context of its own.
 */
import type { IncomingMessage } from "node:http";
import type { Logger } from "pino";
import type { Identity } from "../../../authentication/authenticate.ts";
import { type ErrorCode, WeftError } from "../../../base/errors.ts";
import { type Actor, actorId } from "../../../resource/actor.ts";
import type { ActorCount } from "./actor-count.ts";
import {
  type ActorSource,
  callOriginOf,
  headersOf,
  originOf,
  plainHeadersOf,
  requestOf,
  urlOf,
} from "./actor-source.ts";
import type { Caller } from "./engine.ts";
import type { EventStream } from "./event-stream.ts";
import type { Asking } from "./plugins.ts";
import { type Ending, endings, type Presences } from "./presences.ts";
import type { CallOrigin } from "./rates/rates.ts";

export interface SocketSessionOptions {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly actors: ActorSource;
  readonly perActor: ActorCount;
  readonly presences: Presences;
  readonly log: Logger;
  /** Closes the socket once what runs on it has had its last message. */
  readonly close: (code: number, reason: string) => void;
}

export interface SocketSession {
  readonly requestId: string;
  readonly actor: Actor;
  readonly callOrigin: CallOrigin;
  /** Ended by the gateway: what the client still sends is not read. */
  readonly isOver: boolean;
  /** @throws WeftError for credentials that are refused, and an actor with too many sockets */
  begin(params: Readonly<Record<string, unknown>> | undefined): Promise<void>;
  /** The payload of the pong: `{ expiresAt }`, or `{ error: { code } }` where all stays as it was. */
  renew(params: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  /** For one operation. @throws WeftError UNAUTHENTICATED past the actor's time */
  caller(gone: () => AbortSignal): Caller;
  /** What plugins get as their context. */
  asking(params: object): Asking;
  /** The socket is closed. */
  leave(): void;
}

const nobody: Identity = { actor: null, expiresAt: Number.POSITIVE_INFINITY, askedAt: Number.POSITIVE_INFINITY };

export function createSocketSession(options: SocketSessionOptions): SocketSession {
  const { request, requestId, actors, perActor, presences } = options;
  const streams = new Set<EventStream>();
  let identity = nobody;
  let upgrade: Request | undefined;
  let connectionParams: Readonly<Record<string, unknown>> | undefined;
  let hasLeft = false;
  let isOver = false;
  let isRenewing = false;
  let removePresence = () => {};

  const failStreams = (code: ErrorCode) => {
    for (const stream of [...streams]) stream.fail(code);
  };

  const end = (why: Ending) => {
    isOver = true;
    const { code, reason } = endings[why];
    failStreams(code);
    options.close(4403, reason);
  };

  const adopt = (next: Identity) => {
    if (hasLeft || isOver) throw new WeftError("UNAUTHENTICATED");
    const previous = identity;
    const isSameUser = actorId(previous.actor) === actorId(next.actor);
    if (!isSameUser) perActor.remove(session);
    identity = next;
    if (!isSameUser && actors.isAuthenticated && !perActor.add(session)) {
      identity = previous;
      perActor.add(session);
      throw new WeftError("RATE_LIMITED");
    }
    if (!isSameUser) failStreams("UNAUTHENTICATED");
    removePresence();
    removePresence = presences.add({ identity, end });
  };

  const session: SocketSession = {
    requestId,
    get actor() {
      return identity.actor;
    },
    callOrigin: callOriginOf(request),
    get isOver() {
      return isOver;
    },
    async begin(params) {
      adopt(await actors.ofNode(request, params));
      connectionParams = params;
    },
    async renew(params) {
      // One at a time: whichever ended last would win.
      if (isRenewing) return { error: { code: "RATE_LIMITED" } };
      isRenewing = true;
      try {
        const next = await actors.ofNode(request, params);
        if (next.actor === null) throw new WeftError("UNAUTHENTICATED");
        adopt(next);
        connectionParams = params;
        return { expiresAt: Number.isFinite(next.expiresAt) ? new Date(next.expiresAt).toISOString() : null };
      } catch (error) {
        return { error: { code: codeOf(error, options) } };
      } finally {
        isRenewing = false;
      }
    },
    caller(gone) {
      if (identity.expiresAt <= Date.now()) throw new WeftError("UNAUTHENTICATED");
      const startedAs = actorId(identity.actor);
      return {
        get actor() {
          return identity.actor;
        },
        requestId,
        gone,
        origin: originOf(request),
        controllerRequest: () => ({ ...requestOf(request), connectionParams }),
        headers: () => ({ ...plainHeadersOf(request), ...headersIn(connectionParams) }),
        watch(stream) {
          // It began for a user that is not here any more.
          if (isOver || actorId(identity.actor) !== startedAs) stream.fail("UNAUTHENTICATED");
          else streams.add(stream);
          return () => streams.delete(stream);
        },
      };
    },
    asking(params) {
      upgrade ??= new Request(urlOf(request), { headers: headersOf(request) });
      return { requestId, context: { params, request: upgrade, connectionParams } };
    },
    leave() {
      hasLeft = true;
      removePresence();
      perActor.remove(session);
    },
  };
  return session;
}

/** Browsers cannot set headers of a handshake: `{ headers: { … } }` and `{ authorization }` stand for them. */
function headersIn(params: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, string>> {
  const given = [...Object.entries(params ?? {}).filter(isAuthorization), ...Object.entries(params?.headers ?? {})];
  return Object.fromEntries(
    given.flatMap(([name, value]) => (typeof value === "string" ? [[name.toLowerCase(), value]] : [])),
  );
}

function isAuthorization([name]: readonly [string, unknown]): boolean {
  return name.toLowerCase() === "authorization";
}

function codeOf(error: unknown, { log, requestId }: SocketSessionOptions): ErrorCode {
  if (error instanceof WeftError && error.status < 500) return error.code;
  log.warn({ err: error, requestId }, "renewal");
  return error instanceof WeftError ? error.code : "INTERNAL";
}
