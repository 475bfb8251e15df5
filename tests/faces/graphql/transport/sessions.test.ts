/** Sessions with an end: what expires, what is renewed in band, who is disconnected. By raw frames, by graphql-ws' client and by event streams. */
import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import type { Authenticate } from "../../../../src/authentication/authenticate.ts";
import { WeftError } from "../../../../src/base/errors.ts";
import type { GraphqlTransportOptions } from "../../../../src/faces/graphql/transport/transport.ts";
import { startFixture, until } from "./fixture.ts";
import { acknowledged, type Probe, probe, subscribe } from "./probe.ts";

/** Tokens of the form `user` or `user:ms`; "bad" and "away" are refused. */
const authenticate: Authenticate = async ({ request, connectionParams }) => {
  const token = connectionParams?.authorization ?? request.headers.get("authorization");
  if (typeof token !== "string") return null;
  if (token === "bad") throw new WeftError("UNAUTHENTICATED");
  if (token === "away") throw new WeftError("UPSTREAM_UNAVAILABLE");
  if (token === "broken") throw new Error("ldap://secret");
  const [id = "", ms] = token.split(":");
  if (ms === undefined) return { id, token };
  return { actor: { id, token }, expiresAt: new Date(Date.now() + Number(ms)) };
};

const start = (options: Partial<GraphqlTransportOptions> & { limit?: number } = {}) =>
  startFixture({ authenticate, limit: 2, ...options });

const ticks = "subscription { ticks { cursor } }";

/** Has had both events and waits for more. */
async function following(client: Probe, id = "1"): Promise<void> {
  client.send(subscribe(id, ticks));
  for (const cursor of ["1", "2"])
    expect(await client.next()).toMatchObject({ id, type: "next", payload: { data: { ticks: { cursor } } } });
}

async function me(client: Probe): Promise<unknown> {
  client.send(subscribe("me", "{ me }"));
  const answer = await client.next();
  expect(await client.next()).toEqual({ id: "me", type: "complete" });
  const { me } = (answer as { payload: { data: { me: string } } }).payload.data;
  return JSON.parse(me);
}

async function renew(client: Probe, payload: unknown): Promise<unknown> {
  client.send({ type: "ping", payload });
  const { type, payload: answer } = await client.next();
  expect(type).toBe("pong");
  return answer;
}

describe("a websocket whose actor's time is over", () => {
  it("tells its subscriptions so, with the last cursor, and is closed with 4403", async () => {
    await using fixture = await start();
    using client = await acknowledged(fixture, { authorization: "ann:600" });
    await following(client);
    expect(await client.next()).toMatchObject({
      id: "1",
      type: "error",
      payload: [{ extensions: { code: "UNAUTHENTICATED", cursor: "2" } }],
    });
    expect(await client.closed).toEqual([4403, "Expired"]);
    expect(fixture.ticks.open).toBe(0);
  });

  it.each(["expires", "is disconnected"])(
    "that %s is closed though nothing runs on it, and is heard no more",
    async (how) => {
      let runs = 0;
      await using fixture = await start({ createContext: () => ({ made: ++runs }) });
      using client = await acknowledged(fixture, { authorization: how === "expires" ? "ann:300" : "ann" });
      // It reads no close frame, and so goes on sending.
      client.socket.pause();
      if (how === "expires") await new Promise((resolve) => setTimeout(resolve, 800));
      else fixture.disconnect("ann");
      await new Promise((resolve) => setTimeout(resolve, 50));
      client.send(subscribe("1", 'mutation { rename(id: 1, title: "x") { title } }'));
      await new Promise((resolve) => setTimeout(resolve, 100));
      client.socket.resume();
      expect((await client.closed)[0]).toBe(4403);
      expect(client.messages).toEqual([{ type: "connection_ack" }]);
      expect(runs).toBe(0);
    },
  );

  it("lets graphql-ws' client come again with new credentials", async () => {
    await using fixture = await start();
    const brought: string[] = [];
    const client = createClient({
      url: fixture.wsUrl,
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 3,
      retryWait: async () => {},
      connectionParams: () => {
        brought.push(brought.length === 0 ? "ann:200" : "ann");
        return { authorization: brought.at(-1) };
      },
      onNonLazyError: () => {},
    });
    try {
      await until(() => brought.length === 2);
      const results: unknown[] = [];
      for await (const result of client.iterate({ query: "{ me }" })) results.push(result);
      expect(results).toEqual([{ data: { me: '{"id":"ann","token":"ann"}' } }]);
    } finally {
      await client.dispose();
    }
  });

  it.each([["ann:0"], ["ann:-1000"]])("does not begin with %s: 4401", async (authorization) => {
    await using fixture = await start();
    using client = await probe(fixture);
    client.send({ type: "connection_init", payload: { authorization } });
    expect(await client.closed).toEqual([4401, "Unauthorized"]);
  });
});

