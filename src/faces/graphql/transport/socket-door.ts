/**
 * The websocket door: the `graphql-transport-ws` protocol of graphql-ws, over ws. graphql-ws keeps the protocol; this
 * file admits sockets, runs operations through the engine, and decides with which code a socket ends.
 *
 * Close codes: graphql-ws' own, 4403 too for a session that has expired or was ended (`socket-session.ts`), 4413 for a socket that accepts no more bytes (the reason is the cursor to resume behind),
 * 1001 at shutdown, 1009 (RFC 6455) for a message that is too long, 4500 where it cannot be found out who connects.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type ExecutionArgs, type GraphQLError, GraphQLSchema } from "graphql";
import { type Context, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer, type SubscribePayload } from "graphql-ws";
import type { Logger } from "pino";
import { WebSocket, WebSocketServer } from "ws";
import { type ErrorCode, WeftError } from "../../../base/errors.ts";
import { createActorCount } from "./actor-count.ts";
import type { ActorSource } from "./actor-source.ts";
import type { Cors } from "./cors.ts";
import { createDepartures, type Departures } from "./departures.ts";
import type { Engine, Operation, Outcome } from "./engine.ts";
import { publicError } from "./errors.ts";
import { isEventStream } from "./event-stream.ts";
import { createOperationIds, type OperationIds } from "./operation-ids.ts";
import { paramsOf } from "./params.ts";
import type { Presences } from "./presences.ts";
import type { Rates } from "./rates/rates.ts";
import { createSocketFlow, type SocketFlow } from "./socket-flow.ts";
import { createSocketSession, type SocketSession } from "./socket-session.ts";
import type { Exchange } from "./transport.ts";

export interface SocketLimits {
  /** Longest message taken, in bytes. @default 65536 */
  readonly maxMessageBytes: number;
  /** How long a client may take to send `connection_init`, in ms. @default 3000 */
  readonly connectionInitTimeoutMs: number;
  /** Operations that run at once on one socket; more are refused with LIMIT_EXCEEDED. @default 200 */
  readonly maxOperationsPerSocket: number;
  /** Sockets of one authenticated actor; more are closed with 4429. @default 1000 */
  readonly maxSocketsPerActor: number;
  /** Bytes that may wait for a client before its next event is taken. @default 1048576 (1 MiB) */
  readonly maxBufferedBytes: number;
}

export const defaultSocketLimits: SocketLimits = {
  maxMessageBytes: 64 * 1024,
  connectionInitTimeoutMs: 3000,
  maxOperationsPerSocket: 200,
  maxSocketsPerActor: 1000,
  maxBufferedBytes: 1024 * 1024,
};

export interface SocketDoorOptions {
  readonly engine: Engine;
  readonly actors: ActorSource;
  readonly presences: Presences;
  readonly cors: Cors;
  readonly log: Logger;
  /** Absent: nobody counts. */
  readonly rates: Rates | undefined;
  readonly heartbeatMs: number;
  readonly slowConsumerTimeoutMs: number;
  readonly limits: SocketLimits;
}

export interface SocketDoor {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, exchange: Exchange): void;
  /** Waits until every operation has had its last message, at most `graceMs`, then closes the sockets with 1001. */
  close(graceMs: number): Promise<void>;
}

/** What one socket remembers. */
interface Connection {
  readonly session: SocketSession;
  readonly ids: OperationIds;
  readonly departures: Departures;
  context?: SocketContext;
}
type SocketContext = Context<Record<string, unknown>, Connection>;

/** graphql-ws runs nothing by itself: `onSubscribe` brings the outcome, `execute` and `subscribe` hand it on. */
type RunArgs = ExecutionArgs & { readonly outcome: Outcome };
/** graphql-ws keeps what it is given for as long as a subscription lasts, and makes nothing of the schema. */
const noSchema = new GraphQLSchema({});
const handOn = (args: ExecutionArgs) => (args as RunArgs).outcome;

const closeWaitMs = 1000;

