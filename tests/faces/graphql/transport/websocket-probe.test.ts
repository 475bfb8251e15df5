/** Every rule of graphql-ws' PROTOCOL.md and each close code, by a client that knows nothing but frames. */
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { WeftError } from "../../../../src/base/errors.ts";
import { startFixture, until } from "./fixture.ts";
import { acknowledged, probe, subscribe } from "./probe.ts";

describe("the handshake", () => {
  it.each([[["graphql-ws"]], [["soap"]], [[]]])("closes the subprotocols %s with 4406", async (protocols) => {
    await using fixture = await startFixture();
    using client = await probe(fixture, protocols);
    expect((await client.closed)[0]).toBe(4406);
  });

  it("takes its subprotocol from among others", async () => {
    await using fixture = await startFixture();
    using client = await probe(fixture, ["soap", "graphql-transport-ws"]);
    expect(client.socket.protocol).toBe("graphql-transport-ws");
  });

  it("closes a client that sends no connection_init with 4408", async () => {
    await using fixture = await startFixture({ sockets: { connectionInitTimeoutMs: 50 } });
    using client = await probe(fixture);
    expect(await client.closed).toEqual([4408, "Connection initialisation timeout"]);
  });

  it("closes a second connection_init with 4429", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send({ type: "connection_init" });
    expect((await client.closed)[0]).toBe(4429);
  });

  it("closes a subscribe before the ack with 4401", async () => {
    await using fixture = await startFixture();
    using client = await probe(fixture);
    client.send(subscribe("1", "{ me }"));
    expect((await client.closed)[0]).toBe(4401);
  });

  it.each([
    [new WeftError("UNAUTHENTICATED"), 4401],
    [new WeftError("FORBIDDEN"), 4403],
    [new WeftError("UPSTREAM_UNAVAILABLE"), 4500],
    [new Error("ldap://secret"), 4500],
  ])("closes where authenticate throws %s with %i", async (error, code) => {
    await using fixture = await startFixture({
      authenticate: () => {
        throw error;
      },
    });
    using client = await probe(fixture);
    client.send({ type: "connection_init" });
    const [closeCode, reason] = await client.closed;
    expect(closeCode).toBe(code);
    expect(reason).not.toContain("secret");
  });

  it("refuses pages of other origins, and takes its own and those that are listed", async () => {
    await using fixture = await startFixture({ cors: { origins: ["https://app.example"] } });
    await expect(probe(fixture, ["graphql-transport-ws"], { origin: "https://evil.example" })).rejects.toThrow("403");
    for (const origin of ["https://app.example", new URL(fixture.url).origin]) {
      using client = await probe(fixture, ["graphql-transport-ws"], { origin });
      client.send({ type: "connection_init" });
      expect(await client.next()).toEqual({ type: "connection_ack" });
    }
  });

  it("refuses other paths", async () => {
    await using fixture = await startFixture();
    await expect(probe({ ...fixture, wsUrl: `${fixture.wsUrl}/other` })).rejects.toThrow("404");
  });

  it("closes an actor's socket too many with 4429", async () => {
    await using fixture = await startFixture({
      authenticate: ({ connectionParams }) => String(connectionParams?.user),
      sockets: { maxSocketsPerActor: 1 },
    });
    const first = await acknowledged(fixture, { user: "ann" });
    using other = await acknowledged(fixture, { user: "bob" });
    using second = await probe(fixture);
    second.send({ type: "connection_init", payload: { user: "ann" } });
    expect((await second.closed)[0]).toBe(4429);
    first.socket.close();
    await first.closed;
    using third = await acknowledged(fixture, { user: "ann" });
    expect([other, third].map(({ socket }) => socket.readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
  });
});

describe("messages", () => {
  it.each([
    "no json",
    "{}",
    '{"type":"unknown"}',
    '{"type":"subscribe","id":"1"}',
    '{"type":"subscribe","id":"1","payload":{"query":1}}',
  ])("%s closes with 4400", async (text) => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(text);
    expect((await client.closed)[0]).toBe(4400);
  });

  it("longer than 64 KiB close with 1009", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(" ".repeat(64 * 1024 + 1));
    expect((await client.closed)[0]).toBe(1009);
  });

  it("ping is answered by pong with its payload, before the ack too", async () => {
    await using fixture = await startFixture();
    using client = await probe(fixture);
    client.send({ type: "ping", payload: { now: 1 } });
    expect(await client.next()).toEqual({ type: "pong", payload: { now: 1 } });
  });

  it("with an id that is in use close with 4409", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(subscribe("1", 'subscription { ticks(after: "3") { cursor } }'));
    client.send(subscribe("1", "{ me }"));
    expect((await client.closed)[0]).toBe(4409);
  });

  it("may use an id again once it is complete", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    for (let round = 0; round < 2; round++) {
      client.send(subscribe("1", "{ me }"));
      expect(await client.next()).toMatchObject({ id: "1", type: "next" });
      expect(await client.next()).toEqual({ id: "1", type: "complete" });
    }
  });

  it.each([
    ["{", "GRAPHQL_PARSE_FAILED"],
    ["{ nope }", "GRAPHQL_VALIDATION_FAILED"],
    [`{ ${"self { ".repeat(30)} me ${"}".repeat(30)} }`, "LIMIT_EXCEEDED"],
    ["query Q($id: ID!) { item(id: $id) { id } }", "VALIDATION_FAILED"],
    ['subscription { ticks(after: "wrong") { cursor } }', "CURSOR_INVALID"],
    ["subscription { refused { cursor } }", "FORBIDDEN"],
    ["query A { me } query B { me }", "GRAPHQL_VALIDATION_FAILED"],
  ])("%s gets an error for its id and keeps the socket", async (query, code) => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(subscribe("7", query));
    expect(await client.next()).toMatchObject({ id: "7", type: "error", payload: [{ extensions: { code } }] });
    client.send(subscribe("7", "{ me }"));
    expect(await client.next()).toMatchObject({ id: "7", type: "next" });
  });

  it.each(["SHUTTING_DOWN", "STORE_UNAVAILABLE", "SLOW_CONSUMER"])(
    "a subscription that ends with %s gets an error with the cursor and keeps the socket",
    async (code) => {
      await using fixture = await startFixture();
      using client = await acknowledged(fixture);
      client.send(subscribe("1", `subscription { failing(code: "${code}") { cursor } }`));
      expect(await client.next()).toMatchObject({
        id: "1",
        type: "next",
        payload: { data: { failing: { cursor: "7" } } },
      });
      expect(await client.next()).toMatchObject({
        id: "1",
        type: "error",
        payload: [{ extensions: { code, cursor: "7" } }],
      });
      client.send(subscribe("2", "{ me }"));
      expect(await client.next()).toMatchObject({ id: "2", type: "next" });
    },
  );

  it("a failing field is a next with errors, masked", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(subscribe("1", '{ fail(how: "unknown") }'));
    const { payload } = await client.next();
    expect(payload).toMatchObject({ data: { fail: null }, errors: [{ extensions: { code: "INTERNAL" } }] });
  });

  it("beyond the operations of a socket get LIMIT_EXCEEDED", async () => {
    await using fixture = await startFixture({ sockets: { maxOperationsPerSocket: 2 } });
    using client = await acknowledged(fixture);
    for (const id of ["1", "2", "3"]) client.send(subscribe(id, 'subscription { ticks(after: "3") { cursor } }'));
    expect(await client.next()).toMatchObject({
      id: "3",
      type: "error",
      payload: [{ extensions: { code: "LIMIT_EXCEEDED" } }],
    });
    client.send({ id: "1", type: "complete" });
    await until(() => fixture.ticks.open === 1);
    client.send(subscribe("4", "{ me }"));
    expect(await client.next()).toMatchObject({ id: "4", type: "next" });
  });

  it("complete ends a subscription without an answer, and again without harm", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    client.send(subscribe("1", 'subscription { ticks(after: "3") { cursor } }'));
    await until(() => fixture.ticks.open === 1);
    client.send({ id: "1", type: "complete" });
    client.send({ id: "1", type: "complete" });
    await until(() => fixture.ticks.open === 0);
    client.send({ type: "ping" });
    expect(await client.next()).toEqual({ type: "pong" });
  });
});

