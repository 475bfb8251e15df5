/** Gateways over the same stores, one after the other, that index different fields: heads are older than the index. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { createGateway, type Gateway } from "../../../src/gateway.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { memoryPayloadStore } from "../../../src/stores/payload/drivers/memory.ts";
import type { PayloadStore } from "../../../src/stores/payload/payload-store.ts";
import { ask } from "../ask.ts";

const schema = z.object({ title: z.string(), owner: z.string().nullish(), level: z.number().int() });

let meta: MetaStore;
let payload: PayloadStore;
let payloadReads: number;
let gateways: Gateway[];

beforeEach(() => {
  const store = memoryPayloadStore();
  meta = memoryMetaStore();
  payloadReads = 0;
  payload = {
    ...store,
    get(...args: Parameters<PayloadStore["get"]>) {
      payloadReads += 1;
      return store.get(...args);
    },
  };
  gateways = [];
});

afterEach(async () => {
  for (const gateway of gateways) await gateway.close();
});

function indexing(indexedFields: string[], model: z.ZodObject<z.ZodRawShape> = schema) {
  const gateway = createGateway({ meta, payload, payloadCacheBytes: 0, blob: "memory:", logLevel: "silent" });
  gateways.push(gateway);
  const todos = gateway.addModel("TodoItem", model, { indexedFields });
  const read = async (fields: string) => {
    payloadReads = 0;
    const { data, errors } = await ask(gateway, `{ todoItemList { data { ${fields} } } }`);
    expect(errors).toBeUndefined();
    return { data: data.todoItemList.map((resource: { data: unknown }) => resource.data), payloadReads };
  };
  return { todos, read };
}

const document = { title: "a", owner: "ann", level: 1 };

it("reads a newly indexed field from the payload where the head is older than its index", async () => {
  await indexing(["title"]).todos.create(document);
  const { read } = indexing(["title", "owner"]);
  expect(await read("owner")).toEqual({ data: [{ owner: "ann" }], payloadReads: 1 });
  expect(await read("title owner")).toEqual({ data: [{ title: "a", owner: "ann" }], payloadReads: 1 });
});

it("answers from the index again once the resource has been written, were it only deleted and restored", async () => {
  const { meta: created } = await indexing(["title"]).todos.create(document);
  const { todos, read } = indexing(["title", "owner"]);
  expect(await read("owner")).toEqual({ data: [{ owner: "ann" }], payloadReads: 1 });
  await todos.delete(created.resourceId);
  await todos.restore(created.resourceId);
  expect(await read("owner")).toEqual({ data: [{ owner: "ann" }], payloadReads: 0 });
  await todos.update(created.resourceId, { ...document, level: 2 });
  expect(await read("owner")).toEqual({ data: [{ owner: "ann" }], payloadReads: 0 });
  await todos.switch(created.resourceId, created.currentRevisionId);
  expect(await read("owner level")).toEqual({ data: [{ owner: "ann", level: 1 }], payloadReads: 1 });
  expect(await read("owner")).toEqual({ data: [{ owner: "ann" }], payloadReads: 0 });
});

it("answers from the index after a restart that changed only the order of the indexed fields", async () => {
  await indexing(["title", "owner"]).todos.create(document);
  expect(await indexing(["owner", "title"]).read("title owner")).toEqual({
    data: [{ title: "a", owner: "ann" }],
    payloadReads: 0,
  });
});

it("reads the payload where the type of an indexed field has changed", async () => {
  await indexing(["level"]).todos.create(document);
  const { read } = indexing(["level"], schema.extend({ level: z.number() }));
  expect(await read("level")).toEqual({ data: [{ level: 1 }], payloadReads: 1 });
});
