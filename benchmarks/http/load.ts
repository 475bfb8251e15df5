/**
 * The load: a fixed number of kept-alive connections, each with one request under way, on bare sockets. It costs a
 * fraction of what any HTTP client library costs, because client and servers share the machine's cores; and it is the same for all.
 */
import { connect, type Socket } from "node:net";

export interface Request {
  readonly body: string;
  /** Is called with each answer's body. Throws where it is wrong. */
  readonly verify: (body: string) => void;
}

export interface Load {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly next: () => Request;
  /** Ends after this many requests, or after this many milliseconds. */
  readonly until: { readonly requests: number } | { readonly milliseconds: number };
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
}

/** Resolves when every connection has its last answer. Rejects with the first wrong one. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const start = performance.now();
  let sent = 0;
  let answered = 0;
  const { until } = load;
  const isOver = (): boolean =>
    "requests" in until ? sent >= until.requests : performance.now() - start >= until.milliseconds;
  const take = (): Request | undefined => {
    if (isOver()) return undefined;
    sent += 1;
    return load.next();
  };
  await Promise.all(
    Array.from({ length: load.connections }, () =>
      runConnection(load, take, () => {
        answered += 1;
      }),
    ),
  );
  return { requests: answered, seconds: (performance.now() - start) / 1000 };
}

function runConnection(load: Load, take: () => Request | undefined, onAnswer: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(load.port, "127.0.0.1").setNoDelay(true);
    let current = take();
    let received = Buffer.alloc(0);

    const send = (request: Request): void => {
      socket.write(
        `POST ${load.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
          `accept: application/json\r\ncontent-length: ${Buffer.byteLength(request.body)}\r\n\r\n${request.body}`,
      );
    };
    const fail = (error: unknown): void => {
      socket.destroy();
      reject(error);
    };
    socket.on("error", fail);
    socket.on("close", () =>
      current === undefined ? resolve() : reject(new Error("the server closed the connection")),
    );
    socket.on("data", (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const body = completeBody(received);
      if (body === undefined || current === undefined) return;
      received = Buffer.alloc(0);
      try {
        current.verify(body);
      } catch (error) {
        return fail(error);
      }
      onAnswer();
      current = take();
      if (current === undefined) socket.end();
      else send(current);
    });
    if (current === undefined) socket.end();
    else send(current);
  });
}

/** The body of an answer that has arrived as a whole, undefined before. Throws unless its status is 200. */
function completeBody(received: Buffer): string | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = received.toString("latin1", 0, headEnd).toLowerCase();
  const bodyStart = headEnd + 4;
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  const isWhole =
    length === undefined
      ? received.toString("latin1", received.length - 5) === "0\r\n\r\n"
      : received.length >= bodyStart + Number(length);
  if (!isWhole) return undefined;
  const text = received.toString("utf8", bodyStart);
  if (!head.startsWith("http/1.1 200")) throw new Error(`${head.slice(0, 40)}: ${text.slice(0, 500)}`);
  return length === undefined ? joinChunks(received.subarray(bodyStart)) : text;
}

/** Chunked transfer coding (RFC 9112 §7.1). */
function joinChunks(coded: Buffer): string {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = coded.indexOf("\r\n", at);
    const size = Number.parseInt(coded.toString("latin1", at, lineEnd), 16);
    if (!(size > 0)) return Buffer.concat(parts).toString("utf8");
    parts.push(coded.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
