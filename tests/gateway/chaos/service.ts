/** A GraphQL service whose schema changes while it runs: HTTP, websockets and event streams on one port, each request written down. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import {
  buildSchema,
  defaultFieldResolver,
  execute,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getIntrospectionQuery,
  parse,
  subscribe,
  validate,
} from "graphql";
import { createHandler } from "graphql-sse/lib/use/http";
import { useServer } from "graphql-ws/use/ws";
import { type WebSocket, WebSocketServer } from "ws";

export type Resolvers = Readonly<Record<string, GraphQLFieldResolver<unknown, unknown>>>;

export interface Asked {
  readonly query: string;
  readonly variables: unknown;
  readonly headers: IncomingHttpHeaders;
  /** Its connection was closed before it was answered. */
  isGone: boolean;
}

export interface LivingService {
  readonly port: number;
  readonly url: string;
  readonly wsUrl: string;
  /** Queries and mutations, those for its schema aside. */
  readonly asked: Asked[];
  /** Handshakes of websockets and requests for event streams. */
  readonly listened: { readonly headers: IncomingHttpHeaders; readonly params: unknown }[];
  /** Subscriptions that are open now. */
  readonly listeners: number;
  readonly sockets: ReadonlySet<WebSocket>;
  /** Its schema from now on; undefined: SDL that is none. */
  change(sdl: string | undefined): void;
  /** Every subscription that is open gets it. */
  publish(event: Readonly<Record<string, unknown>>): void;
  stop(): Promise<void>;
}

export async function startLivingService(sdl: string, resolvers: Resolvers = {}): Promise<LivingService> {
  let schema: GraphQLSchema | undefined = buildSchema(sdl);
  const sources = new Set<Source>();
  const asked: Asked[] = [];
  const listened: LivingService["listened"] = [];
  const fieldResolver: GraphQLFieldResolver<unknown, unknown> = (source, args, context, info) =>
    (resolvers[`${info.parentType.name}.${info.fieldName}`] ?? defaultFieldResolver)(source, args, context, info);
  const listen = (query: string, variableValues: unknown) =>
    subscribe({
      schema: schema as GraphQLSchema,
      document: parse(query),
      variableValues: variableValues as Record<string, unknown>,
      fieldResolver,
      subscribeFieldResolver: () => eventSource(sources),
    });
  const streams = createHandler({
    schema: () => schema as GraphQLSchema,
    onSubscribe(request, { query, variables }) {
      listened.push({ headers: (request.raw as { headers: IncomingHttpHeaders }).headers, params: undefined });
      if (validate(schema as GraphQLSchema, parse(query)).length > 0) return;
      return {
        schema: schema as GraphQLSchema,
        document: parse(query),
        variableValues: variables,
        contextValue: undefined,
      };
    },
    subscribe: ({ document, variableValues }) =>
      subscribe({
        schema: schema as GraphQLSchema,
        document,
        variableValues,
        fieldResolver,
        subscribeFieldResolver: () => eventSource(sources),
      }) as never,
  });
  const server = createServer(async (request, response) => {
    if (request.headers.accept?.includes("text/event-stream"))
      return streams(request, response).catch(() => response.destroy());
    const { query, variables } = (await json(request)) as { query: string; variables?: Record<string, unknown> };
    const entry: Asked = { query, variables, headers: request.headers, isGone: false };
    response.on("close", () => {
      entry.isGone = !response.writableFinished;
    });
    if (!introspections.has(query)) asked.push(entry);
    const answer = (value: unknown) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (schema === undefined) return answer({ data: { __schema: { queryType: { name: 7 }, types: [{}] } } });
    const document = parse(query);
    const errors = validate(schema, document);
    if (errors.length > 0) return answer({ errors });
    return answer(await execute({ schema, document, variableValues: variables, fieldResolver }));
  });
  const sockets = new WebSocketServer({ server, path: "/graphql" });
  useServer(
    {
      onConnect({ connectionParams, extra }) {
        listened.push({ headers: extra.request.headers, params: connectionParams });
      },
      onSubscribe(_context, _id, { query, variables }) {
        const document = parse(query);
        const errors = validate(schema as GraphQLSchema, document);
        if (errors.length > 0) return errors;
        return { schema: schema as GraphQLSchema, document, variableValues: variables };
      },
      subscribe: ({ document, variableValues }) => listen(document.loc?.source.body ?? "", variableValues) as never,
    },
    sockets,
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    url: `http://127.0.0.1:${port}/graphql`,
    wsUrl: `ws://127.0.0.1:${port}/graphql`,
    asked,
    listened,
    get listeners() {
      return sources.size;
    },
    sockets: sockets.clients,
    change(next) {
      schema = next === undefined ? undefined : buildSchema(next);
    },
    publish(event) {
      for (const source of [...sources]) source.push(event);
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

const introspections = new Set([
  getIntrospectionQuery(),
  getIntrospectionQuery({ specifiedByUrl: true, oneOf: true, inputValueDeprecation: true }),
]);

interface Source {
  push(event: unknown): void;
}

/** Events from now on, until its reader leaves. */
function eventSource(sources: Set<Source>): AsyncIterableIterator<unknown> {
  const queue: unknown[] = [];
  let wake = () => {};
  let isOver = false;
  const source = {
    push(event: unknown) {
      queue.push(event);
      wake();
    },
  };
  sources.add(source);
  return {
    async next() {
      while (!isOver && queue.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return isOver ? { done: true, value: undefined } : { done: false, value: queue.shift() };
    },
    async return() {
      isOver = true;
      sources.delete(source);
      wake();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Waits until it holds, at most 10 s. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited 10 s in vain: ${what}`);
    await delay(5);
  }
}
