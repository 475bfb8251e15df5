/**
 * GraphQL Yoga: GET requests, event streams and GraphiQL. `http-door.ts` answers the JSON POST, which is nearly all
 * traffic, by itself; both run operations through the same engine, so Yoga parses and executes nothing.
 */

import { type ExecutionResult, GraphQLError } from "graphql";
import { createYoga, type GraphQLParams, type Plugin } from "graphql-yoga";
import type { Logger } from "pino";
import type { Identity, IncomingRequest } from "../../../authentication/authenticate.ts";
import { WeftError } from "../../../base/errors.ts";
import { refusalHeaders, statusOf, withAsked } from "./answer.ts";
import type { BatchingOptions } from "./batch.ts";
import type { Engine, GraphqlRequest, Outcome } from "./engine.ts";
import { publicError, translate, withoutStatus } from "./errors.ts";
import { type EventStream, isEventStream } from "./event-stream.ts";
import { createGraphiqlPage, type GraphiqlOptions } from "./graphiql.ts";
import { wantedBy } from "./media-types.ts";
import { paramsOf } from "./params.ts";
import { endings, type Presences } from "./presences.ts";
import type { Rates } from "./rates/rates.ts";
import { sseBody, sseHeaders } from "./sse.ts";
import type { Exchange } from "./transport.ts";

export interface YogaOptions {
  readonly path: string;
  readonly engine: Engine;
  readonly presences: Presences;
  readonly log: Logger;
  readonly rates: Rates | undefined;
  readonly batching: BatchingOptions | undefined;
  readonly graphiql: GraphiqlOptions | false;
  readonly heartbeatMs: number;
  /** Hooks of the user's plugins that are about HTTP. */
  readonly plugins: readonly Plugin[];
}

/** What is known of a request besides what Yoga is given. */
export interface Asker {
  identity(): Identity | Promise<Identity>;
  request(): IncomingRequest;
  /** Where the body has been read, and is not what Yoga would read. */
  readonly params?: GraphqlRequest | undefined;
}

interface ServerContext {
  readonly exchange: Exchange;
  readonly asker: Asker;
}

export interface YogaHandler {
  fetch(request: Request, exchange: Exchange, asker: Asker): Promise<Response>;
  /** Has the plugins release what they hold. */
  dispose(): Promise<void>;
}

export function createYogaHandler(options: YogaOptions): YogaHandler {
  const { path, graphiql, log } = options;
  const yoga = createYoga<ServerContext>({
    graphqlEndpoint: path,
    graphiql: graphiql !== false,
    ...(graphiql !== false && { renderGraphiQL: createGraphiqlPage(graphiql) }),
    plugins: [
      // The engine parses, limits, validates and executes: one meaning of a document for every door.
      useWeftEngine(options),
      // Our own event streams: heartbeats by option, and an error that ends one is told before `complete`.
      useEventStreams(options),
      ...options.plugins,
    ],
    maskedErrors: { maskError: (error) => maskYogaError(error, options.plugins.length > 0) },
    // Done ahead of Yoga: http-door.ts.
    cors: false,
    multipart: false,
    maxRequestBodySize: false,
    // Done by the engine.
    parserAndValidationCache: false,
    batching: options.batching === undefined ? false : { limit: options.batching.max },
    extraParamNames: ["documentId"],
    landingPage: false,
    logging: {
      debug() {},
      info() {},
      warn: (...args) => log.warn({ args }, "yoga"),
      error: (...args) => log.error({ args }, "yoga"),
    },
    fetchAPI: { fetch, Request, Response, Headers, ReadableStream, URL, URLSearchParams, TextEncoder, TextDecoder },
  });
  return {
    fetch: async (request, exchange, asker) => yoga.fetch(request, { exchange, asker }),
    dispose: async () => yoga.dispose(),
  };
}

function useWeftEngine({ engine, presences, log, rates }: YogaOptions): Plugin<object, ServerContext> {
  const run = async (params: unknown, request: Request, context: ServerContext): Promise<Outcome> => {
    const { exchange } = context;
    const asking = { requestId: exchange.requestId, context: Object.assign(context, { request, params }) };
    const operation = await engine.find(paramsOf(params), () => asking);
    if (!("definition" in operation)) return { errors: operation };
    const { definition } = operation;
    exchange.operationName = definition.name?.value;
    if (definition.operation === "mutation" && request.method === "GET") throw notByGet();
    const identity = await context.asker.identity();
    if (rates) await rates.takeActor(identity.actor);
    const outcome = await engine.run(operation, {
      actor: identity.actor,
      requestId: exchange.requestId,
      origin: new URL(request.url).origin,
      headers: () => Object.fromEntries(request.headers),
      gone: () => request.signal,
      controllerRequest: context.asker.request,
      watch: (stream) => presences.add({ identity, end: (why) => stream.fail(endings[why].code) }),
    });
    if (isEventStream(outcome)) return outcome;
    return withAsked(
      outcome,
      (header) => request.headers.has(header),
      () => engine.costOf(operation),
    );
  };
  const answer = async ({ params, request, context }: ParamsCall): Promise<Outcome> => {
    const server = context as unknown as ServerContext;
    const wanted = wantedBy(request.headers.get("accept"));
    const outcome = await run(params, request, server).catch((error: unknown) => {
      if (error instanceof GraphQLError) throw error;
      const errors = translate(error, { requestId: server.exchange.requestId, log });
      const headers = refusalHeaders(error, request.headers.get("authorization"));
      return { errors, extensions: { http: { status: refusalStatus(error), headers } } };
    });
    if (isEventStream(outcome) || outcome.extensions !== undefined || "data" in outcome) return outcome;
    const status = wanted.mediaType === undefined ? 200 : statusOf(outcome.errors ?? [], wanted.mediaType);
    return { ...outcome, extensions: { http: { status } } };
  };
  return {
    onRequestParse({ serverContext, setRequestParser }) {
      const { params } = serverContext.asker;
      if (params !== undefined) setRequestParser(() => params as GraphQLParams);
    },
    // Not called where a plugin has a result already.
    onParams({ params, request, setParams, setParamsHandler }) {
      setParamsHandler(answer as never);
      // Yoga knows nothing of operations that are named by an id.
      const documentId = request.method === "GET" ? new URL(request.url).searchParams.get("documentId") : null;
      const isNamed = documentId !== null || "documentId" in params || params.extensions?.persistedQuery != null;
      if (isNamed) setParams({ ...params, query: params.query ?? "", ...(documentId !== null && { documentId }) });
    },
  };
}