describe("a ping with credentials", () => {
  it("renews: the socket outlives its first end, and its subscription goes on", async () => {
    await using fixture = await start({ limit: 2 });
    using client = await acknowledged(fixture, { authorization: "ann:500" });
    await following(client);
    const before = Date.now();
    const { expiresAt } = (await renew(client, { authorization: "ann:60000" })) as { expiresAt: string };
    expect(Date.parse(expiresAt)).toBeGreaterThanOrEqual(before + 60_000);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await me(client)).toEqual({ id: "ann", token: "ann:60000" });
    expect(fixture.ticks.open).toBe(1);
  });

  it("can be sent by graphql-ws' client, which goes on with its subscription", async () => {
    await using fixture = await start({ limit: 3 });
    const pongs: unknown[] = [];
    const client = createClient({
      url: fixture.wsUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: "ann:500" },
      on: {
        connected(socket) {
          (socket as WebSocket).send(JSON.stringify({ type: "ping", payload: { authorization: "ann:60000" } }));
        },
        pong: (_received, payload) => void pongs.push(payload),
      },
    });
    const cursors: unknown[] = [];
    const errors: unknown[] = [];
    const stop = client.subscribe(
      { query: ticks },
      { next: ({ data }) => void cursors.push(data?.ticks), error: (error) => void errors.push(error), complete() {} },
    );
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect([cursors.length, errors, pongs]).toEqual([3, [], [{ expiresAt: expect.any(String) }]]);
    stop();
    await client.dispose();
  });

  it("answers null for credentials without an end", async () => {
    await using fixture = await start();
    using client = await acknowledged(fixture, { authorization: "ann:300" });
    expect(await renew(client, { authorization: "ann" })).toEqual({ expiresAt: null });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await me(client)).toEqual({ id: "ann", token: "ann" });
  });

  it("of another user makes that the actor, and ends the subscriptions of the first", async () => {
    await using fixture = await start();
    using client = await acknowledged(fixture, { authorization: "ann" });
    await following(client);
    client.send({ type: "ping", payload: { authorization: "bob" } });
    const answers = [await client.next(), await client.next()];
    expect(answers).toContainEqual({ type: "pong", payload: { expiresAt: null } });
    expect(answers).toContainEqual(
      expect.objectContaining({
        id: "1",
        type: "error",
        payload: [expect.objectContaining({ extensions: { code: "UNAUTHENTICATED", cursor: "2" } })],
      }),
    );
    expect(await me(client)).toEqual({ id: "bob", token: "bob" });
    expect(fixture.ticks.open).toBe(0);
  });

  it("makes somebody of nobody", async () => {
    await using fixture = await start();
    using client = await acknowledged(fixture);
    expect(await me(client)).toBeNull();
    await renew(client, { authorization: "ann" });
    expect(await me(client)).toEqual({ id: "ann", token: "ann" });
  });

  it.each([
    [{ authorization: "bad" }, "UNAUTHENTICATED"],
    [{ authorization: "ann:-1" }, "UNAUTHENTICATED"],
    [{ other: "member" }, "UNAUTHENTICATED"],
    [{ authorization: "away" }, "UPSTREAM_UNAVAILABLE"],
    [{ authorization: "broken" }, "INTERNAL"],
  ])("that fails, %j, changes nothing", async (payload, code) => {
    await using fixture = await start();
    using client = await acknowledged(fixture, { authorization: "ann" });
    await following(client);
    expect(await renew(client, payload)).toEqual({ error: { code } });
    expect(await me(client)).toEqual({ id: "ann", token: "ann" });
    expect(fixture.ticks.open).toBe(1);
  });

  it("that comes while one is worked on is RATE_LIMITED", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using fixture = await start({
      authenticate: async (call) => {
        if (call.connectionParams?.authorization === "slow") await held;
        return authenticate(call);
      },
    });
    using client = await acknowledged(fixture, { authorization: "ann" });
    client.send({ type: "ping", payload: { authorization: "slow" } });
    expect(await renew(client, { authorization: "ann" })).toEqual({ error: { code: "RATE_LIMITED" } });
    release();
    expect(await client.next()).toEqual({ type: "pong", payload: { expiresAt: null } });
  });

  it("cannot go round the number of sockets of an actor", async () => {
    await using fixture = await start({ sockets: { maxSocketsPerActor: 1 } });
    using first = await acknowledged(fixture, { authorization: "ann" });
    using second = await acknowledged(fixture, { authorization: "bob" });
    expect(await renew(second, { authorization: "ann" })).toEqual({ error: { code: "RATE_LIMITED" } });
    expect(await me(second)).toEqual({ id: "bob", token: "bob" });
    first.socket.close();
    await first.closed;
    expect(await renew(second, { authorization: "ann" })).toEqual({ expiresAt: null });
    using third = await acknowledged(fixture, { authorization: "bob" });
    expect(await me(third)).toEqual({ id: "bob", token: "bob" });
  });

  it("is echoed where there is nothing to renew: no payload, no authenticate, before the ack", async () => {
    await using fixture = await start();
    using early = await probe(fixture);
    expect(await renew(early, { authorization: "ann" })).toEqual({ authorization: "ann" });
    using client = await acknowledged(fixture);
    expect(await renew(client, undefined)).toBeUndefined();
    await using open = await startFixture();
    using other = await acknowledged(open);
    expect(await renew(other, { at: 1 })).toEqual({ at: 1 });
  });
});

