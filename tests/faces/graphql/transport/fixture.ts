/** A transport over a small schema of its own, behind the real server, on a free port. */
import { GraphQLError, type GraphQLSchema } from "graphql";
import { createSchema } from "graphql-yoga";
import { pino } from "pino";
import { WeftError } from "../../../../src/base/errors.ts";
import {
  createGraphqlTransport,
  type GraphqlTransportOptions,
} from "../../../../src/faces/graphql/transport/transport.ts";
import { createRouter } from "../../../../src/faces/http/router.ts";
import { serve } from "../../../../src/faces/http/server.ts";
import type { Actor } from "../../../../src/resource/actor.ts";

interface Context {
  readonly actor: Actor;
  readonly made: number;
  readonly signal: AbortSignal | undefined;
}

const typeDefs = `
  type Query { item(id: ID!): Item  me: String  fail(how: String!): String  wait(ms: Int!): String  self: Query  echo(input: ItemInput): String }
  type Mutation { rename(id: ID!, title: String!): Item }
  type Subscription { ticks(after: String, size: Int): Tick!  failing(code: String!): Tick!  refused: Tick! }
  type Item { id: ID!  title: String  level: Int }
  type Tick { cursor: String!  made: Int!  padding: String! }
  input ItemInput { title: String!  level: Int  tags: [Int!] }
`;

export interface Ticks {
  /** Sources that have not ended. */
  open: number;
  /** Events taken, by all subscriptions together. */
  taken: number;
}

/** Numbers from `after` on: at once up to `limit`, then nothing until it ends. */
export function testSchema(ticks: Ticks, limit = 3): GraphQLSchema {
  const subscribe = (_: unknown, { after = "0", size = 0 }: { after?: string; size?: number }, context: Context) => {
    if (after === "wrong") throw new WeftError("CURSOR_INVALID");
    return ticker({ ticks, limit, from: Number(after), size, signal: context.signal });
  };
  return createSchema<Context>({
    typeDefs,
    resolvers: {
      Query: {
        item: (_, { id }) => ({ id, title: "hello", level: 3 }),
        me: (_, __, context) => JSON.stringify(context.actor),
        self: () => ({}),
        echo: (_, { input }) => JSON.stringify(input),
        wait: (_, { ms }) => new Promise((resolve) => setTimeout(() => resolve("done"), ms)),
        fail: (_, { how }) => {
          throw failure(how);
        },
      },
      Mutation: { rename: (_, args) => ({ ...args, level: 1 }) },
      Subscription: {
        ticks: { subscribe, resolve: tick },
        refused: {
          subscribe: () => {
            throw new WeftError("FORBIDDEN");
          },
        },
        failing: {
          async *subscribe(_: unknown, { code }: { code: "SHUTTING_DOWN" }) {
            yield { seq: 7, size: 0 };
            throw new WeftError(code, { cursor: "7" });
          },
          resolve: tick,
        },
      },
    },
  });
}

function tick(event: { seq: number; size: number }, _: unknown, context: Context) {
  return { cursor: String(event.seq), made: context.made, padding: "x".repeat(event.size) };
}

function failure(how: string): unknown {
  if (how === "weft") return new WeftError("RESOURCE_NOT_FOUND", { resourceId: "todo-item:1" });
  if (how === "coded")
    return new GraphQLError("my own words", { extensions: { code: "TEAPOT", http: { status: 418 } } });
  if (how === "uncoded") return new GraphQLError("select password from users");
  if (how === "many") return new AggregateError([new WeftError("FORBIDDEN"), new Error("secret one")]);
  return new Error("secret: postgres://user:password@host");
}

function ticker(options: { ticks: Ticks; limit: number; from: number; size: number; signal: AbortSignal | undefined }) {
  const { ticks, limit, size, signal } = options;
  let seq = options.from;
  let end = () => {};
  const ended = new Promise<IteratorResult<object>>((resolve) => {
    end = () => resolve({ done: true, value: undefined });
  });
  ticks.open += 1;
  signal?.addEventListener("abort", () => {
    ticks.open -= 1;
    end();
  });
  return {
    async next(): Promise<IteratorResult<object>> {
      if (seq >= limit) return ended;
      seq += 1;
      ticks.taken += 1;
      return { done: false, value: { seq, size } };
    },
    async return() {
      end();
      return { done: true as const, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export interface Fixture extends AsyncDisposable {
  /** Of the path: http://127.0.0.1:PORT/graphql */
  readonly url: string;
  readonly wsUrl: string;
  readonly ticks: Ticks;
  /** What was logged. */
  readonly lines: Record<string, unknown>[];
  fetch(request: Request): Promise<Response>;
  post(body: unknown, headers?: Record<string, string>): Promise<{ status: number; headers: Headers; json: Result }>;
  disconnect(user: string): number;
  close(graceMs?: number): Promise<void>;
}

export interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Record<string, unknown>;
  }[];
}

export async function startFixture(
  options: Partial<GraphqlTransportOptions> & { readonly limit?: number } = {},
): Promise<Fixture> {
  const ticks: Ticks = { open: 0, taken: 0 };
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const schema = testSchema(ticks, options.limit);
  let made = 0;
  let isShuttingDown = false;
  const transport = createGraphqlTransport({
    schema: () => schema,
    createContext: (actor, signal) => ({ actor, signal, made: ++made }),
    defaultActor: () => "anonymous",
    log,
    ...options,
  });
  const health = { check: async () => ({ meta: "ok" }), isShuttingDown: () => isShuttingDown };
  const router = createRouter({ routes: [transport], health, log });
  const server = await serve({ router, host: "127.0.0.1", port: 0, log, endStreams: transport.close });
  const url = `${server.url}/graphql`;
  const close = (graceMs?: number) => {
    isShuttingDown = true;
    return server.close(graceMs);
  };
  return {
    url,
    wsUrl: url.replace("http", "ws"),
    ticks,
    lines,
    fetch: router.fetch,
    async post(body, headers) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      return { status: response.status, headers: response.headers, json: (await response.json()) as Result };
    },
    disconnect: transport.disconnect,
    close,
    [Symbol.asyncDispose]: () => close(200),
  };
}

/** Waits for what will become true; fails after five seconds. */
export async function until(isTrue: () => boolean, ms = 5000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error("It never came true");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
