/** GraphQL over SSE, "distinct connections" mode. */
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { type Fixture, startFixture, until } from "./fixture.ts";

interface Reader {
  readonly response: Response;
  text: string;
  readonly done: Promise<void>;
  stop(): void;
}

async function open(fixture: Fixture, query: string, viaServer = true): Promise<Reader> {
  const stop = new AbortController();
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query }),
    signal: stop.signal,
  };
  const response = viaServer ? await fetch(fixture.url, init) : await fixture.fetch(new Request(fixture.url, init));
  const reader = { response, text: "", done: Promise.resolve(), stop: () => stop.abort() };
  const decoder = new TextDecoder();
  const read = async () => {
    for await (const chunk of response.body ?? []) reader.text += decoder.decode(chunk, { stream: true });
  };
  return Object.assign(reader, { done: read().catch(() => undefined) });
}

/** The data of the `next` events. */
const eventsOf = (text: string) =>
  [...text.matchAll(/event: next\ndata: (.*)\n\n/g)].map(
    ([, data = ""]) => JSON.parse(data) as { data?: unknown; errors?: unknown },
  );

const cursors = (text: string) =>
  eventsOf(text).map(({ data }) => (data as { ticks: { cursor: string } }).ticks.cursor);

describe.each([
  ["over the server", true],
  ["without a server", false],
])("an event stream %s", (_name, viaServer) => {
  it("brings events and then waits for more; after resumes", async () => {
    await using fixture = await startFixture();
    const reader = await open(fixture, 'subscription { ticks(after: "1") { cursor } }', viaServer);
    expect(reader.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    await until(() => cursors(reader.text).length === 2);
    expect(cursors(reader.text)).toEqual(["2", "3"]);
    expect(reader.text).not.toContain("complete");
    reader.stop();
    await until(() => fixture.ticks.open === 0);
  });

  it("brings the result of a query, and completes", async () => {
    await using fixture = await startFixture();
    const reader = await open(fixture, "{ me }", viaServer);
    await reader.done;
    expect(eventsOf(reader.text)).toEqual([{ data: { me: '"anonymous"' } }]);
    expect(reader.text.endsWith("event: complete\ndata:\n\n")).toBe(true);
  });

  it("tells an error that ends it in a next event, and completes", async () => {
    await using fixture = await startFixture();
    const reader = await open(fixture, 'subscription { failing(code: "STORE_UNAVAILABLE") { cursor } }', viaServer);
    await reader.done;
    expect(eventsOf(reader.text)).toMatchObject([
      { data: { failing: { cursor: "7" } } },
      { errors: [{ extensions: { code: "STORE_UNAVAILABLE", cursor: "7" } }] },
    ]);
    expect(reader.text.endsWith("event: complete\ndata:\n\n")).toBe(true);
  });

  it.each([
    ["subscription { nope }", "GRAPHQL_VALIDATION_FAILED"],
    ['subscription { ticks(after: "wrong") { cursor } }', "CURSOR_INVALID"],
  ])("tells why %s cannot begin", async (query, code) => {
    await using fixture = await startFixture();
    const reader = await open(fixture, query, viaServer);
    await reader.done;
    expect(eventsOf(reader.text)).toMatchObject([{ errors: [{ extensions: { code } }] }]);
  });

  it("ends with SHUTTING_DOWN and the cursor at shutdown", async () => {
    await using fixture = await startFixture();
    const reader = await open(fixture, "subscription { ticks { cursor } }", viaServer);
    await until(() => cursors(reader.text).length === 3);
    await fixture.close();
    await reader.done;
    expect(eventsOf(reader.text).at(-1)).toMatchObject({
      errors: [{ extensions: { code: "SHUTTING_DOWN", cursor: "3" } }],
    });
    expect(reader.text.endsWith("event: complete\ndata:\n\n")).toBe(true);
  });
});

describe("an event stream", () => {
  it("shows signs of life", async () => {
    await using fixture = await startFixture({ heartbeatMs: 10 });
    const reader = await open(fixture, 'subscription { ticks(after: "3") { cursor } }');
    await until(() => reader.text.split(":\n\n").length > 4);
    reader.stop();
    expect(eventsOf(reader.text)).toEqual([]);
  });

  it("is opened by GET, as EventSource does", async () => {
    await using fixture = await startFixture();
    const url = `${fixture.url}?query=${encodeURIComponent("{ me }")}`;
    const response = await fetch(url, { headers: { accept: "text/event-stream" } });
    expect(eventsOf(await response.text())).toEqual([{ data: { me: '"anonymous"' } }]);
  });

  it("of a client that reads nothing is held back, then cut", async () => {
    await using fixture = await startFixture({ limit: 1000, slowConsumerTimeoutMs: 300 });
    const { hostname, port } = new URL(fixture.url);
    const socket = connect(Number(port), hostname).pause();
    socket.on("error", () => undefined);
    const query = encodeURIComponent("subscription { ticks(size: 65536) { cursor padding } }");
    socket.write(`GET /graphql?query=${query} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`);
    await until(() => fixture.ticks.open === 1);
    await until(() => fixture.ticks.open === 0);
    expect(fixture.ticks.taken).toBeLessThan(500);
    socket.destroy();
  });
});
