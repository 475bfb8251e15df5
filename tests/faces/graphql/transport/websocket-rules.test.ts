/** The rest of graphql-ws' PROTOCOL.md, rule by rule, and races that it allows. */
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { startFixture, until } from "./fixture.ts";
import { acknowledged, probe, subscribe } from "./probe.ts";

const ticks = 'subscription { ticks(after: "3") { cursor } }';

describe("connection_init", () => {
  it.each([undefined, null, {}, { token: "x" }])("is acknowledged with the payload %j", async (payload) => {
    await using fixture = await startFixture();
    using client = await probe(fixture);
    client.send({ type: "connection_init", payload });
    expect(await client.next()).toEqual({ type: "connection_ack" });
  });

  it.each(["text", 1, true, []])("with the payload %j closes with 4400", async (payload) => {
    await using fixture = await startFixture();
    using client = await probe(fixture);
    client.send({ type: "connection_init", payload });
    expect((await client.closed)[0]).toBe(4400);
  });

  it("that comes again while the first is worked on closes with 4429", async () => {
    await using fixture = await startFixture({
      authenticate: () => new Promise((resolve) => setTimeout(() => resolve("ann"), 200)),
    });
    using client = await probe(fixture);
    client.send({ type: "connection_init" });
    client.send({ type: "connection_init" });
    expect(await client.closed).toEqual([4429, "Too many initialisation requests"]);
  });

  it("in time keeps its socket, and a slow authenticate does too", async () => {
    await using fixture = await startFixture({
      sockets: { connectionInitTimeoutMs: 80 },
      authenticate: () => new Promise((resolve) => setTimeout(() => resolve("ann"), 200)),
    });
    using client = await probe(fixture);
    client.send({ type: "connection_init" });
    await until(() => client.messages.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it("does not cover a subscribe that comes before its ack: 4401", async () => {
    await using fixture = await startFixture({
      authenticate: () => new Promise((resolve) => setTimeout(() => resolve("ann"), 100)),
    });
    using client = await probe(fixture);
    client.send({ type: "connection_init" });
    client.send(subscribe("1", "{ me }"));
    expect(await client.closed).toEqual([4401, "Unauthorized"]);
  });
});

describe("ping and pong", () => {
  it("are answered and taken at any time, with a payload or without", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send({ type: "pong" });
    client.send({ type: "pong", payload: { unsolicited: true } });
    client.send({ type: "ping", payload: null });
    client.send({ type: "ping", payload: { a: [1] } });
    expect(await client.next()).toMatchObject({ type: "pong" });
    expect(await client.next()).toEqual({ type: "pong", payload: { a: [1] } });
  });

  it.each([
    { type: "ping", payload: "x" },
    { type: "pong", payload: 1 },
    { type: "ping", payload: [] },
  ])("with another payload close with 4400: %j", async (message) => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(message);
    expect((await client.closed)[0]).toBe(4400);
  });

  it("are answered while an operation runs", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(subscribe("1", "{ wait(ms: 150) }"));
    client.send({ type: "ping" });
    expect(await client.next()).toEqual({ type: "pong" });
    expect(await client.next()).toMatchObject({ id: "1", type: "next" });
  });
});