interface ParamsCall {
  readonly params: unknown;
  readonly request: Request;
  readonly context: object;
}

function useEventStreams({ engine, heartbeatMs }: YogaOptions): Plugin<object, ServerContext> {
  return {
    onResultProcess({ request, result: outcome, serverContext, setResult, setResultProcessor }) {
      if (Array.isArray(outcome)) return setResult(outcome.map((one) => withoutStream(one as Outcome)));
      const result = withoutHidden(outcome as Outcome, (error) =>
        engine.translate(error, serverContext.exchange.requestId),
      );
      if (result !== outcome) setResult(result);
      const wanted = wantedBy(request.headers.get("accept"));
      const isStream = Symbol.asyncIterator in result;
      if (!wanted.events || (!isStream && wanted.mediaType !== undefined)) {
        if (isStream) setResultProcessor(refuseStream, "application/json");
        return;
      }
      const { requestId } = serverContext.exchange;
      const translateError = (error: unknown) => engine.translate(error, requestId);
      if (isStream) request.signal.addEventListener("abort", () => void (result as EventStream).return());
      setResultProcessor((outcome) => {
        const body = sseBody(withoutHttp(outcome as Outcome), { heartbeatMs, translate: translateError });
        return new Response(body, { headers: sseHeaders });
      }, "text/event-stream");
    },
  };
}

function withoutHttp(outcome: Outcome): Outcome {
  if (isEventStream(outcome)) return outcome;
  const { extensions, errors, ...result } = outcome;
  const { http: _http, ...shown } = extensions ?? {};
  return {
    ...(errors && { errors: errors.map(withoutStatus) }),
    ...result,
    ...(Object.keys(shown).length > 0 && { extensions: shown }),
  };
}

/** What a batch has no place for. */
function withoutStream(outcome: Outcome): ExecutionResult {
  if (!isEventStream(outcome)) return withoutHttp(outcome) as ExecutionResult;
  void outcome.return();
  return { errors: [noStream()] };
}

function refuseStream(outcome: unknown): Response {
  if (typeof outcome === "object" && outcome !== null && isEventStream(outcome)) void outcome.return();
  return Response.json({ errors: [noStream()] }, { status: 406 });
}

export function noStream(): GraphQLError {
  const hint = "Subscriptions are served as text/event-stream and over websockets.";
  return publicError(new WeftError("VALIDATION_FAILED", { hint, issues: [{ path: [], message: hint }] }));
}

function notByGet(): GraphQLError {
  const error = publicError(new WeftError("GRAPHQL_VALIDATION_FAILED", { hint: "Mutations are taken by POST only." }));
  error.extensions.http = { status: 405, headers: { allow: "POST" } };
  return error;
}

function refusalStatus(error: unknown): number {
  if (!(error instanceof WeftError)) return 500;
  return error.code === "VALIDATION_FAILED" ? 400 : error.status;
}

/** By what stands for it: an error of a plugin, until the request is known in whose name it is logged. */
const hidden = new WeakMap<GraphQLError, unknown>();

/**
 * Yoga's own complaints about a request, in our words: what the engine answers never comes here. What else is thrown on the way is a plugin's; without any, it is the
 * parameters'.
 */
function maskYogaError(error: unknown, hasPlugins: boolean): Error {
  if (error instanceof GraphQLError && error.extensions.code !== "BAD_REQUEST") return error;
  if (hasPlugins && !(error instanceof GraphQLError) && !(error instanceof SyntaxError)) {
    const masked = publicError(error instanceof WeftError ? error : new WeftError("INTERNAL"));
    masked.extensions.http = { status: refusalStatus(error) };
    hidden.set(masked, error);
    return masked;
  }
  const hint = error instanceof GraphQLError ? error.message : "The parameters are not JSON.";
  const masked = publicError(new WeftError("VALIDATION_FAILED", { hint, issues: [{ path: [], message: hint }] }));
  masked.extensions.http = (error instanceof GraphQLError ? error.extensions.http : undefined) ?? { status: 400 };
  return masked;
}

/** With errors of plugins as clients get them. */
function withoutHidden(outcome: Outcome, translated: (error: unknown) => readonly GraphQLError[]): Outcome {
  if (isEventStream(outcome) || !outcome.errors?.some((error) => hidden.has(error))) return outcome;
  const errors = outcome.errors.flatMap((error) => {
    if (!hidden.has(error)) return error;
    const { http } = error.extensions;
    return translated(hidden.get(error)).map((shown) =>
      Object.assign(shown, { extensions: { ...shown.extensions, http } }),
    );
  });
  return { ...outcome, errors };
}
