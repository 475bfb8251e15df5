/**
 * The HTTP door. The JSON POST, which is nearly all traffic, goes straight from Node's request to the engine and back: Yoga
 * behind its WHATWG objects takes 235 µs of CPU for a static answer, this 67, bare Node 20 (medians, one run). The rest goes to
 * Yoga, and both doors of it, `handle` for the server and `fetch` without one, are the same code over `Incoming`.
 *
 * A POST must be `application/json`, which no page of another origin can send without a preflight, and a GET of such a page is
 * refused; so there are no simple requests that change or cost anything, and no token is needed against cross-site request forgery.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { Identity } from "../../../authentication/authenticate.ts";
import { WeftError } from "../../../base/errors.ts";
import type { ActorSource } from "./actor-source.ts";
import { type Answer, answerResult, refusalHeaders, refuse, refuseHttp, withAsked } from "./answer.ts";
import { type BatchingOptions, checkBatch, runBatch } from "./batch.ts";
import { decompress, isKnownEncoding } from "./body.ts";
import type { Cors } from "./cors.ts";
import type { Caller, Engine, GraphqlRequest, Operation } from "./engine.ts";
import { isEventStream } from "./event-stream.ts";
import { type GraphiqlOptions, graphiqlPolicy } from "./graphiql.ts";
import { fromFetch, fromNode, type Incoming } from "./incoming.ts";
import { isJsonContent, json, wantedBy } from "./media-types.ts";
import { readMultipart } from "./multipart.ts";
import { writeAnswer, writeEarlyAnswer, writeResponse } from "./node-response.ts";
import { bodyOf, paramsOf, parseJson } from "./params.ts";
import type { Presences } from "./presences.ts";
import type { Rates } from "./rates/rates.ts";
import type { Exchange } from "./transport.ts";
import { createYogaHandler, noStream, type YogaOptions } from "./yoga.ts";

export interface HttpDoorOptions {
  readonly path: string;
  readonly engine: Engine;
  readonly actors: ActorSource;
  readonly presences: Presences;
  readonly cors: Cors;
  readonly log: Logger;
  readonly maxBodyBytes: number;
  /** Of one file of a multipart request. */
  readonly maxUploadBytes: number;
  /** Absent: nobody counts. */
  readonly rates: Rates | undefined;
  /** Absent: one operation a request. */
  readonly batching: BatchingOptions | undefined;
  readonly graphiql: GraphiqlOptions | false;
  readonly heartbeatMs: number;
  readonly slowConsumerTimeoutMs: number;
  /** Where there are any, every request goes through Yoga. */
  readonly plugins: YogaOptions["plugins"];
}

