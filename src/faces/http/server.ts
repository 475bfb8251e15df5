/** The server: Node's http around a router, with time-outs against slow callers and a shutdown that loses no answer. */
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Logger } from "pino";
import type { Router } from "./router.ts";

export interface ServerOptions {
  readonly router: Router;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log: Logger;
  /**
   * Called once by `close()`, when no new connection is accepted any more, to end what would not end by itself: websockets
   * and event streams. The server waits for it, within the grace time.
   */
  readonly endStreams: (graceMs: number) => Promise<void>;
  /** How long a caller may take to send its headers, in ms. @default 10000 */
  readonly headersTimeoutMs?: number;
  /** How long an idle connection is kept open, in ms. @default 65000: longer than the 60 s of common load balancers */
  readonly keepAliveTimeoutMs?: number;
}

export interface RunningServer {
  /** `http://HOST:PORT`, without a path. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Finishes running requests, at most `graceMs` (@default 10000), then cuts what is left. Safe to call twice. */
  close(graceMs?: number): Promise<void>;
}

/** @throws what `listen` fails with: EADDRINUSE, EACCES, ENOTFOUND */
export async function serve(options: ServerOptions): Promise<RunningServer> {
  const { router, log } = options;
  const server = createServer({ noDelay: true }, (request, response) => router.handle(request, response));
  server.headersTimeout = options.headersTimeoutMs ?? 10_000;
  // The router's, which knows uploads from other requests.
  server.requestTimeout = 0;
  server.keepAliveTimeout = options.keepAliveTimeoutMs ?? 65_000;
  server.on("upgrade", (request, socket, head) => router.upgrade(request, socket, head));
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => resolve());
  });
  server.removeAllListeners("error").on("error", (error) => log.error({ err: error }, "server"));

  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${host}:${port}`,
    host: options.host,
    port,
    close(graceMs = 10_000) {
      closing ??= shutDown({ server, sockets }, options, graceMs);
      return closing;
    },
  };
}

interface Listening {
  readonly server: Server;
  readonly sockets: ReadonlySet<Socket>;
}

async function shutDown({ server, sockets }: Listening, options: ServerOptions, graceMs: number): Promise<void> {
  const isClosed = new Promise<void>((resolve) => server.close(() => resolve()));
  const closeIdle = () => {
    server.closeIdleConnections();
    // Browsers connect ahead of their requests; to Node, a connection that has sent nothing yet is not idle.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
  closeIdle();
  // A connection that was busy when we asked becomes idle after its answer, and would be kept open.
  const sweep = setInterval(closeIdle, 20);
  const cut = setTimeout(() => {
    options.log.warn({ graceMs }, "requests are cut: the grace time is over");
    server.closeAllConnections();
  }, graceMs);
  try {
    await Promise.all([options.endStreams(graceMs), isClosed]);
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
