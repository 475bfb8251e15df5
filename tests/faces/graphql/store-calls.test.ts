/** What queries ask of the stores, pinned: an N+1, or a payload read that nobody needed, shows here as a difference. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createGateway, type Gateway } from "../../../src/gateway.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { memoryPayloadStore } from "../../../src/stores/payload/drivers/memory.ts";
import type { PayloadStore } from "../../../src/stores/payload/payload-store.ts";
import { ask } from "../ask.ts";

const calls: string[] = [];
let gateway: Gateway;
let firstId: string;

/** A store that notes each call as `store.method(size)`, size being how many things were asked for at once. */
function recording<Store extends MetaStore | PayloadStore>(name: string, store: Store): Store {
  return new Proxy(store, {
    get(target, key, receiver) {
      const member = Reflect.get(target, key, receiver);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const [first] = args;
        calls.push(`${name}.${String(key)}${Array.isArray(first) ? `(${first.length})` : ""}`);
        return member.apply(target, args);
      };
    },
  });
}

const address = z.object({ city: z.string(), street: z.string() });

beforeAll(async () => {
  gateway = createGateway({
    meta: recording("meta", memoryMetaStore()),
    payload: recording("payload", memoryPayloadStore()),
    payloadCacheBytes: 0,
    blob: "memory:",
    logLevel: "silent",
  });
  const todos = gateway.addModel(
    "TodoItem",
    z.object({ title: z.string(), level: z.number().int(), notes: z.string(), address, tags: z.array(z.string()) }),
    { indexedFields: ["title", "level", "address.city", "tags"] },
  );
  for (let n = 0; n < 60; n++) {
    const data = { title: `t${n}`, level: n, notes: "n", address: { city: "Taipei", street: "s" }, tags: ["a", "b"] };
    const { meta } = await todos.create(data);
    firstId ??= meta.resourceId;
  }
  // The first request has the indexes made; that is not what is pinned here.
  await ask(gateway, "{ __typename }");
});

afterAll(() => gateway.close());

beforeEach(() => {
  calls.length = 0;
});

async function callsOf(query: string): Promise<string[]> {
  const { errors } = await ask(gateway, query);
  expect(errors).toBeUndefined();
  return [...calls].sort();
}

const times = (count: number, call: string) => Array.from({ length: count }, () => call);

describe("store calls", () => {
  it("reads a list of 50 with meta, revision and data in one statement for the heads and one for the revisions", async () => {
    const query = "{ todoItemList(query: { limit: 50 }) { meta { etag } revision { status } data { notes } } }";
    expect(await callsOf(query)).toEqual(["meta.revisions(50)", "meta.search", ...times(50, "payload.get")]);
  });

  it("reads a connection of 50 likewise, and counts only where asked", async () => {
    const page = "edges { cursor node { meta { etag } revision { status } } } pageInfo { hasNextPage }";
    expect(await callsOf(`{ todoItems(first: 50) { ${page} } }`)).toEqual(["meta.revisions(50)", "meta.search"]);
    calls.length = 0;
    expect(await callsOf("{ todoItems(first: 50) { totalCount } }")).toEqual(["meta.count", "meta.search"]);
  });

  it("reads no payload for meta and indexed fields", async () => {
    const data = "data { title level address { city } tags }";
    expect(await callsOf(`{ todoItemList(query: { limit: 50 }) { meta { createdBy indexedData } ${data} } }`)).toEqual([
      "meta.search",
    ]);
    calls.length = 0;
    expect(await callsOf(`{ todoItem(resourceId: "${firstId}") { ${data} } }`)).toEqual(["meta.heads(1)"]);
  });

  it("reads no payload for revision information", async () => {
    expect(await callsOf(`{ todoItem(resourceId: "${firstId}") { revision { dataHash } } }`)).toEqual([
      "meta.heads(1)",
      "meta.revisions(1)",
    ]);
  });

  it("reads the payload of one revision once, however many fields of a query want it", async () => {
    const query = `{
      todoItem(resourceId: "${firstId}") {
        a: data { notes }
        b: data { address { street } }
        partial(paths: ["notes"])
      }
    }`;
    expect(await callsOf(query)).toEqual(["meta.heads(1)", "payload.get"]);
  });

  it("reads resources named several times in one statement", async () => {
    const query = `{
      a: todoItem(resourceId: "${firstId}") { meta { etag } }
      b: todoItem(resourceId: "${firstId}") { meta { etag } }
      c: todoItem(resourceId: "todo-item:missing") { meta { etag } }
    }`;
    expect(await callsOf(query)).toEqual(["meta.heads(2)"]);
  });

  it("reads the newest revisions of a whole page in one statement", async () => {
    const query =
      "{ todoItems(first: 50) { nodes { revisions(first: 5) { edges { node { revision { status } } } } } } }";
    const made = await callsOf(query);
    expect(made.filter((call) => call.startsWith("meta.revisionPages"))).toEqual(["meta.revisionPages(50)"]);
    expect(made.filter((call) => call.startsWith("payload"))).toEqual([]);
  });

  it("creates in one payload write and one commit, and updates after one read of each", async () => {
    const data = 'data: { title: "x", level: 1, notes: "", address: { city: "c", street: "s" }, tags: [] }';
    expect(
      await callsOf(`mutation { createTodoItem(${data}) { meta { etag } revision { status } data { notes } } }`),
    ).toEqual(["meta.commit", "payload.put"]);
    calls.length = 0;
    expect(await callsOf(`mutation { updateTodoItem(resourceId: "${firstId}", ${data}) { meta { etag } } }`)).toEqual([
      "meta.commit",
      "meta.heads(1)",
      "payload.get",
      "payload.put",
    ]);
  });
});
