/**
 * The router: a request's way from the server, or from `gateway.fetch`, to its route. It gives every request its id,
 * answers health probes and what nobody serves, and writes one log line a request.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { WeftError } from "../../base/errors.ts";
import { answerHealth, type Health } from "./health.ts";
import { requestIdFrom } from "./request-id.ts";
import type { Exchange, Route } from "./route.ts";

export interface RouterOptions {
  readonly routes: readonly Route[];
  readonly health: Health;
  readonly log: Logger;
  /** How long a caller may take to send a whole request, uploads apart, in ms. @default 60000 */
  readonly requestTimeoutMs?: number;
  /** Where a browser that opens `/` is sent. @default the first route's path */
  readonly home?: string;
}

export interface Router {
  handle(request: IncomingMessage, response: ServerResponse): void;
  fetch(request: Request): Promise<Response>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** An answer of the router's own. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function createRouter(options: RouterOptions): Router {
  const { health, log, requestTimeoutMs = 60_000 } = options;
  const routes = new Map(options.routes.map((route) => [route.path, route]));
  const folders = options.routes.filter(({ isFolder }) => isFolder);
  const home = options.home ?? options.routes[0]?.path ?? "/health/live";

  const answerOwn = async (method: string, path: string, accept: string): Promise<Answer> => {
    const probe = await answerHealth(path, health);
    if (probe !== undefined) return json(probe.status, probe.body);
    if (path !== "/") return json(404, { title: "Not found", detail: `Nothing is served at ${path}.` });
    if (method === "GET" && accept.includes("text/html")) return { status: 302, headers: { location: home }, body: "" };
    return json(200, { name: "weft", graphql: home, health: "/health/ready" });
  };

  /** While shutting down, running requests are finished and new ones sent elsewhere. */
  const routeFor = (path: string): Route | "closed" | undefined => {
    const route =
      routes.get(path) ??
      (path.endsWith("/") ? routes.get(path.slice(0, -1)) : folders.find((folder) => path.startsWith(folder.path)));
    return route !== undefined && health.isShuttingDown() ? "closed" : route;
  };

  const respond = async (request: IncomingMessage, response: ServerResponse, path: string, exchange: Exchange) => {
    const route = routeFor(path);
    if (route !== undefined && route !== "closed") {
      if (hasBody(request) && !route.takesUpload?.(request)) endInTime(request, requestTimeoutMs);
      return route.handle(request, response, exchange);
    }
    const method = request.method ?? "GET";
    const answer = route === "closed" ? closedAnswer() : await answerOwn(method, path, request.headers.accept ?? "");
    response.writeHead(answer.status, answer.headers);
    response.end(method === "HEAD" ? undefined : answer.body);
  };

  return {
    handle(request, response) {
      const startedAt = performance.now();
      const path = pathOf(request.url ?? "/");
      const exchange: Exchange = { requestId: requestIdFrom(request.headers["x-request-id"]) };
      response.setHeader("x-request-id", exchange.requestId);
      if (log.isLevelEnabled("info")) {
        response.once("close", () => {
          const ms = Math.round((performance.now() - startedAt) * 100) / 100;
          const { method } = request;
          const isCut = !response.writableFinished;
          log.info({ ...exchange, method, path, status: response.statusCode, ms, ...(isCut && { isCut }) }, "request");
        });
      }
      respond(request, response, path, exchange).catch((error: unknown) => {
        log.error({ err: error, ...exchange, path }, "request failed");
        if (response.headersSent) response.destroy();
        else response.writeHead(500, jsonType).end(masked(exchange.requestId));
      });
    },

    async fetch(request) {
      const exchange: Exchange = { requestId: requestIdFrom(request.headers.get("x-request-id")) };
      const path = pathOf(new URL(request.url).pathname);
      const route = routeFor(path);
      if (route !== undefined && route !== "closed") {
        const response = await route.fetch(request, exchange);
        response.headers.set("x-request-id", exchange.requestId);
        return response;
      }
      const accept = request.headers.get("accept") ?? "";
      const answer = route === "closed" ? closedAnswer() : await answerOwn(request.method, path, accept);
      const headers = { ...answer.headers, "x-request-id": exchange.requestId };
      return new Response(answer.body, { status: answer.status, headers });
    },

    upgrade(request, socket, head) {
      const exchange: Exchange = { requestId: requestIdFrom(request.headers["x-request-id"]) };
      const route = routeFor(pathOf(request.url ?? "/"));
      if (route !== undefined && route !== "closed" && route.upgrade !== undefined) {
        return route.upgrade(request, socket, head, exchange);
      }
      const status = route === "closed" ? "503 Service Unavailable" : "404 Not Found";
      socket.on("error", () => socket.destroy());
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    },
  };
}

const jsonType = { "content-type": "application/json; charset=utf-8" };

function json(status: number, body: object): Answer {
  return { status, headers: jsonType, body: `${JSON.stringify(body)}\n` };
}

function closedAnswer(): Answer {
  const { message, code, status } = new WeftError("SHUTTING_DOWN");
  const answer = json(status, { errors: [{ message, extensions: { code } }] });
  return { ...answer, headers: { ...answer.headers, connection: "close" } };
}

function masked(requestId: string): string {
  const { message, code } = new WeftError("INTERNAL");
  return JSON.stringify({ errors: [{ message, extensions: { code, requestId } }] });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** Node's own time-out would end uploads too. */
function endInTime(request: IncomingMessage, ms: number): void {
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy(new Error(`The request has not come within ${ms} ms`));
  }, ms);
  request.once("close", () => clearTimeout(timer));
}

function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}
