/** A supergraph of three services, each a graphql-js schema behind a remote of the tests' own: frozen answers, counted requests, faults at will. */
import { execute, type GraphQLSchema, parse, subscribe } from "graphql";
import { WeftError } from "../../../../src/base/errors.ts";
import type {
  Remote,
  RemoteCaller,
  RemoteRequest,
  RemoteResult,
  UnavailableReason,
} from "../../../../src/faces/stitch/remote/remote.ts";
import { createSupergraph, type SupergraphOptions } from "../../../../src/faces/stitch/supergraph/supergraph.ts";
import { serviceSchemas } from "./services.ts";
import { shopSdl } from "./shop-sdl.ts";

export interface Asked extends RemoteRequest {
  readonly service: string;
  readonly caller: RemoteCaller;
}

export interface Shop {
  readonly schema: GraphQLSchema;
  readonly urls: ReadonlyMap<string, string>;
  readonly asked: Asked[];
  /** Services that answer nothing. */
  readonly lost: Map<string, UnavailableReason>;
  ask(query: string, caller?: RemoteCaller | null): Promise<Answer>;
}

/** As a client reads it. */
export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly data?: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

export const nobody: RemoteCaller = { actor: null, headers: {} };

export function createShop(options: Partial<SupergraphOptions> = {}): Shop {
  const asked: Asked[] = [];
  const lost = new Map<string, UnavailableReason>();
  const remoteOf = (service: string): Remote => {
    const schema = serviceSchemas[service];
    if (schema === undefined) throw new Error(`There is no service ${service}.`);
    const heard = (request: RemoteRequest, caller: RemoteCaller) => {
      asked.push({ ...request, service, caller });
      const reason = lost.get(service);
      if (reason !== undefined) throw new WeftError("UPSTREAM_UNAVAILABLE", { service, reason });
      return { schema, document: parse(request.query), variableValues: request.variables ?? {} };
    };
    return {
      name: service,
      execute: async (request, caller) => frozen(await execute(heard(request, caller))),
      async *subscribe(request, caller) {
        const source = await subscribe(heard(request, caller));
        if (!(Symbol.asyncIterator in source)) throw new Error(JSON.stringify(source));
        for await (const event of source) yield frozen(event);
      },
      close: async () => {},
    };
  };
  const { schema, urls } = createSupergraph({ sdl: shopSdl, remoteOf, ...options });
  return {
    schema,
    urls,
    asked,
    lost,
    ask: async (query, caller = nobody) =>
      answerOf(await execute({ schema, document: parse(query), contextValue: caller })),
  };
}

export function answerOf(result: unknown): Answer {
  return JSON.parse(JSON.stringify(result));
}

/** Remotes share what they answer: a write to it fails. */
function frozen(result: unknown): RemoteResult {
  const parsed: RemoteResult = JSON.parse(JSON.stringify(result));
  deepFreeze(parsed);
  return parsed;
}

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const inner of Object.values(value)) deepFreeze(inner);
  Object.freeze(value);
}