export function createSocketDoor(options: SocketDoorOptions): SocketDoor {
  const { cors, limits, log } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxMessageBytes,
    // One of the client's own protocols must be chosen, or its handshake fails and it never hears of 4406.
    handleProtocols(offered) {
      const [first = false] = offered;
      return offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : first;
    },
  });
  const perActor = createActorCount(limits.maxSocketsPerActor);
  const protocol = createProtocol(options);
  const running = new Set<Promise<void>>();

  const serve = (socket: WebSocket, request: IncomingMessage, requestId: string) => {
    const own = new Set<Promise<void>>();
    const close = (code: number, reason: string) =>
      void within(closeWaitMs, Promise.all(own)).then(() => socket.close(code, reason));
    const session = createSocketSession({ ...options, request, requestId, perActor, close });
    const ids = createOperationIds();
    const departures = createDepartures(() => connection.context);
    const connection: Connection = { session, ids, departures };
    const flow = createSocketFlow(socket, {
      maxBufferedBytes: limits.maxBufferedBytes,
      stallMs: options.slowConsumerTimeoutMs,
      heartbeatMs: options.heartbeatMs,
      resumeCursor: () => lowestCursor(connection.context),
    });
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (message) => flow.send(ids.shown(message)),
        close: (code, reason) => socket.close(code, reason),
        onPing: (payload) => answerPing(payload, { connection, flow, actors: options.actors }),
        onMessage(take) {
          socket.on("message", (data) => {
            if (session.isOver) return;
            const message = messageOf(String(data));
            if (isServers(message)) return socket.close(4400, "Invalid message received");
            const settle = renamed(message, ids);
            // Takes what is parsed already, whatever its type says.
            const taken = take(message as string)
              .catch((error: unknown) => closeFailed(socket, error, { log, requestId }))
              .finally(() => {
                settle?.();
                running.delete(taken);
                own.delete(taken);
              });
            running.add(taken);
            own.add(taken);
            departures.check();
          });
        },
      },
      connection,
    );
    socket.on("error", (error) => log.debug({ err: error, requestId }, "websocket"));
    socket.once("close", (code, reason) => {
      flow.dispose();
      session.leave();
      closed(code, String(reason)).catch((error: unknown) => log.error({ err: error, requestId }, "websocket"));
      departures.check();
    });
  };

  return {
    upgrade(request, socket, head, { requestId }) {
      socket.on("error", () => socket.destroy());
      if (!cors.allowsSocket(request.headers.origin, request.headers.host)) {
        socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        return;
      }
      sockets.handleUpgrade(request, socket, head, (websocket) => serve(websocket, request, requestId));
    },
    async close(graceMs) {
      await within(graceMs, Promise.all(running));
      const closed = [...sockets.clients].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
      for (const socket of sockets.clients) socket.close(1001, "Shutting down");
      await within(closeWaitMs, Promise.all(closed));
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

function createProtocol({ engine, limits, rates }: SocketDoorOptions) {
  const run = async (
    context: SocketContext,
    { payload, gone }: { readonly payload: SubscribePayload; readonly gone: () => AbortSignal },
  ): Promise<RunArgs | readonly GraphQLError[]> => {
    if (context.extra.ids.running > limits.maxOperationsPerSocket) return [tooManyOperations(limits)];
    if (rates) {
      await rates.takeAddress(context.extra.session.callOrigin);
      await rates.takeActor(context.extra.session.actor);
    }
    const operation = await engine.find(paramsOf(payload), () => context.extra.session.asking(payload));
    if (!("definition" in operation)) return operation;
    const outcome = await engine.run(operation, context.extra.session.caller(gone));
    // What was refused before it ran is told by `error`, not by a `next` without data.
    if (!isEventStream(outcome) && !("data" in outcome)) return outcome.errors ?? [];
    return runArgs(operation, outcome);
  };

  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: limits.connectionInitTimeoutMs,
    async onConnect(context) {
      context.extra.context = context;
      await context.extra.session.begin(context.connectionParams);
    },
    // A throw would close the socket, and with it every other operation on it.
    onSubscribe: (context, id, payload) =>
      context.extra.departures
        .during(id, (gone) => run(context, { payload, gone }))
        .catch((error: unknown) => engine.translate(error, context.extra.session.requestId)),
    execute: handOn,
    subscribe: handOn,
    // A stream that ends with an error gets here as graphql-ws wraps it; errors of `run` are translated already.
    onError: (context, _id, _payload, errors) =>
      errors
        .flatMap((error) =>
          error.originalError === undefined ? error : engine.translate(error, context.extra.session.requestId),
        )
        .map((error) => error.toJSON()),
  });
}

