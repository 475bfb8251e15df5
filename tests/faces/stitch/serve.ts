/** A schema served over HTTP, with what it was asked. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { GraphQLSchema } from "graphql";
import { createYoga } from "graphql-yoga";
import type { Gateway } from "../../../src/index.ts";

/** A gateway that keeps nothing, and says nothing. */
export const memory = {
  meta: "memory:",
  payload: "memory:",
  blob: "memory:",
  remoteSchemas: "memory:",
  logLevel: "silent",
} as const;

export interface Served {
  readonly url: string;
  /** Queries since it began, or since they were taken away. */
  readonly asked: string[];
  readonly headers: IncomingHttpHeaders[];
  /** Serves another schema from now on. */
  become(schema: GraphQLSchema): void;
  ask(gateway: Gateway, query: string, options?: AskOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export interface AskOptions {
  readonly variables?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly data?: Record<string, unknown>;
  readonly errors?: { message: string; path: unknown; extensions: Record<string, unknown> }[];
}

export async function serveSchema(first: GraphQLSchema): Promise<Served> {
  let schema = first;
  const asked: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const yoga = createYoga({
    schema: () => schema,
    logging: false,
    maskedErrors: false,
    plugins: [{ onParams: ({ params }) => void asked.push(params.query ?? "") }],
  });
  const server = createServer((request, response) => {
    headers.push(request.headers);
    void yoga(request, response);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    asked,
    headers,
    become(next) {
      schema = next;
    },
    ask,
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export async function ask(gateway: Gateway, query: string, { variables, headers }: AskOptions = {}): Promise<Answer> {
  const response = await gateway.fetch(
    new Request("http://localhost/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query, variables }),
    }),
  );
  return (await response.json()) as Answer;
}
