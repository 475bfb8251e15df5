/** Request hooks, through every door that a request can come by. */
import { describe, expect, it } from "vitest";
import {
  type ControllerContext,
  type ControllerRequest,
  type Resource,
  ref,
  WeftError,
  z,
} from "../../../src/index.ts";
import { openGateway } from "../../resource/events/recorder.ts";
import { ask, codesIn } from "../ask.ts";
import { until } from "./transport/fixture.ts";
import { acknowledged, probe, subscribe } from "./transport/probe.ts";

const item = z.object({ name: z.string(), level: z.number().int().default(0) });
type Item = z.output<typeof item>;

describe("request hooks", () => {
  it("run around policies' and events' middle, for requests only", async () => {
    const log: string[] = [];
    const note = (text: string) => () => void log.push(text);
    await using open = openGateway({
      hooks: { beforeControllerCreate: note("gateway"), afterControllerCreate: note("gateway after") },
    });
    const items = open.gateway.addModel("Item", item, {
      policies: { create: [note("policy")] },
      hooks: {
        beforeControllerCreate: [note("first"), note("second")],
        beforeCreate: note("before"),
        onSuccessCreate: note("onSuccess"),
        afterCreate: note("after"),
        afterControllerCreate: note("afterController"),
      },
    });
    await ask(open.gateway, `mutation { createItem(data: { name: "a" }) { id } }`);
    expect(log).toEqual([
      ...["policy", "gateway", "first", "second", "before", "onSuccess", "after", "gateway after", "afterController"],
    ]);
    log.length = 0;
    await items.create({ name: "a" });
    expect(log).toEqual(["policy", "before", "onSuccess", "after"]);
  });

  it("get data and meta by the table of docs/hooks.md, and may change both", async () => {
    const seen: unknown[] = [];
    const look = (_request: ControllerRequest, { action, data, meta }: ControllerContext) =>
      void seen.push([action, structuredClone(data), structuredClone(meta)]);
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      indexedFields: ["level"],
      hooks: {
        beforeControllerCreate: look,
        beforeControllerUpdate: [
          look,
          (_request, context) => {
            context.meta.id = "item:2";
            (context.data as Item).name = "changed";
          },
        ],
        beforeControllerPatch: look,
        beforeControllerModify: look,
        beforeControllerSwitch: look,
        beforeControllerDelete: [look, (_request, context) => void (context.data = "item:2")],
        beforeControllerPurge: look,
        beforeControllerGetOne: look,
        beforeControllerGetMany: [
          look,
          (_request, context) => void Object.assign(context.data as object, { first: 1 }),
        ],
        beforeControllerListRevisions: look,
      },
    });
    await items.create({ name: "one" }, { resourceId: "item:1" });
    await items.create({ name: "two" }, { resourceId: "item:2", status: "draft" });
    const run = async (query: string) => (await ask(open.gateway, query)).data;
    await run(`mutation { createItem(data: { name: "c" }, status: DRAFT) { id } }`);
    expect(await run(`mutation { updateItem(resourceId: "item:1", data: { name: "b" }) { data { name } } }`)).toEqual({
      updateItem: { data: { name: "changed" } },
    });
    await run(
      `mutation { patchItem(resourceId: "item:1", patch: [{ op: "replace", path: "/level", value: 2 }]) { id } }`,
    );
    await run(`mutation { modifyItem(resourceId: "item:1", status: DRAFT) { id } }`);
    await run(`mutation { switchItem(resourceId: "item:1", revisionId: "item:1:1") { id } }`);
    await run(`mutation { deleteItem(resourceId: "item:1") { id } }`);
    await run(`mutation { purgeItem(resourceId: "item:2", ifMatch: "x") { resourceId } }`);
    const page = await run(
      `{ item(resourceId: "item:1") { id revisions { nodes { revision { revisionId } } } } items(where: { level: { gte: 0 } }) { nodes { id } } }`,
    );
    expect(page.items.nodes).toHaveLength(1);
    expect((await items.get("item:2", { includeDeleted: true })).meta.isDeleted).toBe(true);
    expect((await items.get("item:1")).data.name).toBe("one");
    expect(seen).toMatchObject([
      ["create", { name: "c" }, { status: "draft" }],
      ["update", { name: "b" }, { id: "item:1" }],
      ["patch", [{ op: "replace", path: "/level", value: 2 }], { id: "item:1" }],
      ["modify", undefined, { id: "item:1", status: "draft" }],
      ["switch", "item:1", { revisionId: "item:1:1" }],
      ["delete", "item:1", {}],
      ["purge", "item:2", { ifMatch: "x" }],
      ["getOne", { id: "item:1" }, {}],
      ["getMany", { where: { level: { gte: 0 } } }, {}],
      ["listRevisions", { id: "item:1" }, {}],
    ]);
  });

  it("show what they have made of the result, and keep meta from before to after", async () => {
    const kept: unknown[] = [];
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        beforeControllerGetOne: (_request, { meta }) => void (meta.startedAt = 1),
        afterControllerGetOne: async (_request, { data, meta, actor }) => {
          kept.push(meta.startedAt, actor);
          ((await data) as Resource<Item>).data.name = "shown";
        },
      },
    });
    await items.create({ name: "a" }, { resourceId: "item:1" });
    const answer = await ask(open.gateway, `{ item(resourceId: "item:1") { data { name } } }`);
    expect(answer.data.item.data.name).toBe("shown");
    expect(kept).toEqual([1, "anonymous"]);
  });

  it("end it by a throw before, and only report one after; what is missing has no after", async () => {
    const log: string[] = [];
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        beforeControllerUpdate: () => {
          throw new WeftError("RATE_LIMITED");
        },
        beforeUpdate: () => void log.push("before"),
        onFailureUpdate: () => void log.push("onFailure"),
        afterControllerDelete: () => Promise.reject(new Error("late")),
        afterControllerGetOne: () => void log.push("after"),
      },
    });
    const { meta } = await items.create({ name: "a" });
    const id = meta.resourceId;
    expect(
      codesIn(await ask(open.gateway, `mutation { updateItem(resourceId: "${id}", data: { name: "b" }) { id } }`)),
    ).toEqual(["RATE_LIMITED"]);
    expect(
      (await ask(open.gateway, `mutation { deleteItem(resourceId: "${id}") { meta { isDeleted } } }`)).data,
    ).toEqual({
      deleteItem: { meta: { isDeleted: true } },
    });
    expect((await ask(open.gateway, `{ item(resourceId: "item:none") { id } }`)).data).toEqual({ item: null });
    expect(log).toEqual([]);
    expect(open.reports).toMatchObject([{ err: { message: "late" } }]);
  });

  it("do not run for references, whose targets are read on the way to what was asked for; nor do events", async () => {
    const log: string[] = [];
    const note = (text: string) => () => void log.push(text);
    await using open = openGateway();
    const zones = open.gateway.addModel("Zone", item, {
      hooks: { beforeControllerGetOne: note("request zone"), beforeGetOne: note("zone") },
      policies: { getOne: [note("policy of zone")] },
    });
    const monsters = open.gateway.addModel("Monster", z.object({ zoneId: ref("Zone") }), {
      hooks: { beforeControllerGetMany: note("request monsters"), beforeGetMany: note("monsters") },
    });
    const { meta } = await zones.create({ name: "a" });
    for (let i = 0; i < 3; i++) await monsters.create({ zoneId: meta.resourceId });
    log.length = 0;
    const { data } = await ask(open.gateway, "{ monsters { nodes { data { zone { data { name } } } } } }");
    expect(data.monsters.nodes).toHaveLength(3);
    expect(log.slice(0, 2)).toEqual(["request monsters", "monsters"]);
    expect(new Set(log.slice(2))).toEqual(new Set(["policy of zone"]));
  });

  it("run for node, which reads one", async () => {
    const log: string[] = [];
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      hooks: { beforeControllerGetOne: (_request, { data }) => void log.push(JSON.stringify(data)) },
    });
    await items.create({ name: "a" }, { resourceId: "item:1" });
    const { data } = await ask(open.gateway, `{ item(resourceId: "item:1") { id } }`);
    log.length = 0;
    const node = await ask(open.gateway, `query ($id: ID!) { node(id: $id) { id } }`, { id: data.item.id });
    expect(node.data.node.id).toBe(data.item.id);
    expect(log).toEqual(['{"id":"item:1"}']);
  });

  it("do not run for cascades, nor for the events of a subscription", async () => {
    const log: string[] = [];
    await using open = openGateway({ port: 0 });
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        beforeControllerListRevisions: () => void log.push("listRevisions"),
        beforeControllerSubscribe: (_request, { data }) => void log.push(`subscribe ${JSON.stringify(data)}`),
        afterControllerSubscribe: () => void log.push("subscribed"),
      },
    });
    const { url } = await open.gateway.listen();
    using client = await acknowledged({ wsUrl: url.replace("http", "ws") });
    const selected = "resource { revisions { nodes { revision { revisionId } } } }";
    client.send(subscribe("1", `subscription { itemChanged(after: "0") { ${selected} } }`));
    await items.create({ name: "a" });
    expect(await client.next()).toMatchObject({ type: "next" });
    expect(log).toEqual(['subscribe {"after":"0"}', "subscribed"]);
  });
});

