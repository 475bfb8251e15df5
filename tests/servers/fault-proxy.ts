/**
 * A proxy between a GraphQL client and its service, that fails as services and what stands before them do. HTTP and websockets go
 * through it; what happens below HTTP is done by a TCP proxy in front of it.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { type Duplex, pipeline } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { type ProxyMode, startProxy } from "./tcp-proxy.ts";

/**
 * - `hang`: requests arrive, and nothing is ever answered.
 * - `status`: this status and a page of HTML.
 * - `invalid JSON`: 200, and JSON that stops early.
 * - `drip`: the service's own answer, a byte at a time.
 * - `huge`: JSON of so many bytes, written as fast as it is taken.
 * - `cut in mid-body`: the head of the service's answer and half of its body, then the connection is reset.
 */
export type Fault =
  | "pass"
  | "hang"
  | "invalid JSON"
  | "cut in mid-body"
  | { readonly status: number; readonly retryAfter?: string }
  | { readonly dripMs: number }
  | { readonly huge: number };

export interface FaultProxy {
  readonly port: number;
  /** `http://127.0.0.1:<port>/graphql` */
  readonly url: string;
  /** For requests to come. Requests are counted whatever becomes of them. */
  fault(fault: Fault): void;
  readonly requests: number;
  /** Requests whose answers are under way. */
  readonly answering: number;
  /** Of the network: see `tcp-proxy.ts`. */
  network(mode: ProxyMode): Promise<void>;
  /** Resets every connection that stands, now. */
  cut(): void;
  /** The same every so often; 0 ends it. */
  cutEvery(ms: number): void;
  /** Connections of clients that stand now. */
  readonly connections: number;
  stop(): Promise<void>;
}

/** @param targetPort of 127.0.0.1; it may be down, and come back */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  let fault: Fault = "pass";
  let requests = 0;
  let answering = 0;
  let cutting: NodeJS.Timeout | undefined;
  const server = createServer((incoming, outgoing) => {
    requests++;
    answering++;
    outgoing.on("close", () => answering--);
    answer({ incoming, outgoing, targetPort }, fault);
  });
  server.on("upgrade", (incoming, client, head) => {
    requests++;
    upgrade({ incoming, client, head }, { targetPort, fault });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const network = await startProxy((server.address() as { port: number }).port);

  return {
    port: network.port,
    url: `http://127.0.0.1:${network.port}/graphql`,
    fault(next) {
      fault = next;
    },
    get requests() {
      return requests;
    },
    get answering() {
      return answering;
    },
    network: network.mode,
    cut: network.cut,
    cutEvery(ms) {
      clearInterval(cutting);
      if (ms > 0) cutting = setInterval(network.cut, ms);
    },
    get connections() {
      return network.connections;
    },
    async stop() {
      clearInterval(cutting);
      await network.stop();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly targetPort: number;
}

function answer(passage: Passage, fault: Fault): void {
  const { incoming, outgoing } = passage;
  incoming.on("error", () => {});
  outgoing.on("error", () => {});
  if (fault === "hang") incoming.resume();
  else if (fault === "invalid JSON") reply(outgoing, 200, { "content-type": "application/json" }).end('{"data":{"a"');
  else if (typeof fault === "object" && "status" in fault) {
    const { status, retryAfter } = fault;
    reply(outgoing, status, { "content-type": "text/html", ...(retryAfter ? { "retry-after": retryAfter } : {}) });
    outgoing.end("<html><h1>secret-host-17: stack trace at /srv/internal/db.ts</h1></html>");
  } else if (typeof fault === "object" && "huge" in fault) void writeHuge(outgoing, fault.huge);
  else forward(passage, fault);
}

function reply(outgoing: ServerResponse, status: number, headers: Record<string, string>): ServerResponse {
  return outgoing.writeHead(status, headers);
}

async function writeHuge(outgoing: ServerResponse, bytes: number): Promise<void> {
  reply(outgoing, 200, { "content-type": "application/json" });
  outgoing.write('{"data":{"text":"');
  const piece = "x".repeat(64 * 1024);
  for (let written = 0; written < bytes && !outgoing.destroyed; written += piece.length) {
    if (!outgoing.write(piece)) await roomIn(outgoing);
  }
  outgoing.end('"}}');
}

/** Until it takes more, or is closed. */
function roomIn(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off("drain", done).off("close", done);
      resolve();
    };
    outgoing.on("drain", done).on("close", done);
  });
}

function forward({ incoming, outgoing, targetPort }: Passage, fault: Fault): void {
  const { method, url, headers } = incoming;
  const target = request({ host: "127.0.0.1", port: targetPort, method, path: url, headers, agent: false });
  target.on("error", () => outgoing.destroy());
  outgoing.on("close", () => target.destroy());
  target.on("response", (response) => {
    response.on("error", () => outgoing.destroy());
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    if (fault === "pass") pipeline(response, outgoing, () => {});
    else void spoil(response, outgoing, fault);
  });
  pipeline(incoming, target, () => {});
}

async function spoil(response: IncomingMessage, outgoing: ServerResponse, fault: Fault): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  const body = Buffer.concat(pieces);
  if (fault === "cut in mid-body") {
    outgoing.write(body.subarray(0, Math.ceil(body.length / 2)), () => outgoing.socket?.resetAndDestroy());
    return;
  }
  const ms = typeof fault === "object" && "dripMs" in fault ? fault.dripMs : 0;
  for (let at = 0; at < body.length && !outgoing.destroyed; at++) {
    outgoing.write(body.subarray(at, at + 1));
    await delay(ms);
  }
  outgoing.end();
}

interface Upgrade {
  readonly incoming: IncomingMessage;
  readonly client: Duplex;
  readonly head: Buffer;
}

function upgrade({ incoming, client, head }: Upgrade, { targetPort, fault }: { targetPort: number; fault: Fault }) {
  client.on("error", () => {});
  if (fault === "hang") return;
  if (fault !== "pass") {
    client.end("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    return;
  }
  const target = connect({ port: targetPort, host: "127.0.0.1" });
  const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`);
  }
  target.write(`${lines.join("\r\n")}\r\n\r\n`);
  target.write(head);
  pipeline(client, target, () => target.destroy());
  pipeline(target, client, () => client.destroy());
}
