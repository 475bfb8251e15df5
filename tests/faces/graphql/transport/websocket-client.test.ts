/** Subscriptions as clients use them: graphql-ws' own client. The protocol's edges: websocket-probe.test.ts. */
import { type Client, createClient } from "graphql-ws";
import { afterEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { type Fixture, type Result, startFixture, until } from "./fixture.ts";

const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

function clientOf(
  fixture: Fixture,
  options: { connectionParams?: Record<string, unknown>; headers?: Record<string, string> } = {},
): Client {
  class WithHeaders extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, { headers: options.headers ?? {} });
    }
  }
  const { connectionParams = {} } = options;
  const client = createClient({ url: fixture.wsUrl, webSocketImpl: WithHeaders, retryAttempts: 0, connectionParams });
  clients.push(client);
  return client;
}

const ticks = "subscription T($after: String) { ticks(after: $after) { cursor made } }";

const tickOf = ({ data }: Result) => data?.ticks as { readonly cursor: string; readonly made: number };

async function take(
  client: Client,
  query: string,
  count: number,
  variables: Record<string, unknown> = {},
): Promise<Result[]> {
  const taken: Result[] = [];
  for await (const result of client.iterate({ query, variables })) {
    taken.push(result as Result);
    if (taken.length === count) break;
  }
  return taken;
}

describe("graphql-ws' client", () => {
  it("gets queries, mutations and events", async () => {
    await using fixture = await startFixture();
    const client = clientOf(fixture);
    expect(await take(client, "{ me }", 1)).toEqual([{ data: { me: '"anonymous"' } }]);
    expect(await take(client, 'mutation { rename(id: 1, title: "x") { title } }', 1)).toEqual([
      { data: { rename: { title: "x" } } },
    ]);
    const events = await take(client, ticks, 3);
    expect(events.map((event) => tickOf(event).cursor)).toEqual(["1", "2", "3"]);
  });

  it("gets every event under a context of its own", async () => {
    await using fixture = await startFixture();
    const events = await take(clientOf(fixture), ticks, 3);
    const made = events.map((event) => tickOf(event).made);
    expect(new Set(made).size).toBe(3);
  });

  it("ends the source when it completes, also while the source waits", async () => {
    await using fixture = await startFixture();
    await take(clientOf(fixture), ticks, 3);
    const waiting = clientOf(fixture).iterate({ query: ticks, variables: { after: "3" } });
    const next = waiting.next();
    await until(() => fixture.ticks.open === 1);
    await waiting.return?.();
    await next;
    await until(() => fixture.ticks.open === 0);
  });

  it("ends the sources of a socket that goes away", async () => {
    await using fixture = await startFixture();
    const client = clientOf(fixture);
    const next = client.iterate({ query: ticks, variables: { after: "3" } }).next();
    next.catch(() => undefined);
    await until(() => fixture.ticks.open === 1);
    client.terminate();
    await until(() => fixture.ticks.open === 0);
  });

  it("is its own actor, by connection params or by headers", async () => {
    await using fixture = await startFixture({
      authenticate: ({ request, connectionParams }) => String(connectionParams?.user ?? request.headers.get("x-user")),
    });
    expect(await take(clientOf(fixture, { connectionParams: { user: "ann" } }), "{ me }", 1)).toEqual([
      { data: { me: '"ann"' } },
    ]);
    expect(await take(clientOf(fixture, { headers: { "x-user": "bob" } }), "{ me }", 1)).toEqual([
      { data: { me: '"bob"' } },
    ]);
  });

  it("is told SHUTTING_DOWN with the cursor, then closed with 1001", async () => {
    await using fixture = await startFixture();
    const client = clientOf(fixture);
    const closed = new Promise<number>((resolve) =>
      client.on("closed", (event) => resolve((event as CloseEvent).code)),
    );
    const events: unknown[] = [];
    const ended = new Promise<unknown>((resolve) => {
      client.subscribe(
        { query: ticks },
        { next: (event) => events.push(event), error: resolve, complete: () => resolve("completed") },
      );
    });
    await until(() => events.length === 3);
    await fixture.close();
    expect(await ended).toMatchObject([{ extensions: { code: "SHUTTING_DOWN", cursor: "3" } }]);
    expect(await closed).toBe(1001);
  });

  it("gets the answer of a query that runs at shutdown", async () => {
    await using fixture = await startFixture();
    const client = clientOf(fixture);
    await take(client, "{ me }", 1);
    const answer = take(client, "{ wait(ms: 150) }", 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await fixture.close();
    expect(await answer).toEqual([{ data: { wait: "done" } }]);
  });
});
