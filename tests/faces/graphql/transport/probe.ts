/** A websocket client that knows nothing but frames. */
import { expect } from "vitest";
import WebSocket from "ws";
import { type Fixture, until } from "./fixture.ts";

export interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

export interface Probe extends Disposable {
  readonly socket: WebSocket;
  readonly messages: Message[];
  readonly closed: Promise<readonly [code: number, reason: string]>;
  send(message: unknown): void;
  /** The next message that was not looked at. */
  next(): Promise<Message>;
}

export async function probe(
  fixture: Pick<Fixture, "wsUrl">,
  protocols: string[] = ["graphql-transport-ws"],
  headers = {},
): Promise<Probe> {
  const socket = new WebSocket(fixture.wsUrl, protocols, { headers });
  const messages: Message[] = [];
  let seen = 0;
  socket.on("message", (data) => messages.push(JSON.parse(String(data))));
  const closed = new Promise<readonly [number, string]>((resolve) => {
    socket.on("close", (code, reason) => resolve([code, String(reason)]));
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return {
    socket,
    messages,
    closed,
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    async next() {
      await until(() => messages.length > seen);
      return messages[seen++] as Message;
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

export async function acknowledged(fixture: Pick<Fixture, "wsUrl">, payload?: unknown): Promise<Probe> {
  const client = await probe(fixture);
  client.send({ type: "connection_init", payload });
  expect(await client.next()).toEqual({ type: "connection_ack" });
  return client;
}

export const subscribe = (id: string, query: string, rest: object = {}) => ({
  id,
  type: "subscribe",
  payload: { query, ...rest },
});
