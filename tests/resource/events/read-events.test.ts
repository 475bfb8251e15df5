import { describe, expect, it } from "vitest";
import { type Resource, type ResourceEvent, WeftError, z } from "../../../src/index.ts";
import { memoryPayloadStore } from "../../../src/stores/payload/drivers/memory.ts";
import { ask } from "../../faces/ask.ts";
import { openGateway, recorder } from "./recorder.ts";

const item = z.object({ name: z.string(), level: z.number().int().default(0) });
type Item = z.output<typeof item>;
const all = () => true;

describe("the events of reads", () => {
  it("are one set for each operation, and none for what plans a deletion", async () => {
    const heard = recorder(undefined, all);
    await using open = openGateway({ handlers: [heard] });
    const items = open.gateway.addModel("Item", item, { indexedFields: ["name"] });
    const { meta } = await items.create({ name: "a" });
    heard.log.length = 0;
    const id = meta.resourceId;
    await items.get(id);
    await items.getPartial(id, ["name"]);
    await items.search({});
    await items.count();
    await items.revisions(id);
    await items.diff(id, `${id}:1`);
    await items.deletePlan(id);
    for await (const _change of items.changes({ after: "0" })) break;
    const actions = ["getOne", "getOne", "getMany", "getMany", "listRevisions", "getRevision", "subscribe"];
    expect(heard.log).toEqual(
      actions.flatMap((action) => [`${action}.before Item`, `${action}.onSuccess Item`, `${action}.after Item`]),
    );
  });

  it("stop them, and may change their input", async () => {
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      indexedFields: ["level"],
      hooks: {
        beforeGetOne: () => {
          throw new WeftError("FORBIDDEN");
        },
        beforeGetMany: (event) => {
          event.input.query = { conditions: [{ condition: { fieldPath: "level", operator: "GT", value: 1 } }] };
        },
      },
    });
    const { meta } = await items.create({ name: "a", level: 1 });
    await items.create({ name: "b", level: 2 });
    await expect(items.get(meta.resourceId)).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect((await items.search({})).map(({ data }) => data.name)).toEqual(["b"]);
  });

  it("show what handlers have made of one", async () => {
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        onSuccessGetOne: async (event) => {
          const resource = (await event.result()) as Resource<Item>;
          resource.data.name = `${resource.data.name}, shown`;
        },
      },
    });
    const { meta } = await items.create({ name: "a" });
    expect((await items.get(meta.resourceId)).data.name).toBe("a, shown");
    const answer = await ask(open.gateway, `{ item(resourceId: "${meta.resourceId}") { data { name } } }`);
    expect(answer.data).toEqual({ item: { data: { name: "a, shown" } } });
  });

  it("show which of several they leave, and in which order, on every way to a list", async () => {
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      indexedFields: ["level"],
      hooks: {
        afterGetMany: async (event) => {
          const resources = (await event.result()) as Resource<Item>[];
          if (!Array.isArray(resources)) return;
          const kept = resources.filter(({ data }) => data.level !== 2).reverse();
          for (const { data } of kept) data.name += "!";
          resources.splice(0, resources.length, ...kept);
        },
      },
    });
    for (const level of [1, 2, 3]) await items.create({ name: `n${level}`, level });
    const order = { sorts: [{ data: { fieldPath: "level", direction: "ASC" } }] } as const;
    expect((await items.search(order)).map(({ data }) => data.name)).toEqual(["n3!", "n1!"]);
    const answer = await ask(
      open.gateway,
      `{ items(orderBy: [{ level: ASC }], first: 3) { edges { cursor node { data { name } } } pageInfo { hasNextPage endCursor } totalCount } itemCount }`,
    );
    const { edges, totalCount, pageInfo } = answer.data.items;
    expect(edges.map((edge: { node: { data: Item } }) => edge.node.data.name)).toEqual(["n3!", "n1!"]);
    expect([totalCount, pageInfo.hasNextPage, answer.data.itemCount]).toEqual([3, false, 3]);
    expect(edges[0].cursor).toBe(pageInfo.endCursor);
  });

  it("read nothing that nobody asks for: handlers that look at the arguments only cost no payload", async () => {
    let reads = 0;
    const inner = memoryPayloadStore();
    const payload = {
      ...inner,
      get(...args: Parameters<typeof inner.get>) {
        reads++;
        return inner.get(...args);
      },
    };
    const heard = recorder(undefined, all);
    await using open = openGateway({ payload, payloadCacheBytes: 0, handlers: [heard] });
    const items = open.gateway.addModel("Item", item);
    await items.create({ name: "a" });
    await ask(open.gateway, "{ items { nodes { meta { etag } } } }");
    expect(reads).toBe(0);
    await ask(open.gateway, "{ items { nodes { data { name } } } }");
    expect(reads).toBe(1);
  });

  it("tell of failures: what is missing is a failed read, and null in GraphQL all the same", async () => {
    const errors: unknown[] = [];
    await using open = openGateway();
    open.gateway.addModel("Item", item, {
      hooks: { onFailureGetOne: (event: ResourceEvent) => void errors.push((event.error as WeftError).code) },
    });
    expect((await ask(open.gateway, `{ item(resourceId: "item:none") { id } }`)).data).toEqual({ item: null });
    expect(errors).toEqual(["RESOURCE_NOT_FOUND"]);
  });

  it("have no part in a commit: what handlers write is one of its own", async () => {
    await using open = openGateway();
    const entries = open.gateway.addModel("Entry", z.object({ text: z.string() }));
    const items = open.gateway.addModel("Item", item, {
      hooks: { beforeGetOne: (event) => event.resource("Entry").create({ text: "read" }) },
    });
    await expect(items.as("ann").get("item:none")).rejects.toMatchObject({ code: "RESOURCE_NOT_FOUND" });
    expect((await entries.search({})).map(({ meta }) => meta.createdBy)).toEqual(["ann"]);
  });
});