export interface HttpDoor {
  handle(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void>;
  fetch(request: Request, exchange: Exchange): Promise<Response>;
  /** Does it bring files? */
  takesUpload(request: IncomingMessage): boolean;
  dispose(): Promise<void>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Call {
  readonly incoming: Incoming;
  readonly exchange: Exchange;
  readonly identity: Identity;
}

export function createHttpDoor(options: HttpDoorOptions): HttpDoor {
  const { engine, actors, cors, maxBodyBytes, rates } = options;
  const yoga = createYogaHandler(options);
  const hasPlugins = options.plugins.length > 0;

  /** Undefined for a stream. */
  const resultOf = async (operation: Operation, { incoming, exchange, identity }: Call) => {
    const caller: Mutable<Caller> = {
      actor: identity.actor,
      requestId: exchange.requestId,
      origin: incoming.origin(),
      controllerRequest: incoming.request,
      headers: incoming.headers,
      gone: incoming.gone,
    };
    const outcome = await engine.run(operation, caller);
    // Contexts outlive their operations for a while, as keys of weak maps; with the request behind them that costs a tenth of a short read.
    caller.controllerRequest = caller.headers = caller.gone = undefined;
    if (isEventStream(outcome)) return undefined;
    return withAsked(
      outcome,
      (header) => incoming.header(header) !== null,
      () => engine.costOf(operation),
    );
  };

  /** Undefined where the operation is for Yoga. */
  const answerParams = async (
    params: GraphqlRequest,
    incoming: Incoming,
    exchange: Exchange,
  ): Promise<Answer | undefined> => {
    const { mediaType, events } = wantedBy(incoming.header("accept"));
    if (mediaType === undefined || hasPlugins) return undefined;
    const found = engine.find(params, noAsking);
    const operation = found instanceof Promise ? await found : found;
    if (!("definition" in operation)) return answerResult({ errors: operation }, mediaType);
    const { definition } = operation;
    exchange.operationName = definition.name?.value;
    if (definition.operation === "subscription") {
      return events ? undefined : { ...answerResult({ errors: [noStream()] }, mediaType), status: 406 };
    }
    const identity = actors.isAuthenticated ? await incoming.identity() : (incoming.identity() as Identity);
    if (rates) await rates.takeActor(identity.actor);
    const result = await resultOf(operation, { incoming, exchange, identity });
    return result && answerResult(result, mediaType);
  };

  const answerBatch = async (
    items: readonly unknown[],
    incoming: Incoming,
    exchange: Exchange,
  ): Promise<Answer | Response> => {
    checkBatch(items, options.batching);
    await rates?.takeAddress(incoming.callOrigin(), items.length - 1);
    if (hasPlugins) return yoga.fetch(incoming.toRequest(items), exchange, incoming);
    if (wantedBy(incoming.header("accept")).mediaType === undefined) return notAcceptable();
    const identity = await incoming.identity();
    await rates?.takeActor(identity.actor, items.length);
    exchange.operationName = `batch of ${items.length}`;
    const results = await runBatch(items, {
      find: async (params) => engine.find(params, noAsking),
      async run(operation) {
        if (operation.definition.operation === "subscription") return { errors: [noStream()] };
        return (await resultOf(operation, { incoming, exchange, identity })) ?? { errors: [noStream()] };
      },
    });
    return { status: 200, mediaType: json, body: JSON.stringify(results) };
  };

  const answerMultipart = async (
    incoming: Incoming,
    contentType: string,
    exchange: Exchange,
  ): Promise<Answer | Response> => {
    if (!incoming.header(csrfHeader)) return notJson(`A multipart request needs the header ${csrfHeader}.`);
    if (incoming.header("content-encoding")) return refuseHttp(415, "A multipart request is taken as it is.");
    const limits = { maxBodyBytes, maxUploadBytes: options.maxUploadBytes, maxFiles };
    const { params, end } = await readMultipart(incoming.stream(), contentType, limits);
    try {
      if (hasPlugins) return await yoga.fetch(incoming.toRequest(), exchange, { ...incoming, params });
      return (await answerParams(params, incoming, exchange)) ?? notAcceptable();
    } finally {
      end();
    }
  };

  const answerPost = async (incoming: Incoming, exchange: Exchange): Promise<Answer | Response> => {
    const contentType = incoming.header("content-type");
    if (isMultipart(contentType)) return answerMultipart(incoming, contentType, exchange);
    if (!isJsonContent(contentType)) return notJson();
    const encoding = incoming.header("content-encoding");
    if (!isKnownEncoding(encoding))
      return refuseHttp(415, "The content-encoding is not supported.", { "accept-encoding": "gzip, br, deflate" });
    const { mediaType, events } = wantedBy(incoming.header("accept"));
    if (mediaType === undefined && !events) return notAcceptable();
    const body = await incoming.readBody();
    const text = encoding ? await decompress(body, encoding, maxBodyBytes) : body;
    const value = parseJson(text.toString());
    if (Array.isArray(value)) return answerBatch(value, incoming, exchange);
    const params = paramsOf(value);
    return (
      (await answerParams(params, incoming, exchange)) ??
      yoga.fetch(incoming.toRequest(bodyOf(params)), exchange, incoming)
    );
  };

  const answerGet = async (incoming: Incoming, exchange: Exchange): Promise<Answer | Response> => {
    const accept = incoming.header("accept");
    const { mediaType, events } = wantedBy(accept);
    const isPage = options.graphiql !== false && accept?.includes("text/html") === true;
    // A page of another origin can have it sent with its visitor's cookies: it reads nothing, but has us work.
    if (!isPage && cors.isForeign(incoming.header("sec-fetch-site"), incoming.header("origin")))
      throw new WeftError("FORBIDDEN", { hint: "Pages of this origin may not ask here: list it in cors.origins." });
    return mediaType || events || isPage
      ? withPolicy(await yoga.fetch(incoming.toRequest(), exchange, incoming))
      : notAcceptable();
  };

  const answer = async (incoming: Incoming, exchange: Exchange): Promise<Answer | Response> => {
    if (incoming.method === "POST" || incoming.method === "GET") {
      try {
        if (rates) await rates.takeAddress(incoming.callOrigin());
        return await (incoming.method === "POST" ? answerPost : answerGet)(incoming, exchange);
      } catch (error) {
        return answerFailure(error, incoming, { exchange, engine });
      }
    }
    if (incoming.method === "OPTIONS") {
      const headers = cors.preflight(incoming.header("origin"), incoming.header("access-control-request-headers"));
      return new Response(null, { status: 204, headers: { allow: "GET, POST, OPTIONS", ...headers } });
    }
    return refuseHttp(405, "GraphQL is served by GET and POST.", { allow: "GET, POST, OPTIONS" });
  };

  return {
    async handle(request, response, exchange) {
      const incoming = fromNode(request, response, options);
      const answered = await answer(incoming, exchange);
      if (response.destroyed) return answered instanceof Response ? answered.body?.cancel() : undefined;
      const allowed = request.headers.origin === undefined ? undefined : cors.headers(request.headers.origin);
      if (answered instanceof Response)
        return writeResponse(response, withHeaders(answered, allowed), options.slowConsumerTimeoutMs);
      if (request.complete || request.method === "GET") writeAnswer(response, answered, allowed);
      else writeEarlyAnswer(request, response, { ...answered, headers: { ...answered.headers, ...allowed } });
    },
    dispose: yoga.dispose,
    takesUpload: ({ headers }) => isMultipart(headers["content-type"] ?? null) && headers[csrfHeader] !== undefined,
    async fetch(request, exchange) {
      const answered = await answer(fromFetch(request, options), exchange);
      const response = answered instanceof Response ? answered : responseOf(answered);
      return withHeaders(response, cors.headers(request.headers.get("origin")));
    },
  };
}

const noAsking = (): never => {
  throw new Error("without plugins nobody asks");
};

function answerFailure(
  error: unknown,
  incoming: Incoming,
  { exchange, engine }: { exchange: Exchange; engine: Engine },
): Answer {
  const { mediaType } = wantedBy(incoming.header("accept"));
  if (incoming.isGone()) return refuseHttp(400, "The request was not finished.");
  if (error instanceof WeftError && error.status < 500) {
    if (error.code === "VALIDATION_FAILED") return refuse(error, mediaType, { status: 400 });
    return refuse(error, mediaType, { headers: refusalHeaders(error, incoming.header("authorization")) });
  }
  const errors = engine.translate(error, exchange.requestId);
  return {
    ...answerResult({ errors }, mediaType ?? "application/json"),
    status: error instanceof WeftError ? error.status : 500,
  };
}

/** A page of another origin can send a multipart form without a preflight, but not with a header of its own. */
const csrfHeader = "x-weft-csrf";
const maxFiles = 100;

function isMultipart(contentType: string | null): contentType is string {
  return contentType !== null && /^multipart\/form-data\s*;/i.test(contentType);
}

function notJson(hint = "A POST must have the content-type application/json."): Answer {
  return refuseHttp(415, hint, { accept: "application/json" });
}

function notAcceptable(): Answer {
  return refuseHttp(406, "Answers are application/graphql-response+json or application/json.");
}

function withPolicy(response: Response): Response {
  if (!response.headers.get("content-type")?.startsWith("text/html")) return response;
  return withHeaders(response, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": graphiqlPolicy,
    "x-content-type-options": "nosniff",
  });
}

/** A copy, since the headers of what a plugin has fetched cannot be changed. */
function withHeaders(response: Response, added: Readonly<Record<string, string>> | undefined): Response {
  if (added === undefined) return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  return new Response(response.body, { status, statusText, headers });
}

function responseOf(answer: Answer): Response {
  const headers = { "content-type": `${answer.mediaType}; charset=utf-8`, ...answer.headers };
  return new Response(answer.body, { status: answer.status, headers });
}
