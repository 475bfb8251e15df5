/** Whole gateways: tokens of a real issuer, a proxy's word on every door, and users who are disconnected on every node. */
import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import {
  apiKeys,
  type Bus,
  createGateway,
  firstOf,
  type GatewayOptions,
  jwt,
  trustedHeader,
  z,
} from "../../src/index.ts";
import { localBus } from "../../src/messaging/bus/drivers/local.ts";
import { audience, issuer, startIssuer } from "../authentication/issuer.ts";
import { until } from "../faces/graphql/transport/fixture.ts";
import { acknowledged, probe, subscribe } from "../faces/graphql/transport/probe.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";

async function open(options: GatewayOptions) {
  const stores = { meta: "memory:", payload: "memory:", blob: "memory:" };
  const gateway = createGateway({ ...stores, logLevel: "silent", port: 0, ...options });
  gateway.addModel("Note", z.object({ text: z.string() }));
  const { url } = await gateway.listen();
  const ask = async (query: string, headers: Record<string, string> = {}) => {
    const body = JSON.stringify({ query });
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { gateway, url, wsUrl: url.replace("http", "ws"), ask, [Symbol.asyncDispose]: () => gateway.close() };
}

const create = 'mutation { createNote(data: { text: "x" }) { meta { createdBy } } }';
const created = (by: string) => ({ data: { createNote: { meta: { createdBy: by } } } });
const unauthenticated = { errors: [{ extensions: { code: "UNAUTHENTICATED" } }] };

describe("a gateway with tokens", () => {
  it("writes in the name of their subject, over HTTP and websockets; reads go without one, writes do not", async () => {
    await using login = await startIssuer();
    await using node = await open({ authenticate: jwt({ jwksUrl: login.jwksUrl, issuer, audience }) });
    const authorization = `Bearer ${await login.sign()}`;
    expect(JSON.parse((await node.ask(create, { authorization })).text)).toEqual(created("ann"));
    const read = await node.ask("{ noteCount }");
    expect([read.status, JSON.parse(read.text)]).toEqual([200, { data: { noteCount: 1 } }]);
    const write = await node.ask(create);
    expect([write.status, JSON.parse(write.text)]).toMatchObject([200, unauthenticated]);
    const client = createClient({ url: node.wsUrl, webSocketImpl: WebSocket, connectionParams: { authorization } });
    for await (const result of client.iterate({ query: create })) expect(result).toEqual(created("ann"));
    await client.dispose();
  });

  it("refuses bad ones at every door: 401 with a challenge, 4401 on websockets", async () => {
    await using login = await startIssuer();
    await using node = await open({ authenticate: jwt({ jwksUrl: login.jwksUrl, issuer, audience }) });
    const token = await login.sign({ exp: 1 });
    const authorization = `Bearer ${token}`;
    const refused = await node.ask("{ noteCount }", { authorization });
    const blob = await fetch(new URL("/blobs/sha256-0", node.url), { headers: { authorization } });
    for (const { status, headers } of [refused, blob])
      expect([status, headers.get("www-authenticate")]).toEqual([401, 'Bearer error="invalid_token"']);
    expect(await blob.text()).toContain("UNAUTHENTICATED");
    expect((await fetch(new URL("/blobs/sha256-0", node.url))).status).toBe(404);
    expect(refused.text).toContain("The token has expired.");
    expect(refused.text + (await node.ask("{ noteCount }", { authorization: "Bearer x" })).text).not.toContain(issuer);
    using client = await probe(node);
    client.send({ type: "connection_init", payload: { authorization } });
    expect(await client.closed).toEqual([4401, "Unauthorized"]);
  });

  it("keeps a websocket open for who renews, and ends it with the last token", async () => {
    await using login = await startIssuer();
    const authenticate = jwt({ jwksUrl: login.jwksUrl, issuer, audience, clockToleranceSeconds: 0 });
    await using node = await open({ authenticate });
    const inSeconds = async (seconds: number) => {
      const exp = Date.now() / 1000 + seconds;
      return { exp, authorization: `Bearer ${await login.sign({ exp })}` };
    };
    using client = await acknowledged(node, await inSeconds(1));
    client.send(subscribe("1", 'subscription { noteChanged(after: "0") { actor } }'));
    const { exp, authorization } = await inSeconds(3);
    client.send({ type: "ping", payload: { authorization } });
    expect(await client.next()).toEqual({ type: "pong", payload: { expiresAt: new Date(exp * 1000).toISOString() } });
    await new Promise((resolve) => setTimeout(resolve, 1600));
    await node.ask(create, { authorization });
    expect(await client.next()).toMatchObject({ type: "next", payload: { data: { noteChanged: { actor: "ann" } } } });
    expect(await client.closed).toEqual([4403, "Expired"]);
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(exp);
    expect(client.messages.at(-1)).toMatchObject({
      type: "error",
      payload: [{ extensions: { code: "UNAUTHENTICATED", cursor: "1" } }],
    });
  });
});

describe("a gateway behind a proxy that names users", () => {
  const headers = { "x-forwarded-user": "ann" };
  const key = "key-of-the-build-server";
  const withKeys = (from: string) =>
    firstOf(trustedHeader({ from: [from] }), apiKeys({ keys: [{ key, actor: "ci" }] }));

  it("believes it at every door", async () => {
    await using node = await open({ authenticate: withKeys("127.0.0.1") });
    expect(JSON.parse((await node.ask(create, headers)).text)).toEqual(created("ann"));
    const events = await node.ask(create, { ...headers, accept: "text/event-stream" });
    expect(events.text).toContain(JSON.stringify(created("ann")));
    using client = await probe(node, undefined, headers);
    client.send({ type: "connection_init" });
    await client.next();
    client.send(subscribe("1", create));
    expect(await client.next()).toMatchObject({ type: "next", payload: created("ann") });
    expect((await fetch(new URL("/blobs/sha256-0", node.url), { headers })).status).toBe(404);
  });

  it("believes nobody else, nor a request without a connection", async () => {
    await using node = await open({ authenticate: withKeys("10.0.0.2") });
    expect((await node.ask(create, headers)).status).toBe(401);
    expect((await node.ask(create, { ...headers, accept: "text/event-stream" })).text).toContain("UNAUTHENTICATED");
    expect((await fetch(new URL("/blobs/sha256-0", node.url), { headers })).status).toBe(401);
    const body = JSON.stringify({ query: create });
    const init = { method: "POST", headers: { ...headers, "content-type": "application/json" }, body };
    expect((await node.gateway.fetch(new Request(node.url, init))).status).toBe(401);
    expect(JSON.parse((await node.ask(create, { "x-api-key": key })).text)).toEqual(created("ci"));
  });
});

/** Delivers when whoever was disconnected may be back already. */
function slowBus(): Bus {
  const bus = localBus();
  return {
    ...bus,
    subscribe: (topic, listener) => bus.subscribe(topic, (message) => void setTimeout(() => listener(message), 50)),
  };
}

const buses = [
  ["in one process", "", async () => ({ bus: slowBus(), [Symbol.asyncDispose]: async () => {} })],
  [
    "on Redis",
    await skippedWithoutRedis(),
    async () => {
      const place = await freshRedisNamespace();
      return { bus: place.url, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
    },
  ],
] as const;

for (const [name, reason, start] of buses) {
  describe.skipIf(reason !== "")(`gateway.disconnect, two nodes ${name} ${reason}`, () => {
    const authenticate: NonNullable<GatewayOptions["authenticate"]> = ({ connectionParams }) =>
      String(connectionParams?.user);

    it("closes a user's sessions on both, tells how many were here, and leaves others and who comes again", async () => {
      await using place = await start();
      await using a = await open({ authenticate, bus: place.bus });
      await using b = await open({ authenticate, bus: place.bus });
      using here = await acknowledged(a, { user: "ann" });
      using there = await acknowledged(b, { user: "ann" });
      using too = await acknowledged(b, { user: "ann" });
      using bob = await acknowledged(b, { user: "bob" });
      await b.ask(create);
      there.send(subscribe("1", 'subscription { noteChanged(after: "0") { cursor } }'));
      expect(await there.next()).toMatchObject({ type: "next" });
      expect(await a.gateway.disconnect({ user: "ann" })).toBe(1);
      using again = await acknowledged(a, { user: "ann" });
      for (const { closed } of [here, there, too]) expect(await closed).toEqual([4403, "Disconnected"]);
      expect(there.messages.at(-1)).toMatchObject({ type: "error", payload: [{ extensions: { code: "FORBIDDEN" } }] });
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect([again, bob].map(({ socket }) => socket.readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
      expect(await b.gateway.disconnect({ user: "nobody" })).toBe(0);
    });

    it("is heard from a gateway that serves nobody itself", async () => {
      await using place = await start();
      await using serving = await open({ authenticate, bus: place.bus });
      using client = await acknowledged(serving, { user: "ann" });
      const other = createGateway({
        ...{ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" },
        bus: place.bus,
      });
      expect(await other.disconnect({ user: "ann" })).toBe(0);
      expect((await client.closed)[0]).toBe(4403);
      await other.close();
    });
  });
}

describe("the topic of disconnections", () => {
  it("may carry what is none", async () => {
    const bus = localBus();
    await using node = await open({ authenticate: () => "ann", bus });
    using client = await acknowledged(node);
    for (const message of [null, "ann", ["ann"], { user: 7 }, { user: { id: "ann" } }])
      await bus.publish("weft.sessions.disconnect", message);
    await bus.publish("weft.sessions.disconnect", { user: "ann" });
    expect((await client.closed)[0]).toBe(4403);
    await until(() => client.socket.readyState === WebSocket.CLOSED);
  });
});
