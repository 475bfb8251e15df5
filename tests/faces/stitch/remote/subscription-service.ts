/** A service with subscriptions over websockets and over server-sent events, on graphql-ws' and graphql-sse's own servers. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { buildSchema, type ExecutionResult, parse, subscribe, validate } from "graphql";
import { createHandler } from "graphql-sse/lib/use/http";
import { useServer } from "graphql-ws/use/ws";
import { type WebSocket, WebSocketServer } from "ws";

export interface Subscribed {
  readonly protocol: "ws" | "sse";
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly connectionParams: Readonly<Record<string, unknown>> | undefined;
}

export interface SubscriptionService {
  readonly port: number;
  readonly url: string;
  readonly wsUrl: string;
  /** All that were ever asked for. */
  readonly subscribed: Subscribed[];
  /** Those that are open now. */
  readonly open: number;
  readonly sockets: ReadonlySet<WebSocket>;
  /** Every `ticks` that is open gets it. */
  publish(tick: number): void;
  /** Every subscription that is open is completed. */
  complete(): void;
  stop(): Promise<void>;
}

export const schema = buildSchema(`
  type Query { a: Int }
  type Subscription { ticks(of: String): Int, text(size: Int!): String }
`);

interface Listener {
  push(tick: number): void;
  end(): void;
}

/** A stream that can be left while it waits. */
function ticks(listeners: Set<Listener>): AsyncIterableIterator<{ ticks: number }> {
  const queue: number[] = [];
  let wake: (() => void) | undefined;
  let isOver = false;
  const listener: Listener = {
    push(tick) {
      queue.push(tick);
      wake?.();
    },
    end() {
      isOver = true;
      listeners.delete(listener);
      wake?.();
    },
  };
  listeners.add(listener);
  return {
    async next() {
      for (;;) {
        const tick = queue.shift();
        if (tick !== undefined) return { done: false, value: { ticks: tick } };
        if (isOver) return { done: true, value: undefined };
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async return() {
      listener.end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export interface ServiceOptions {
  /** Called before a subscription is taken: may throw, or give a result to answer instead. */
  readonly onSubscribe?: (subscribed: Subscribed, socket: WebSocket | undefined) => void;
  readonly port?: number;
}

export async function startSubscriptionService(options: ServiceOptions = {}): Promise<SubscriptionService> {
  const listeners = new Set<Listener>();
  const subscribed: Subscribed[] = [];
  const rootValue = {
    ticks: () => ticks(listeners),
    async *text({ size }: { size: number }) {
      yield { text: "x".repeat(size) };
    },
  };
  const note = (entry: Subscribed, socket?: WebSocket) => {
    subscribed.push(entry);
    options.onSubscribe?.(entry, socket);
  };
  const run = (query: string, variableValues: Record<string, unknown> | null | undefined) =>
    subscribe({ schema, document: parse(query), rootValue, variableValues });

  const handler = createHandler({
    schema,
    async onSubscribe(request, { query, variables }) {
      const headers = (request.raw as { headers: IncomingHttpHeaders }).headers;
      note({ protocol: "sse", query, variables: variables ?? undefined, headers, connectionParams: undefined });
      // graphql-sse answers errors of its own checks itself.
      if (validate(schema, parse(query)).length > 0) return;
      return { schema, document: parse(query), rootValue, contextValue: undefined, variableValues: variables };
    },
    subscribe: (args) => subscribe(args) as Promise<AsyncGenerator<ExecutionResult>>,
  });
  const server = createServer((request, response) => {
    // It rejects where it writes to a client that has gone.
    handler(request, response).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({ server, path: "/graphql" });
  useServer(
    {
      schema,
      onSubscribe({ connectionParams, extra }, _id, { query, variables }) {
        const { headers } = extra.request;
        const params = connectionParams as Subscribed["connectionParams"];
        note(
          { protocol: "ws", query, variables: variables ?? undefined, headers, connectionParams: params },
          extra.socket,
        );
        const errors = validate(schema, parse(query));
        if (errors.length > 0) return errors;
        return { schema, document: parse(query), rootValue, variableValues: variables };
      },
      subscribe: ({ document, variableValues }) =>
        subscribe({ schema, document, rootValue, variableValues }) as ReturnType<typeof run>,
    },
    sockets,
  );
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    url: `http://127.0.0.1:${port}/graphql`,
    wsUrl: `ws://127.0.0.1:${port}/graphql`,
    subscribed,
    get open() {
      return listeners.size;
    },
    sockets: sockets.clients,
    publish(tick) {
      for (const listener of listeners) listener.push(tick);
    },
    complete() {
      for (const listener of [...listeners]) listener.end();
    },
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
