/**
 * One websocket that speaks graphql-transport-ws, from its handshake to its end, which comes once. It takes up nothing again: that is
 * `line.ts`.
 *
 * The messages are graphql-ws' own; its client is not used, because what it does when a connection ends cannot be bounded from outside:
 * where a service closes with 1000 it connects again at once, without count or pause (487 times in two seconds, of 3 `retryAttempts`), and
 * it forgets its count at each acknowledgement. `ws` is the same on every Node, whatever WebSocket Node itself brings.
 */
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, type Message, MessageType, parseMessage, stringifyMessage } from "graphql-ws";
import { type ClientOptions, WebSocket } from "ws";
import type { Failure } from "../failure.ts";

export interface ConnectionOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly keepAliveMs: number;
}

export interface ConnectionEvents {
  /** It is acknowledged. */
  ready(): void;
  message(message: Message): void;
  /** @param code of the close frame, where there was one */
  gone(failure: Failure, code: number | undefined): void;
}

export interface Connection {
  readonly isReady: boolean;
  send(message: Message): void;
  /** Says goodbye; `gone` follows, soon. */
  end(): void;
}

/** How long a goodbye may take. */
const closeTimeout = 500;

export function openConnection(options: ConnectionOptions, events: ConnectionEvents): Connection {
  const { url, headers, timeoutMs, maxBytes, keepAliveMs } = options;
  // closeTimeout: not in the types of ws yet.
  const settings: ClientOptions & { closeTimeout: number } = {
    headers: { ...headers },
    handshakeTimeout: timeoutMs,
    maxPayload: maxBytes,
    perMessageDeflate: false,
    closeTimeout,
  };
  const socket = new WebSocket(url, GRAPHQL_TRANSPORT_WS_PROTOCOL, settings);
  let isReady = false;
  let cause: unknown;
  let reason: Failure["reason"] = "unreachable";
  let isSilent = false;
  let watch: NodeJS.Timeout | undefined;

  const giveUp = (why: string) => {
    reason = "timeout";
    cause ??= new Error(why);
    socket.terminate();
  };
  let timer: NodeJS.Timeout | undefined = setTimeout(() => giveUp("It was not acknowledged in time"), timeoutMs);
  const send = (message: Message) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(stringifyMessage(message));
  };

  const receive = (data: Buffer | ArrayBuffer | Buffer[]) => {
    isSilent = false;
    const message = parseMessage(data.toString());
    if (message.type === MessageType.Ping) send({ type: MessageType.Pong });
    else if (message.type === MessageType.Pong) return;
    else if (isReady) events.message(message);
    else if (message.type === MessageType.ConnectionAck) {
      isReady = true;
      clearTimeout(timer);
      timer = undefined;
      events.ready();
    } else throw new Error(`${message.type} before the acknowledgement`);
  };

  socket.on("open", () => {
    const params = connectionParams(headers);
    send(params ? { type: MessageType.ConnectionInit, payload: params } : { type: MessageType.ConnectionInit });
    watch = setInterval(() => {
      if (isSilent) return giveUp("It gave no sign of life");
      isSilent = true;
      send({ type: MessageType.Ping });
    }, keepAliveMs);
  });
  socket.on("message", (data) => {
    try {
      receive(data);
    } catch (error) {
      cause ??= error;
      socket.close(4004, "Bad response");
    }
  });
  socket.on("error", (error) => {
    if ("code" in error && error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") reason = "too-large";
    cause ??= error;
  });
  socket.on("close", (code, said) => {
    clearTimeout(timer);
    clearInterval(watch);
    isReady = false;
    cause ??= new Error(`Closed with ${code} ${said.toString()}`);
    events.gone({ reason, cause }, code);
  });

  return {
    get isReady() {
      return isReady;
    },
    send,
    end() {
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
      else socket.close(1000, "Normal Closure");
    },
  };
}

/** As weft takes them (`headers`), and `authorization` by itself, where most other services look for it. */
function connectionParams(headers: Readonly<Record<string, string>>): Record<string, unknown> | undefined {
  if (Object.keys(headers).length === 0) return undefined;
  const { authorization } = headers;
  return authorization === undefined ? { headers } : { authorization, headers };
}
