/** Ready-made checkers on a gateway, through managers and over GraphQL. */
import { afterEach, describe, expect, it } from "vitest";
import {
  acl,
  actionBased,
  allowAll,
  composite,
  conditional,
  type Gateway,
  type GatewayOptions,
  owner,
  rootOnly,
  statusBased,
} from "../../../src/index.ts";
import { codesIn } from "../../faces/ask.ts";
import { askAs, openGateway, outcome, todo, todoOptions } from "./fixture.ts";

const gateways: Gateway[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

function open(options: GatewayOptions) {
  const gateway = openGateway(options);
  gateways.push(gateway);
  return { gateway, todos: gateway.addModel("Todo", todo, todoOptions) };
}

describe("rootOnly", () => {
  it("lets admins and root, and nobody else", async () => {
    const { todos } = open({ permission: rootOnly(), admin: ["chief"] });
    expect(await outcome(todos.as("ann").create({ title: "a" }))).toBe("FORBIDDEN");
    expect(await outcome(todos.as("ann").search())).toBe("FORBIDDEN");
    expect(await outcome(todos.as("chief").create({ title: "a" }))).toBe("done");
    expect(await outcome(todos.as("ann").asRoot().create({ title: "a" }))).toBe("done");
  });

  it("takes admins as a function of the actor too", async () => {
    const admin = (actor: unknown) => (actor as { isAdmin?: boolean } | null)?.isAdmin === true;
    const { todos } = open({ permission: rootOnly(), admin });
    expect(await outcome(todos.as({ id: "ann", isAdmin: true }).create({ title: "a" }))).toBe("done");
    expect(await outcome(todos.as({ id: "ann" }).create({ title: "a" }))).toBe("FORBIDDEN");
    expect(await outcome(todos.as(null).search())).toBe("UNAUTHENTICATED");
  });
});

describe("admin without permission", () => {
  it("turns on roles and rules", async () => {
    const { gateway, todos } = open({ admin: "chief" });
    expect(await outcome(todos.as("ann").create({ title: "a" }))).toBe("FORBIDDEN");
    const rule = { subject: "ann", resourceName: "todo", actions: ["create"], effect: "allow" };
    await gateway.resource("AccessRule").as("chief").create(rule);
    expect(await outcome(todos.as("ann").create({ title: "a" }))).toBe("done");
  });
});

describe("a model's checker", () => {
  it("takes the place of the gateway's, whichever of the two is stricter", async () => {
    const { gateway } = open({ permission: allowAll() });
    const secrets = gateway.addModel("Secret", todo, { permission: rootOnly() });
    expect(await outcome(secrets.as("ann").create({ title: "a" }))).toBe("FORBIDDEN");
    expect(codesIn(await askAs(gateway, "ann", "{ secretList { meta { resourceId } } }"))).toEqual(["FORBIDDEN"]);

    const { gateway: closed, todos } = open({ permission: rootOnly() });
    const news = closed.addModel("News", todo, { permission: allowAll() });
    expect(await outcome(news.as("ann").create({ title: "a" }))).toBe("done");
    expect(await outcome(todos.as("ann").create({ title: "a" }))).toBe("FORBIDDEN");
  });

  it("shares rules with others, which are guarded one way", async () => {
    const { gateway } = open({ permission: acl(), admin: "chief" });
    const notes = gateway.addModel("Note", todo, { permission: composite([acl(), owner()]) });
    expect(await outcome(notes.as("ann").create({ title: "a" }))).toBe("done");
    const rule = { subject: "bob", resourceName: "*", actions: ["read"], effect: "allow" };
    await gateway.resource("AccessRule").as("chief").create(rule);
    expect((await notes.as("bob").search()).length).toBe(1);
    expect((await gateway.resource("Todo").as("bob").search()).length).toBe(0);
    expect(() => gateway.addModel("Page", todo, { permission: acl({ permission: allowAll() }) })).toThrow("said twice");
  });

  it("may bring its rules with it", async () => {
    const { gateway, todos } = open({});
    const notes = gateway.addModel("Note", todo, { permission: acl({ model: "NoteRule" }) });
    expect(await outcome(todos.as("ann").create({ title: "a" }))).toBe("done");
    expect(await outcome(notes.as("ann").create({ title: "a" }))).toBe("FORBIDDEN");
    const rule = { subject: "ann", resourceName: "note", actions: ["create"], effect: "allow" };
    await gateway.resource("NoteRule").asRoot().create(rule);
    expect(await outcome(notes.as("ann").create({ title: "a" }))).toBe("done");
  });
});

describe("owner", () => {
  it("lets each do with their own what they like, and see nothing else, on every path", async () => {
    const { gateway, todos } = open({ permission: owner() });
    const ids: Record<string, string[]> = { ann: [], bob: [] };
    for (let i = 0; i < 30; i++)
      for (const actor of ["ann", "bob"])
        ids[actor]?.push((await todos.as(actor).create({ title: `${actor} ${i}` })).meta.resourceId);
    const ofBob = String(ids.bob?.[0]);
    const query = `query ($id: ID!) {
      todo(resourceId: $id) { data { title } }
      todoList(query: { limit: 100 }) { data { title } }
      todoCount
      todos(first: 12) { nodes { data { title } } totalCount pageInfo { hasNextPage } }
    }`;
    const answer = await askAs(gateway, "ann", query, { id: ofBob });
    expect(answer.errors).toBeUndefined();
    const { todo: one, todoList, todoCount, todos: page } = answer.data;
    expect(one).toBeNull();
    expect(todoList.length).toBe(30);
    expect(todoCount).toBe(30);
    expect(page.totalCount).toBe(30);
    expect(page.nodes.length).toBe(12);
    expect(page.pageInfo.hasNextPage).toBe(true);
    const titles = [...todoList, ...page.nodes].map(({ data }: { data: { title: string } }) => data.title);
    expect(titles.filter((title: string) => !title.startsWith("ann"))).toEqual([]);
    expect(await outcome(todos.as("ann").delete(ofBob))).toBe("RESOURCE_NOT_FOUND");
    expect(await outcome(todos.as("ann").update(ofBob, { title: "mine" }))).toBe("RESOURCE_NOT_FOUND");
    expect(await outcome(todos.as("bob").update(ofBob, { title: "mine" }))).toBe("done");
    expect(codesIn(await askAs(gateway, null, "{ todoCount }"))).toEqual(["UNAUTHENTICATED"]);
  });

  it("goes by a field, for which nobody writes another's name", async () => {
    const { todos } = open({ permission: owner({ field: "ownerId" }) });
    const ann = todos.as("ann");
    expect(await outcome(ann.create({ title: "a", ownerId: "bob" }))).toBe("FORBIDDEN");
    expect(await outcome(ann.create({ title: "a" }))).toBe("FORBIDDEN");
    const { meta } = await ann.create({ title: "a", ownerId: "ann" });
    expect(await outcome(ann.update(meta.resourceId, { title: "b", ownerId: "bob" }))).toBe("FORBIDDEN");
    expect(await outcome(ann.update(meta.resourceId, { title: "b", ownerId: "ann" }))).toBe("done");
    await todos.asRoot().create({ title: "of nobody" });
    expect((await ann.search()).length).toBe(1);
  });
});

describe("live streams", () => {
  it("show owners what is theirs, and end when the permission does", async () => {
    const { gateway, todos } = open({ permission: composite([owner(), acl()]), admin: "chief" });
    const stream = todos.as("ann").changes()[Symbol.asyncIterator]();
    const first = stream.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await todos.as("bob").create({ title: "of bob" });
    await todos.as("ann").create({ title: "of ann" });
    expect((await first).value?.resource?.data.title).toBe("of ann");
    const deny = { subject: "ann", resourceName: "todo", actions: ["subscribe"], effect: "deny" };
    await gateway.resource("AccessRule").as("chief").create(deny);
    const next = stream.next();
    await todos.as("chief").create({ title: "more", ownerId: "ann" });
    expect(await outcome(next)).toBe("FORBIDDEN");
  });
});

describe("combined on a gateway", () => {
  it("owners write, everybody reads what is published, and a denial wins", async () => {
    const { todos } = open({
      permission: composite([
        owner(),
        actionBased({ read: { allow: { level: { gte: 1 } } } }),
        conditional(({ actor }) => actor === "banned", "deny"),
      ]),
    });
    const { meta } = await todos.as("ann").create({ title: "draft" });
    const read = (actor: string) => outcome(todos.as(actor).get(meta.resourceId));
    expect(await Promise.all(["ann", "bob", "banned"].map(read))).toEqual(["done", "RESOURCE_NOT_FOUND", "FORBIDDEN"]);
    await todos.as("ann").update(meta.resourceId, { title: "published", level: 1 });
    expect(await Promise.all(["ann", "bob", "banned"].map(read))).toEqual(["done", "done", "FORBIDDEN"]);
    expect(await outcome(todos.as("bob").update(meta.resourceId, { title: "stolen", level: 1 }))).toBe("FORBIDDEN");
  });
});

describe("statusBased", () => {
  it("asks by the status of the revision", async () => {
    const write = actionBased({ write: "allow", read: "allow" });
    const { todos } = open({
      permission: statusBased({ draft: write, stable: actionBased({ read: "allow" }), otherwise: write }),
    });
    const ann = todos.as("ann");
    const { meta } = await ann.create({ title: "a" }, { status: "draft" });
    expect(await outcome(ann.modify(meta.resourceId, { data: { title: "b" } }))).toBe("done");
    expect(await outcome(ann.modify(meta.resourceId, { status: "stable" }))).toBe("done");
    expect(await outcome(ann.update(meta.resourceId, { title: "c" }))).toBe("FORBIDDEN");
    expect(await outcome(ann.get(meta.resourceId))).toBe("done");
    expect(await outcome(ann.search())).toBe("done");
    expect(await outcome(ann.update("todo:absent", { title: "c" }))).toBe("RESOURCE_NOT_FOUND");
  });
});
