/** An executable schema as a remote. */
import { setTimeout as delay } from "node:timers/promises";
import { buildSchema, GraphQLError, type GraphQLSchema } from "graphql";
import { expect, test } from "vitest";
import { createLocalRemote } from "../../../../src/faces/stitch/remote/local-remote.ts";
import type { Remote, RemoteCaller } from "../../../../src/faces/stitch/remote/remote.ts";
import { callerWith, down, failureOf, kept, query, system, until } from "./fixture.ts";

interface Counts {
  returned: number;
}

function schemaOf(counts: Counts = { returned: 0 }): GraphQLSchema {
  const schema = buildSchema(`
    type Query { who: String, list: [Item], slow: String }
    type Mutation { add(by: Int!): Int }
    type Subscription { ticks(to: Int): Int, silent: Int, refused: Int }
    type Item { name: String, broken: String }
  `);
  const root: Record<string, (source: unknown, args: Record<string, number>, caller: RemoteCaller) => unknown> = {
    who: (_source, _args, { actor, headers }) => `${JSON.stringify(actor)} ${headers.authorization}`,
    list: () => [{ name: "a" }, { name: "b" }],
    slow: () => new Promise(() => {}),
    add: (_source, { by = 0 }) => by + 1,
  };
  for (const [name, resolve] of Object.entries(root)) {
    const field = schema.getQueryType()?.getFields()[name] ?? schema.getMutationType()?.getFields()[name];
    if (field) field.resolve = resolve;
  }
  const item = schema.getType("Item") as ReturnType<GraphQLSchema["getQueryType"]>;
  const broken = item?.getFields().broken;
  if (broken) {
    broken.resolve = () => {
      throw new GraphQLError("Broken.", { extensions: { code: "BROKEN" } });
    };
  }
  const streams = schema.getSubscriptionType()?.getFields() ?? {};
  const stream = (name: string, subscribe: (source: unknown, args: { to: number }) => unknown) => {
    const field = streams[name];
    if (!field) return;
    field.subscribe = subscribe;
    field.resolve = (event: unknown) => event;
  };
  stream("ticks", async function* (_source, { to }) {
    for (let tick = 1; tick <= to; tick++) yield tick;
  });
  stream("silent", async function* () {
    try {
      await delay(200);
      yield 1;
    } finally {
      counts.returned++;
    }
  });
  stream("refused", () => {
    throw new GraphQLError("No.", { extensions: { code: "FORBIDDEN" } });
  });
  return schema;
}

const local = (schema = schemaOf()): Remote => kept(createLocalRemote("catalog", schema));
const subscription = (text: string, variables?: Record<string, unknown>) => ({
  kind: "subscription" as const,
  query: text,
  variables,
});

test("queries and mutations are executed with the caller as their context", async () => {
  const remote = local();
  expect(await remote.execute(query("{ who }"), callerWith({ authorization: "a" }))).toEqual({
    data: { who: '"ann" a' },
  });
  expect(await remote.execute(query("{ who }"), system)).toEqual({ data: { who: "null undefined" } });
  const mutation = { kind: "mutation" as const, query: "mutation ($by: Int!) { add(by: $by) }", variables: { by: 2 } };
  expect(await remote.execute(mutation, system)).toEqual({ data: { add: 3 } });
});

test("errors keep message, path and extensions", async () => {
  const { data, errors } = await local().execute(query("{ list { name broken } }"), system);
  expect(data).toEqual({
    list: [
      { name: "a", broken: null },
      { name: "b", broken: null },
    ],
  });
  expect(errors).toEqual(
    [0, 1].map((at) => ({ message: "Broken.", path: ["list", at, "broken"], extensions: { code: "BROKEN" } })),
  );
});

test.each(["{ who", "{ whom }", "query ($by: Int!) { who }"])(
  "what cannot be executed is answered in errors: %s",
  async (text) => {
    const { data, errors } = await local().execute(query(text), system);
    expect(data).toBeUndefined();
    expect(errors).toHaveLength(1);
  },
);

test("who leaves does not wait for resolvers that never end", async () => {
  const remote = local();
  const client = new AbortController();
  const failed = failureOf(remote.execute(query("{ slow }"), callerWith({}, client.signal)));
  client.abort();
  expect(await failed).toEqual(down("cancelled"));
  const late = failureOf(remote.execute(query("{ slow }"), callerWith({}, AbortSignal.timeout(20))));
  expect(await late).toEqual(down("timeout"));
  const running = failureOf(remote.execute(query("{ slow }"), system));
  await remote.close();
  expect(await running).toEqual(down("closed"));
  expect(await failureOf(remote.execute(query("{ who }"), system))).toEqual(down("closed"));
});

test("events of subscriptions come as results, then the end", async () => {
  const events = [];
  const asked = subscription("subscription ($to: Int) { ticks(to: $to) }", { to: 3 });
  for await (const event of local().subscribe(asked, system)) events.push(event);
  expect(events).toEqual([1, 2, 3].map((ticks) => ({ data: { ticks } })));
});

test("a subscription that is refused is one result with its errors", async () => {
  const events = [];
  for await (const event of local().subscribe(subscription("subscription { refused }"), system)) events.push(event);
  expect(events).toMatchObject([
    { errors: [{ message: "No.", path: ["refused"], extensions: { code: "FORBIDDEN" } }] },
  ]);
});

test("a subscription ends where its reader leaves, whatever its source is waiting for", async () => {
  const counts = { returned: 0 };
  const stream = local(schemaOf(counts)).subscribe(subscription("subscription { silent }"), system);
  const next = stream.next();
  const startedAt = performance.now();
  await stream.return?.();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(performance.now() - startedAt).toBeLessThan(100);
  await until(() => counts.returned === 1, "the source ends");
});

test("a subscription whose client goes, or whose remote is closed, is told so once", async () => {
  const remote = local();
  const client = new AbortController();
  const asked = subscription("subscription { silent }");
  const left = remote.subscribe(asked, callerWith({}, client.signal));
  const open = remote.subscribe(asked, system);
  const [first, second] = [failureOf(left.next()), failureOf(open.next())];
  client.abort();
  await remote.close();
  expect([await first, await second]).toEqual([down("cancelled"), down("closed")]);
  expect(await left.next()).toEqual({ done: true, value: undefined });
  expect(await failureOf(remote.subscribe(asked, system).next())).toEqual(down("closed"));
});