describe("subscribe", () => {
  const payload = { query: "{ me }" };

  it.each([
    { type: "subscribe", payload },
    { type: "subscribe", id: 1, payload },
    { type: "subscribe", id: "", payload },
    { type: "subscribe", id: "1", payload: "{ me }" },
    { type: "subscribe", id: "1", payload: {} },
    { type: "subscribe", id: "1", payload: { ...payload, operationName: 1 } },
    { type: "subscribe", id: "1", payload: { ...payload, variables: "x" } },
    { type: "subscribe", id: "1", payload: { ...payload, extensions: "x" } },
  ])("in another form closes with 4400: %j", async (message) => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(message);
    expect((await client.closed)[0]).toBe(4400);
  });

  it("takes null for what may be left out", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    const rest = { operationName: null, variables: null, extensions: null };
    client.send({ type: "subscribe", id: "1", payload: { ...payload, ...rest } });
    expect(await client.next()).toMatchObject({ id: "1", type: "next" });
  });

  it.each([ticks, "{ wait(ms: 300) }", "{ me }"])(
    "of a running id closes with 4409 and says so, whatever runs: first %s",
    async (query) => {
      await using fixture = await startFixture();
      using client = await acknowledged(fixture);
      client.send(subscribe("one", query === "{ me }" ? "{ wait(ms: 300) }" : query));
      client.send(subscribe("one", query));
      expect(await client.closed).toEqual([4409, "Subscriber for one already exists"]);
    },
  );

  it("may use an id again after an error, and at once after its own complete", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(subscribe("1", "{"));
    expect((await client.next()).type).toBe("error");
    client.send(subscribe("1", ticks));
    await until(() => fixture.ticks.open === 1);
    client.send({ id: "1", type: "complete" });
    client.send(subscribe("1", "{ me }"));
    expect([await client.next(), await client.next()]).toMatchObject([
      { id: "1", type: "next" },
      { id: "1", type: "complete" },
    ]);
  });

  it("under an id whose first operation still runs gets its own result, and not the first's", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(subscribe("1", "{ wait(ms: 100) }"));
    client.send({ id: "1", type: "complete" });
    client.send(subscribe("1", "{ wait(ms: 250) me }"));
    client.send(subscribe("2", "{ me }"));
    await until(() => client.messages.filter(({ type }) => type === "complete").length === 2);
    expect(client.messages.filter(({ id }) => id === "1")).toEqual([
      { id: "1", type: "next", payload: { data: { wait: "done", me: '"anonymous"' } } },
      { id: "1", type: "complete" },
    ]);
    client.send(subscribe("1", "{ me }"));
    await until(() => client.messages.filter(({ id }) => id === "1").length === 4);
  });

  it("under such an id can be completed, and taken twice it closes with 4409", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(subscribe("1", "{ wait(ms: 200) }"));
    client.send({ id: "1", type: "complete" });
    client.send(subscribe("1", ticks));
    await until(() => fixture.ticks.open === 1);
    client.send({ id: "1", type: "complete" });
    await until(() => fixture.ticks.open === 0);
    client.send(subscribe("1", ticks));
    client.send(subscribe("1", ticks));
    expect((await client.closed)[0]).toBe(4409);
  });

  it("counts against the operations of a socket as long as it is at work, wanted or not", async () => {
    await using fixture = await startFixture({ sockets: { maxOperationsPerSocket: 3 } });
    using client = await acknowledged(fixture);
    for (let round = 0; round < 3; round++) {
      client.send(subscribe("1", "{ wait(ms: 300) }"));
      client.send({ id: "1", type: "complete" });
    }
    client.send(subscribe("1", "{ me }"));
    expect(await client.next()).toMatchObject({
      id: "1",
      type: "error",
      payload: [{ extensions: { code: "LIMIT_EXCEEDED" } }],
    });
  });

  it("gets no complete behind an error", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(subscribe("1", "{ nope }"));
    client.send(subscribe("2", 'subscription { failing(code: "STORE_UNAVAILABLE") { cursor } }'));
    await until(() => client.messages.filter(({ type }) => type === "error").length === 2);
    client.send({ type: "ping" });
    await until(() => client.messages.at(-1)?.type === "pong");
    expect(client.messages.some(({ type }) => type === "complete")).toBe(false);
  });

  it("of several ids are interleaved, each in its own order", async () => {
    await using fixture = await startFixture({ limit: 50 });
    using client = await acknowledged(fixture);
    const ids = Array.from({ length: 20 }, (_, index) => `id ${index}`);
    for (const id of ids) client.send(subscribe(id, "subscription { ticks { cursor } }"));
    await until(() => client.messages.length === 1 + 20 * 50);
    for (const id of ids) {
      const cursors = client.messages
        .filter((message) => message.id === id)
        .map((message) => (message.payload as { data: { ticks: { cursor: string } } }).data.ticks.cursor);
      expect(cursors).toEqual(Array.from({ length: 50 }, (_, index) => String(index + 1)));
    }
  });

  it("takes ids of any text, __proto__ too", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    for (const id of ["constructor", "toString", "💥", "a".repeat(1000)]) {
      client.send(subscribe(id, "{ me }"));
      expect(await client.next()).toMatchObject({ id, type: "next" });
      expect(await client.next()).toEqual({ id, type: "complete" });
    }
  });
});