describe("a client that reads nothing", () => {
  const flood = "subscription { ticks(size: 65536) { cursor padding } }";

  it("holds back its own subscription, and gets every event once it reads again", async () => {
    await using fixture = await startFixture({ limit: 1000 });
    using client = await acknowledged(fixture);
    client.socket.pause();
    client.send(subscribe("1", flood));
    await settled(() => fixture.ticks.taken);
    expect(fixture.ticks.taken).toBeLessThan(500);
    client.socket.resume();
    await until(() => client.messages.length === 1001);
    const cursors = client.messages
      .slice(1)
      .map(({ payload }) => (payload as { data: { ticks: { cursor: string } } }).data.ticks.cursor);
    expect(cursors).toEqual(Array.from({ length: 1000 }, (_, index) => String(index + 1)));
  });

  it("is closed with 4413, the reason being the cursor of the last event that it gets", async () => {
    await using fixture = await startFixture({ limit: 1000, slowConsumerTimeoutMs: 200 });
    using client = await acknowledged(fixture);
    client.socket.pause();
    client.send(subscribe("1", flood));
    await until(() => fixture.ticks.taken > 0);
    await until(() => fixture.ticks.open === 0);
    client.socket.resume();
    const [code, reason] = await client.closed;
    expect(code).toBe(4413);
    const last = client.messages.at(-1)?.payload as { data: { ticks: { cursor: string } } };
    expect(reason).toBe(last.data.ticks.cursor);
  });

  it("cannot make the server buffer answers to its pings", async () => {
    await using fixture = await startFixture({ slowConsumerTimeoutMs: 60_000 });
    using client = await acknowledged(fixture);
    client.socket.pause();
    const before = process.memoryUsage().rss;
    const payload = { filler: "x".repeat(60_000) };
    for (let count = 0; count < 2000; count++) client.send({ type: "ping", payload });
    await settled(() => client.socket.bufferedAmount);
    expect(client.socket.bufferedAmount).toBeGreaterThan(50_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
  });

  it("is pinged while it is idle", async () => {
    await using fixture = await startFixture({ heartbeatMs: 20 });
    using client = await acknowledged(fixture);
    let pings = 0;
    client.socket.on("ping", () => pings++);
    await until(() => pings >= 3);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it("is given up after ten pings without an answer", async () => {
    await using fixture = await startFixture({ heartbeatMs: 10 });
    const client = new WebSocket(fixture.wsUrl, "graphql-transport-ws", { autoPong: false });
    const closed = new Promise<number>((resolve) => client.on("close", resolve));
    client.on("open", () => client.send('{"type":"connection_init"}'));
    expect(await closed).toBe(4413);
  });
});

/** Waits until the value stays the same for 200 ms. */
async function settled(value: () => number): Promise<void> {
  let last = Number.NaN;
  for (let same = 0; same < 4; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    same = value() === last ? same + 1 : 0;
    last = value();
  }
}