interface Message {
  readonly type?: unknown;
  id?: unknown;
}

/** The text where it is no object: graphql-ws refuses it. */
function messageOf(text: string): Message | string {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null ? (message as Message) : text;
  } catch {
    return text;
  }
}

/** graphql-ws would call them an error of its own. */
function isServers(message: Message | string): boolean {
  return typeof message === "object" && ["next", "error", "connection_ack"].includes(String(message.type));
}

/** Gives the message the id that its operation runs under. @returns to be called when it is done with */
function renamed(message: Message | string, ids: OperationIds): (() => void) | undefined {
  if (typeof message === "string" || typeof message.id !== "string") return undefined;
  const { id } = message;
  if (message.type === "complete") message.id = ids.complete(id);
  if (message.type !== "subscribe" || id === "") return undefined;
  const inner = ids.begin(id);
  message.id = inner;
  return () => ids.settle(id, inner);
}

/** A payload brings credentials where there are any; without one, a ping is a sign of life. */
async function answerPing(
  payload: Readonly<Record<string, unknown>> | undefined,
  { connection, flow, actors }: { connection: Connection; flow: SocketFlow; actors: ActorSource },
): Promise<void> {
  const isRenewal =
    actors.isAuthenticated &&
    connection.context?.acknowledged === true &&
    typeof payload === "object" &&
    Object.keys(payload).length > 0;
  const answer = isRenewal ? await connection.session.renew(payload) : payload;
  await flow.send(JSON.stringify(answer ? { type: "pong", payload: answer } : { type: "pong" }));
}

function runArgs({ checked, definition, variables }: Operation, outcome: Outcome): RunArgs {
  return {
    schema: noSchema,
    document: checked.document,
    operationName: definition.name?.value,
    variableValues: variables,
    contextValue: {},
    outcome,
  };
}

/** Where a client of this socket can resume all its subscriptions without a loss; empty where none has had an event. */
function lowestCursor(context: SocketContext | undefined): string {
  let lowest = "";
  for (const running of Object.values(context?.subscriptions ?? {})) {
    const cursor = running !== null && isEventStream(running) ? running.cursor : undefined;
    if (cursor !== undefined && (lowest === "" || Number(cursor) < Number(lowest))) lowest = cursor;
  }
  return lowest;
}

const closeCodes: Partial<Record<ErrorCode, readonly [code: number, reason: string]>> = {
  UNAUTHENTICATED: [4401, "Unauthorized"],
  FORBIDDEN: [4403, "Forbidden"],
  RATE_LIMITED: [4429, "Too many sockets of this actor"],
  // Who it is could not be found out; the reason says that one may come again.
  UPSTREAM_UNAVAILABLE: [4500, "Try again later"],
  STORE_UNAVAILABLE: [4500, "Try again later"],
};

function closeFailed(
  socket: WebSocket,
  error: unknown,
  scope: { readonly log: Logger; readonly requestId: string },
): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  const known = error instanceof WeftError ? closeCodes[error.code] : undefined;
  if (known === undefined) scope.log.error({ err: error, requestId: scope.requestId }, "websocket");
  socket.close(...(known ?? [4500, "Internal server error"]));
}

function tooManyOperations({ maxOperationsPerSocket }: SocketLimits): GraphQLError {
  const hint = `At most ${maxOperationsPerSocket} operations run at once on one socket.`;
  return publicError(
    new WeftError("LIMIT_EXCEEDED", { hint, limit: "maxOperationsPerSocket", max: maxOperationsPerSocket }),
  );
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