describe("complete", () => {
  it("of an unknown id is ignored, before the ack too", async () => {
    await using fixture = await startFixture();
    using client = await probe(fixture);
    client.send({ id: "never", type: "complete" });
    client.send({ type: "connection_init" });
    expect(await client.next()).toEqual({ type: "connection_ack" });
    client.send({ id: "never", type: "complete" });
    client.send({ type: "ping" });
    expect(await client.next()).toEqual({ type: "pong" });
  });

  it.each([{ type: "complete" }, { type: "complete", id: 1 }, { type: "complete", id: "" }])(
    "in another form closes with 4400: %j",
    async (message) => {
      await using fixture = await startFixture();
      using client = await acknowledged(fixture);
      client.send(message);
      expect((await client.closed)[0]).toBe(4400);
    },
  );

  it("before a single result is there keeps it from being sent", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(subscribe("1", "{ wait(ms: 80) }"));
    client.send({ id: "1", type: "complete" });
    await new Promise((resolve) => setTimeout(resolve, 160));
    client.send({ type: "ping" });
    expect(await client.next()).toEqual({ type: "pong" });
  });

  it("at the very time of events leaves no source open and sends nothing behind it, 200 times", async () => {
    await using fixture = await startFixture({ limit: 100 });
    using client = await acknowledged(fixture);
    for (let round = 0; round < 200; round++) {
      client.send(subscribe(`r${round}`, "subscription { ticks { cursor } }"));
      if (round % 3 === 0) await client.next();
      client.send({ id: `r${round}`, type: "complete" });
    }
    await until(() => fixture.ticks.open === 0);
    client.send({ type: "ping", payload: { last: true } });
    await until(() => client.messages.at(-1)?.type === "pong");
    const seen = client.messages.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.messages.length).toBe(seen);
  });
});

describe("a message", () => {
  it.each(["next", "error", "connection_ack"])("that only servers send closes with 4400: %s", async (type) => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send({ type, id: "1", payload: type === "error" ? [{ message: "x" }] : { data: {} } });
    expect((await client.closed)[0]).toBe(4400);
  });

  it.each(["null", "1", "[]", '"subscribe"', "{", "", '{"type":1}', '{"type":"connection_terminate"}'])(
    "that is none closes with 4400: %s",
    async (text) => {
      await using fixture = await startFixture();
      using client = await acknowledged(fixture);
      client.send(text);
      const [code, reason] = await client.closed;
      expect(code).toBe(4400);
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    },
  );

  it("of 60 KB that is none closes with a reason that fits into a frame", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(JSON.stringify({ type: "x".repeat(60_000) }));
    const [code, reason] = await client.closed;
    expect([code, Buffer.byteLength(reason) <= 123]).toEqual([4400, true]);
  });

  it("that is invalid ends what runs on its socket, and nothing else", async () => {
    await using fixture = await startFixture();
    using bad = await acknowledged(fixture);
    using good = await acknowledged(fixture);
    for (const client of [bad, good]) client.send(subscribe("1", ticks));
    await until(() => fixture.ticks.open === 2);
    bad.send("no json");
    await bad.closed;
    await until(() => fixture.ticks.open === 1);
    good.send({ type: "ping" });
    expect(await good.next()).toEqual({ type: "pong" });
  });

  it("of broken UTF-8 closes with 1007", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect((await client.closed)[0]).toBe(1007);
  });
});

describe("a client that goes", () => {
  it.each([
    ["by 1000", (socket: WebSocket) => socket.close(1000)],
    ["without a word", (socket: WebSocket) => socket.terminate()],
  ])("%s ends its subscriptions", async (_name, go) => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    for (const id of ["1", "2", "3"]) client.send(subscribe(id, ticks));
    await until(() => fixture.ticks.open === 3);
    go(client.socket);
    await until(() => fixture.ticks.open === 0);
  });

  it("in the midst of its handshake or its init leaves nothing behind, and no line of error", async () => {
    await using fixture = await startFixture({
      authenticate: () => new Promise((resolve) => setTimeout(() => resolve("ann"), 50)),
    });
    for (let round = 0; round < 20; round++) {
      const socket = new WebSocket(fixture.wsUrl, "graphql-transport-ws");
      socket.on("error", () => {});
      await new Promise((resolve) => socket.once("open", resolve));
      if (round % 2) socket.send('{"type":"connection_init"}');
      socket.terminate();
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(fixture.lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });
});

describe("the close code 4500", () => {
  it("tells nothing of why", async () => {
    await using fixture = await startFixture({
      authenticate: () => {
        throw new TypeError("password of ldap");
      },
    });
    using client = await probe(fixture);
    client.send({ type: "connection_init" });
    expect(await client.closed).toEqual([4500, "Internal server error"]);
  });
});
