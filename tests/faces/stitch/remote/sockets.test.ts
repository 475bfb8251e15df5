/** What services do to websockets, and what becomes of the subscriptions on them. */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { RemoteResult } from "../../../../src/faces/stitch/remote/remote.ts";
import { startFaultProxy } from "../../../servers/fault-proxy.ts";
import { callerWith, down, failureOf, kept, observedRemote, system, until } from "./fixture.ts";
import { type ServiceOptions, startSubscriptionService } from "./subscription-service.ts";

const quick = { attempts: 4, firstAttempts: 3, firstWaitMs: 5, longestWaitMs: 20 };
const ticks = "subscription { ticks }";

interface Received {
  readonly type: string;
  readonly id?: string;
  readonly payload?: Record<string, unknown>;
}

/** A server by hand: what it does with each message, and what it was sent. */
async function startSocketServer(
  onMessage: (message: Received, send: (message: object | string) => void, socket: WebSocket) => void,
  protocol: string | false = "graphql-transport-ws",
) {
  const received: Received[] = [];
  let connections = 0;
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => protocol });
  server.on("connection", (socket) => {
    connections++;
    socket.on("error", () => {});
    socket.on("message", (data) => {
      const message: Received = JSON.parse(data.toString());
      received.push(message);
      onMessage(message, (sent) => socket.send(typeof sent === "string" ? sent : JSON.stringify(sent)), socket);
    });
  });
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return kept({
    url: `ws://127.0.0.1:${port}/graphql`,
    received,
    get connections() {
      return connections;
    },
    get open() {
      return server.clients.size;
    },
    async stop() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  });
}

function remoteOf(subscriptions: string, options: Parameters<typeof observedRemote>[1] = {}) {
  return observedRemote("http://127.0.0.1:1/graphql", { subscriptions, resumption: quick, ...options });
}

function reader(stream: AsyncIterable<RemoteResult>) {
  const events: RemoteResult[] = [];
  const read = async () => {
    for await (const event of stream) events.push(event);
  };
  return { events, ended: failureOf(read()) };
}

const asked = (query = ticks) => ({ kind: "subscription" as const, query });
const acknowledge = (message: Received, send: (message: object) => void) => {
  if (message.type === "connection_init") send({ type: "connection_ack" });
};

describe("a service that closes", () => {
  async function poisoned(onSubscribe: NonNullable<ServiceOptions["onSubscribe"]>) {
    const service = kept(await startSubscriptionService({ onSubscribe }));
    return { service, ...remoteOf(service.wsUrl) };
  }

  test.each([4400, 4500])(
    "the whole socket over one subscription (%d): that one is given up, those that are known to work are taken up again",
    async (code) => {
      const poison = "subscription { poison: ticks }";
      const { service, remote } = await poisoned(({ query }, socket) => {
        if (query === poison) socket?.close(code, "Syntax Error");
      });
      const good = reader(remote.subscribe(asked(), system));
      await until(() => service.open === 1, "it is open");
      service.publish(1);
      await until(() => good.events.length === 1, "it works");
      expect(await reader(remote.subscribe(asked(poison), system)).ended).toEqual(down("unreachable"));
      await until(() => service.subscribed.filter(({ query }) => query === ticks).length === 2, "it is back");
      await until(() => service.open === 1, "it is open again");
      service.publish(2);
      await until(() => good.events.length === 2, "it works again");
      expect(service.subscribed.filter(({ query }) => query === poison)).toHaveLength(1);
    },
  );

  test.each([4401, 4403, 4406, 4429])("with %d is not asked again", async (code) => {
    const server = await startSocketServer((_message, _send, socket) => socket.close(code));
    const { remote, subscriptions } = remoteOf(server.url);
    expect(await reader(remote.subscribe(asked(), system)).ended).toEqual(down("unreachable"));
    expect(server.connections).toBe(1);
    expect(subscriptions.at(-1)).toEqual({ subscriptions: 0, sockets: 0 });
  });

  // The clients of graphql-ws connect again at once, without end, where a service closes so.
  test.each([1000, 1001, 1012, 4004])(
    "with %d behind each acknowledgement is asked a bounded number of times",
    async (code) => {
      const server = await startSocketServer((message, send, socket) => {
        acknowledge(message, send);
        socket.close(code);
      });
      const { remote } = remoteOf(server.url);
      expect(await reader(remote.subscribe(asked(), system)).ended).toEqual(down("unreachable"));
      expect(server.connections).toBe(1 + quick.firstAttempts);
    },
  );

  test("by cutting behind each acknowledgement is asked a bounded number of times, with pauses that grow", async () => {
    const at: number[] = [];
    const server = await startSocketServer((message, send, socket) => {
      acknowledge(message, send);
      at.push(performance.now());
      socket.terminate();
    });
    const { remote } = remoteOf(server.url, { resumption: { ...quick, firstWaitMs: 40, longestWaitMs: 1_000 } });
    await reader(remote.subscribe(asked(), system)).ended;
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(pauses).toHaveLength(3);
    pauses.forEach((pause, index) => {
      expect(pause).toBeGreaterThan(19 * 2 ** index);
    });
  });
});