async function openStream(url: string, authorization: string) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", authorization },
    body: JSON.stringify({ query: ticks }),
  });
  const stream = { text: "", done: Promise.resolve() };
  const read = async () => {
    for await (const chunk of response.body ?? []) stream.text += new TextDecoder().decode(chunk);
  };
  return Object.assign(stream, { done: read() });
}

describe("an event stream", () => {
  it("whose actor's time is over ends with UNAUTHENTICATED and the last cursor", async () => {
    await using fixture = await start();
    const stream = await openStream(fixture.url, "ann:600");
    await stream.done;
    expect(stream.text).toContain('"cursor":"2"');
    expect(stream.text).toMatch(/"code":"UNAUTHENTICATED"[^\n]*\n\nevent: complete\ndata:\n\n$/);
    expect(fixture.ticks.open).toBe(0);
  });
});

describe("a user who is disconnected", () => {
  it("loses every websocket and event stream, and others none", async () => {
    await using fixture = await start();
    using one = await acknowledged(fixture, { authorization: "ann" });
    using other = await acknowledged(fixture, { authorization: "ann:60000" });
    using bob = await acknowledged(fixture, { authorization: "bob" });
    await following(one);
    const stream = await openStream(fixture.url, "ann");
    await until(() => stream.text.includes('"cursor":"2"'));
    expect(fixture.disconnect("ann")).toBe(3);
    expect(fixture.disconnect("ann")).toBe(0);
    expect(await one.closed).toEqual([4403, "Disconnected"]);
    expect(await other.closed).toEqual([4403, "Disconnected"]);
    expect(await one.next()).toMatchObject({
      id: "1",
      type: "error",
      payload: [{ extensions: { code: "FORBIDDEN" } }],
    });
    await stream.done;
    expect(stream.text).toMatch(/"code":"FORBIDDEN"[^\n]*\n\nevent: complete/);
    expect(await me(bob)).toEqual({ id: "bob", token: "bob" });
    expect(fixture.ticks.open).toBe(0);
  });

  it("does not get in while it is still asked who it is", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isAsked = false;
    await using fixture = await start({
      authenticate: async () => {
        isAsked = true;
        await held;
        return "ann";
      },
    });
    using client = await probe(fixture);
    client.send({ type: "connection_init" });
    const stream = openStream(fixture.url, "ann");
    await until(() => isAsked);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(fixture.disconnect("ann")).toBe(0);
    release();
    expect(await client.closed).toEqual([4403, "Disconnected"]);
    await (await stream).done;
    expect((await stream).text).toContain('"code":"FORBIDDEN"');
    expect(fixture.ticks.open).toBe(0);
  });

  it("is found by whom the socket has become, not by whom it was", async () => {
    await using fixture = await start();
    using client = await acknowledged(fixture, { authorization: "ann" });
    await renew(client, { authorization: "bob" });
    expect([fixture.disconnect("ann"), fixture.disconnect("bob")]).toEqual([0, 1]);
    expect((await client.closed)[0]).toBe(4403);
  });
});

describe("a request that is refused", () => {
  it.each([
    ["a query", "application/json", "{ me }"],
    ["an event stream or a result", "text/event-stream, application/json", ticks],
  ])("is 401 with a challenge: %s", async (_name, accept, query) => {
    await using fixture = await start();
    for (const [authorization, challenge] of [
      ["bad", "Bearer"],
      ["ann:-1", "Bearer"],
    ] as const) {
      const { status, headers, json } = await fixture.post({ query }, { accept, authorization });
      expect([status, headers.get("www-authenticate")]).toEqual([401, challenge]);
      expect(json.errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    }
  });

  it("names the token's error where one came", async () => {
    await using fixture = await start({
      authenticate: () => {
        throw new WeftError("UNAUTHENTICATED");
      },
    });
    const { headers } = await fixture.post({ query: "{ me }" }, { authorization: "Bearer x" });
    expect(headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    const byGet = await fetch(`${fixture.url}?query={me}`, { headers: { authorization: "Bearer x" } });
    expect([byGet.status, byGet.headers.get("www-authenticate")]).toEqual([401, 'Bearer error="invalid_token"']);
  });

  it("is 503 where nobody can say who it is", async () => {
    await using fixture = await start();
    const { status, json } = await fixture.post({ query: "{ me }" }, { authorization: "away" });
    expect([status, json.errors?.[0]?.extensions.code]).toEqual([503, "UPSTREAM_UNAVAILABLE"]);
  });
});
