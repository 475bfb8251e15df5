/** The transport under the real schema, feed and stores (in memory). */
import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { z } from "zod";
import { ConfigurationError } from "../../../../src/base/errors.ts";
import { createGateway } from "../../../../src/gateway.ts";
import type { Result } from "./fixture.ts";

async function start() {
  const gateway = createGateway({ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" });
  const todos = gateway.addModel("TodoItem", z.object({ title: z.string(), due: z.iso.datetime().optional() }));
  const { url } = await gateway.listen({ port: 0 });
  const ask = async (query: string, variables: object = {}): Promise<Result> => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ query, variables });
    return (await (await fetch(url, { method: "POST", headers, body })).json()) as Result;
  };
  return { gateway, todos, url, ask, [Symbol.asyncDispose]: () => gateway.close() };
}

function subscribeTo(url: string, query: string) {
  const client = createClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
  const events: { readonly cursor: string; readonly title: string | undefined }[] = [];
  const ended = new Promise<unknown>((resolve) => {
    const sink = {
      next({ data }: { data?: unknown }) {
        const { todoItemChanged: change } = data as {
          todoItemChanged: { cursor: string; resource: { data: { title: string } } | null };
        };
        events.push({ cursor: change.cursor, title: change.resource?.data.title });
      },
      error: resolve,
      complete: () => resolve("completed"),
    };
    client.subscribe({ query }, sink);
  });
  const closed = new Promise<number>((resolve) => client.on("closed", (event) => resolve((event as CloseEvent).code)));
  return { client, events, ended, closed };
}

const changed = (after: string) =>
  `subscription { todoItemChanged(after: "${after}") { cursor resource { data { title } } } }`;

describe("a gateway's subscriptions", () => {
  it("resume behind a cursor and go live, each event as its change left the resource", async () => {
    await using own = await start();
    const { meta } = await own.todos.create({ title: "one" });
    await own.todos.update(meta.resourceId, { title: "two" });
    const { events, client } = subscribeTo(own.url, changed("1"));
    await expect.poll(() => events.length).toBe(1);
    await own.todos.update(meta.resourceId, { title: "three" });
    await expect
      .poll(() => events)
      .toEqual([
        { cursor: "2", title: "two" },
        { cursor: "3", title: "three" },
      ]);
    await client.dispose();
  });

  it("are told SHUTTING_DOWN with their cursor, even before the first event, and the socket closes with 1001", async () => {
    await using own = await start();
    await own.todos.create({ title: "one" });
    const eager = subscribeTo(own.url, changed("0"));
    const waiting = subscribeTo(own.url, changed("1"));
    await expect.poll(() => eager.events.length).toBe(1);
    // The second one is there when its socket has answered a later message.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await own.gateway.close();
    for (const { ended, closed } of [eager, waiting]) {
      expect(await ended).toMatchObject([{ extensions: { code: "SHUTTING_DOWN", cursor: "1" } }]);
      expect(await closed).toBe(1001);
    }
  });

  it("refuse a cursor of the future", async () => {
    await using own = await start();
    const { ended, client } = subscribeTo(own.url, changed("99"));
    expect(await ended).toMatchObject([{ extensions: { code: "CURSOR_INVALID" } }]);
    await client.dispose();
  });
});

describe("a gateway's coercion errors", () => {
  const create = "mutation C($data: TodoItemInput!) { createTodoItem(data: $data) { meta { resourceId } } }";

  it.each([
    ["a wrong type", { title: 1 }, ["data", "title"]],
    ["an unknown key", { title: "a", colour: "red" }, ["data"]],
    ["a naive datetime", { title: "a", due: "2026-01-01T00:00:00" }, ["data", "due"]],
  ])("name the place of %s in variables", async (_name, data, path) => {
    await using own = await start();
    const { errors } = await own.ask(create, { data });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "VALIDATION_FAILED", issues: [{ path }] });
  });

  it("are VALIDATION_FAILED for values in the document, too", async () => {
    await using own = await start();
    const { errors } = await own.ask(
      'mutation { createTodoItem(data: { title: "a", due: "tomorrow" }) { meta { resourceId } } }',
    );
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["VALIDATION_FAILED"]);
  });
});

describe("a field of the user's own", () => {
  it("may resolve to what a manager returns, which is shown as the revision that it is of", async () => {
    const gateway = createGateway({ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" });
    const todos = gateway.addModel("TodoItem", z.object({ title: z.string(), due: z.date().optional() }));
    const type = todos.graphql.resource;
    gateway.builder.queryFields((t) => ({
      first: t.field({
        type,
        nullable: true,
        resolve: () => todos.get("todo-item:a", { revisionId: "todo-item:a:1" }),
      }),
      all: t.field({ type: [type], nullable: true, resolve: () => todos.search() }),
      none: t.field({ type, nullable: true, resolve: () => null }),
      purged: t.field({
        type,
        nullable: true,
        resolve: async () => {
          const created = await todos.create({ title: "gone" });
          await todos.purge(created.meta.resourceId);
          return created;
        },
      }),
    }));
    await todos.create({ title: "old" }, { resourceId: "todo-item:a" });
    await todos.update("todo-item:a", { title: "new", due: new Date(0) });
    const shown =
      "id meta { resourceId } revision { revisionId } data { title due } revisions { nodes { data { title } } }";
    const url = "http://localhost/graphql";
    const body = JSON.stringify({ query: `{ first { ${shown} } all { ${shown} } none { id } purged { id } }` });
    const headers = { "content-type": "application/json" };
    const answer = await gateway.fetch(new Request(url, { method: "POST", headers, body }));
    const constant = {
      id: Buffer.from("TodoItemResource:todo-item:a").toString("base64"),
      meta: { resourceId: "todo-item:a" },
      revisions: { nodes: [{ data: { title: "new" } }, { data: { title: "old" } }] },
    };
    expect(await answer.json()).toEqual({
      data: {
        first: { ...constant, revision: { revisionId: "todo-item:a:1" }, data: { title: "old", due: null } },
        all: [
          {
            ...constant,
            revision: { revisionId: "todo-item:a:2" },
            data: { title: "new", due: "1970-01-01T00:00:00.000Z" },
          },
        ],
        none: null,
        purged: null,
      },
    });
    await gateway.close();
  });
});

describe("the default status", () => {
  it("is taken by either of its names, and refused where it is none", async () => {
    const stores = { meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" } as const;
    const schema = z.object({ title: z.string() });
    const gateway = createGateway({ ...stores, defaultStatus: "DRAFT" });
    const drafts = gateway.addModel("Draft", schema);
    const stables = gateway.addModel("Stable", schema, { defaultStatus: "stable" });
    expect((await drafts.create({ title: "a" })).revision.status).toBe("draft");
    expect((await stables.create({ title: "a" })).revision.status).toBe("stable");
    expect(() => gateway.addModel("Odd", schema, { defaultStatus: "final" as never })).toThrow(ConfigurationError);
    await gateway.close();
  });
});