describe("a service that is silent", () => {
  test("never acknowledges: the subscriber is told in time", async () => {
    const server = await startSocketServer(() => {});
    const { remote } = remoteOf(server.url, { timeoutMs: 50 });
    expect(await reader(remote.subscribe(asked(), system)).ended).toEqual(down("timeout"));
    expect(server.connections).toBe(1 + quick.firstAttempts);
    await until(() => server.open === 0, "no socket stands");
  });

  test("falls silent behind a network that swallows all: noticed by pings, and taken up again when it is back", async () => {
    const service = kept(await startSubscriptionService());
    const proxy = kept(await startFaultProxy(service.port));
    const { remote, subscriptions } = remoteOf(`ws://127.0.0.1:${proxy.port}/graphql`, {
      keepAliveMs: 40,
      timeoutMs: 200,
      resumption: { ...quick, attempts: 50 },
    });
    const { events } = reader(remote.subscribe(asked(), system));
    await until(() => service.open === 1, "it is open");
    service.publish(1);
    await until(() => events.length === 1, "it works");
    await proxy.network("black hole");
    await until(() => subscriptions.at(-1)?.sockets === 0, "the socket is given up");
    proxy.cut();
    await proxy.network("pass");
    await until(() => service.subscribed.length >= 2 && service.open >= 1, "it is back");
    service.publish(2);
    await until(() => events.length === 2, "it works again");
  });

  test("but answers pings is left alone", async () => {
    const server = await startSocketServer((message, send) => {
      acknowledge(message, send);
      if (message.type === "ping") send({ type: "pong" });
    });
    const { remote } = remoteOf(server.url, { keepAliveMs: 20 });
    const { ended } = reader(remote.subscribe(asked(), system));
    await until(() => server.received.filter(({ type }) => type === "ping").length > 5, "it is pinged");
    expect(server.connections).toBe(1);
    await remote.close();
    expect(await ended).toEqual(down("closed"));
  });
});

