/**
 * The flow of one websocket: how much may wait for its client, when it is given up, and its signs of life.
 *
 * `send` settles when there is room for more, and whoever drives a subscription waits for it before taking the next
 * event. While there is none, the socket is not read either: otherwise a client could have us buffer answers to its pings.
 */
import { WebSocket } from "ws";

export interface SocketFlowOptions {
  readonly maxBufferedBytes: number;
  /** How long the client may accept no bytes before it is closed with 4413, in ms. */
  readonly stallMs: number;
  readonly heartbeatMs: number;
  /** Where the client should resume: the reason of that close. */
  readonly resumeCursor: () => string;
}

export interface SocketFlow {
  /** Rejects once the socket is closing, so that whatever feeds it ends. */
  send(message: string): Promise<void>;
  dispose(): void;
}

/** A paused client still takes our pings into its kernel's buffers; one that answers none for so many is gone. */
const maxSilentHeartbeats = 10;

export function createSocketFlow(socket: WebSocket, options: SocketFlowOptions): SocketFlow {
  const { maxBufferedBytes, stallMs, heartbeatMs } = options;
  let progressAt = performance.now();
  let silentHeartbeats = 0;
  const waiting = new Set<{ resolve(): void; reject(error: Error): void }>();

  const giveUp = () => {
    socket.resume();
    socket.close(4413, options.resumeCursor());
    for (const { reject } of waiting) reject(gone());
    waiting.clear();
  };

  const onSent = () => {
    progressAt = performance.now();
    if (waiting.size === 0 || socket.bufferedAmount > maxBufferedBytes) return;
    socket.resume();
    for (const { resolve } of waiting) resolve();
    waiting.clear();
  };

  const watch = setInterval(
    () => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (socket.bufferedAmount === 0) progressAt = performance.now();
      else if (performance.now() - progressAt >= stallMs) giveUp();
    },
    Math.max(10, stallMs / 4),
  );

  const heartbeat = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > 0) return;
    if (silentHeartbeats++ < maxSilentHeartbeats) socket.ping();
    else giveUp();
  }, heartbeatMs);

  const onLife = () => {
    silentHeartbeats = 0;
  };
  socket.on("pong", onLife).on("message", onLife);

  return {
    send(message) {
      if (socket.readyState !== WebSocket.OPEN) return Promise.reject(gone());
      if (socket.bufferedAmount === 0) progressAt = performance.now();
      socket.send(message, onSent);
      if (socket.bufferedAmount <= maxBufferedBytes) return Promise.resolve();
      socket.pause();
      return new Promise((resolve, reject) => waiting.add({ resolve, reject }));
    },
    dispose() {
      clearInterval(watch);
      clearInterval(heartbeat);
      for (const { reject } of waiting) reject(gone());
      waiting.clear();
    },
  };
}

function gone(): Error {
  return new Error("The socket is closing");
}