describe("what request hooks know of the request", () => {
  it("is its method, URL, headers and address, by each door", async () => {
    const requests: ControllerRequest[] = [];
    await using open = openGateway({ port: 0 });
    open.gateway.addModel("Item", item, {
      hooks: {
        beforeControllerGetMany: (request) => void requests.push(request),
        beforeControllerSubscribe: (request) => void requests.push(request),
      },
    });
    const { url } = await open.gateway.listen();
    const headers = { "content-type": "application/json", "x-mark": "1" };
    const query = "{ itemCount }";
    await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
    await fetch(`${url}?query=${encodeURIComponent(query)}`, { headers: { ...headers, accept: "application/json" } });
    const stream = await fetch(url, {
      method: "POST",
      headers: { ...headers, accept: "text/event-stream" },
      body: JSON.stringify({ query: "subscription { itemChanged { cursor } }" }),
    });
    const form = new FormData();
    form.set("operations", JSON.stringify({ query }));
    form.set("map", "{}");
    await fetch(url, { method: "POST", headers: { "x-mark": "1", "x-weft-csrf": "1" }, body: form });
    using client = await probe({ wsUrl: url.replace("http", "ws") }, undefined, { "x-mark": "1" });
    client.send({ type: "connection_init", payload: { token: "t" } });
    await client.next();
    client.send(subscribe("1", query));
    await client.next();
    await open.gateway.fetch(
      new Request("http://weft.test/graphql", { method: "POST", headers, body: JSON.stringify({ query }) }),
    );
    await until(() => requests.length === 6);
    expect(
      requests.map((request) => [
        request.method,
        new URL(request.url).pathname,
        request.headers.get("x-mark"),
        request.remoteAddress,
      ]),
    ).toEqual([
      ["POST", "/graphql", "1", "127.0.0.1"],
      ["GET", "/graphql", "1", "127.0.0.1"],
      ["POST", "/graphql", "1", "127.0.0.1"],
      ["POST", "/graphql", "1", "127.0.0.1"],
      ["GET", "/graphql", "1", "127.0.0.1"],
      ["POST", "/graphql", "1", undefined],
    ]);
    expect(requests[4]?.connectionParams).toEqual({ token: "t" });
    await stream.body?.cancel();
  });
});