describe("messages", () => {
  test("that speak another protocol end the connection, a bounded number of times", async () => {
    const server = await startSocketServer((_message, send) => send({ type: "ka" }));
    const { remote } = remoteOf(server.url);
    expect(await reader(remote.subscribe(asked(), system)).ended).toEqual(down("unreachable"));
    expect(server.connections).toBe(1 + quick.firstAttempts);
  });

  test.each(["none", "graphql-ws"])("are not exchanged with a service whose subprotocol is %s", async (protocol) => {
    const server = await startSocketServer(() => {}, protocol === "none" ? false : protocol);
    const { remote } = remoteOf(server.url);
    expect(await reader(remote.subscribe(asked(), system)).ended).toEqual(down("unreachable"));
    expect(server.received).toEqual([]);
  });

  test("for subscriptions that nobody has are passed over, whatever they are called", async () => {
    const server = await startSocketServer((message, send) => {
      acknowledge(message, send);
      if (message.type !== "subscribe") return;
      for (const id of ["__proto__", "constructor", "toString", "999"]) {
        send({ id, type: "next", payload: { data: { ticks: 0 } } });
        send({ id, type: "complete" });
      }
      send(`{"id":"${message.id}","type":"next","payload":{"data":{"__proto__":{"polluted":1},"ticks":1}}}`);
      send({ id: message.id, type: "complete" });
    });
    const { events, ended } = reader(remoteOf(server.url).remote.subscribe(asked(), system));
    expect(await ended).toBeUndefined();
    expect(events.map(({ data }) => data?.ticks)).toEqual([1]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test("whose payload is no GraphQL response end that subscription, and no other", async () => {
    const server = await startSocketServer((message, send) => {
      acknowledge(message, send);
      if (message.type !== "subscribe") return;
      const isBad = message.payload?.query === "subscription { bad }";
      send({ id: message.id, type: "next", payload: isBad ? { data: 17 } : { data: { ticks: 1 } } });
    });
    const { remote } = remoteOf(server.url);
    const good = reader(remote.subscribe(asked(), system));
    expect(await reader(remote.subscribe(asked("subscription { bad }"), system)).ended).toEqual(down("malformed"));
    await until(() => good.events.length === 1, "the other has its event");
    expect(server.connections).toBe(1);
    await until(() => server.received.some(({ type }) => type === "complete"), "the service is told");
  });

  test("ping is answered with pong", async () => {
    const server = await startSocketServer((message, send) => {
      acknowledge(message, send);
      if (message.type === "subscribe") send({ type: "ping" });
    });
    const { ended } = reader(remoteOf(server.url).remote.subscribe(asked(), system));
    await until(() => server.received.some(({ type }) => type === "pong"), "the pong arrives");
    void ended;
  });

  test("of the handshake carry the headers, and nothing where there are none", async () => {
    const server = await startSocketServer(acknowledge);
    const { remote } = remoteOf(server.url, { headers: { forward: ["authorization"], set: { "x-gateway": "weft" } } });
    void reader(remote.subscribe(asked(), callerWith({ authorization: "Bearer a" }))).ended;
    const { remote: plain } = remoteOf(server.url);
    void reader(plain.subscribe(asked(), callerWith({ authorization: "Bearer a" }))).ended;
    await until(() => server.received.filter(({ type }) => type === "subscribe").length === 2, "both subscribe");
    const payloads = server.received.filter(({ type }) => type === "connection_init").map(({ payload }) => payload);
    expect(payloads).toHaveLength(2);
    expect(payloads).toContainEqual(undefined);
    expect(payloads).toContainEqual({
      authorization: "Bearer a",
      headers: { authorization: "Bearer a", "x-gateway": "weft" },
    });
  });
});

test("a remote that is closed leaves no handle that keeps the process alive", async () => {
  const handles = () =>
    process
      .getActiveResourcesInfo()
      .filter((kind) => /TCPSocketWrap|Timeout/.test(kind))
      .sort();
  const before = handles();
  const service = await startSubscriptionService();
  const sse = { protocol: "sse" as const, url: service.url };
  for (const subscriptions of [service.wsUrl, sse, "ws://127.0.0.1:1/graphql"]) {
    const { remote } = observedRemote(service.url, {
      subscriptions,
      resumption: { ...quick, firstWaitMs: 60_000, longestWaitMs: 60_000 },
    });
    const { ended } = reader(remote.subscribe(asked(), system));
    const query = failureOf(remote.execute({ kind: "query", query: "subscription { ticks }" }, system));
    await delay(50);
    await remote.close();
    expect(await ended).toEqual(down("closed"));
    await query;
  }
  await service.stop();
  await until(() => handles().length <= before.length, `${handles()} instead of ${before}`);
});
