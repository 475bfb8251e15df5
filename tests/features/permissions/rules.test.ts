/** Rules and roles as resources: what they grant, and that nothing else does. */
import { afterEach, describe, expect, it } from "vitest";
import { acl, type Checker, type Gateway, rbac } from "../../../src/index.ts";
import { codesIn } from "../../faces/ask.ts";
import { askAs, openGateway, outcome, todo, todoOptions } from "./fixture.ts";

const gateways: Gateway[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

interface RuleInput {
  readonly subject: string;
  readonly actions: readonly string[];
  readonly effect: "allow" | "deny";
  readonly resourceName?: string;
  readonly resourceId?: string;
  readonly order?: number;
  readonly from?: Date;
  readonly until?: Date;
}

function open(permission: Checker = rbac()) {
  const gateway = openGateway({ permission, admin: ["chief"] });
  gateways.push(gateway);
  const todos = gateway.addModel("Todo", todo, todoOptions);
  const rules = gateway.resource("AccessRule").as("chief");
  return {
    gateway,
    todos,
    rule: async (rule: RuleInput) => (await rules.create({ resourceName: "todo", ...rule })).meta.resourceId,
    rules,
    put: (subject: string, role: string) => gateway.resource("RoleMembership").as("chief").create({ subject, role }),
    /** What each of these may do to a todo of ann's. */
    async may(actor: string, resourceId: string) {
      const manager = todos.as(actor);
      return {
        read: await outcome(manager.get(resourceId)),
        patch: await outcome(
          manager.patch(resourceId, [{ op: "replace", path: "/title", value: crypto.randomUUID() }]),
        ),
      };
    },
    add: async (title: string) => (await todos.asRoot().create({ title })).meta.resourceId,
  };
}

describe("access rules", () => {
  it("grant what they name, and nothing without them", async () => {
    const { rule, may, add } = open(acl());
    const id = await add("one");
    expect(await may("ann", id)).toEqual({ read: "FORBIDDEN", patch: "FORBIDDEN" });
    await rule({ subject: "ann", actions: ["getOne"], effect: "allow" });
    expect(await may("ann", id)).toEqual({ read: "done", patch: "FORBIDDEN" });
    expect(await may("bob", id)).toEqual({ read: "FORBIDDEN", patch: "FORBIDDEN" });
    await rule({ subject: "*", actions: ["write"], effect: "allow" });
    expect(await may("bob", id)).toEqual({ read: "FORBIDDEN", patch: "done" });
  });

  it("of one action grant no other: patch is neither create nor read", async () => {
    const { todos, rule, add } = open(acl());
    const id = await add("one");
    await rule({ subject: "ann", actions: ["patch"], effect: "allow" });
    const ann = todos.as("ann");
    expect(await outcome(ann.create({ title: "two" }))).toBe("FORBIDDEN");
    expect(await outcome(ann.get(id))).toBe("FORBIDDEN");
    expect(await outcome(ann.search())).toBe("FORBIDDEN");
    expect(await outcome(ann.count())).toBe("FORBIDDEN");
    expect(await outcome(ann.getPartial(id, ["title"]))).toBe("FORBIDDEN");
    expect(await outcome(ann.revisions(id))).toBe("FORBIDDEN");
    expect(await outcome(ann.purge(id))).toBe("FORBIDDEN");
  });

  it("to update allow no upsert, which may create", async () => {
    const { todos, rule, add } = open(acl());
    const id = await add("one");
    await rule({ subject: "ann", actions: ["update"], effect: "allow" });
    expect(await outcome(todos.as("ann").upsert("todo:new", { title: "two" }))).toBe("FORBIDDEN");
    await rule({ subject: "ann", actions: ["create"], effect: "allow" });
    expect(await outcome(todos.as("ann").upsert("todo:new", { title: "two" }))).toBe("done");
    expect(await outcome(todos.as("ann").upsert(id, { title: "two" }))).toBe("done");
  });

  it("that deny never allow, and win over those of the same order", async () => {
    const { rule, may, add } = open(acl());
    const id = await add("one");
    await rule({ subject: "ann", actions: ["*"], effect: "deny" });
    expect(await may("ann", id)).toEqual({ read: "FORBIDDEN", patch: "FORBIDDEN" });
    await rule({ subject: "ann", actions: ["*"], effect: "allow" });
    expect(await may("ann", id)).toEqual({ read: "FORBIDDEN", patch: "FORBIDDEN" });
    await rule({ subject: "ann", actions: ["getOne"], effect: "allow", order: -1 });
    expect(await may("ann", id)).toEqual({ read: "done", patch: "FORBIDDEN" });
    await rule({ subject: "*", actions: ["read"], effect: "deny", order: -2 });
    expect(await may("ann", id)).toEqual({ read: "FORBIDDEN", patch: "FORBIDDEN" });
  });

  it("that are deleted or purged grant nothing; restored ones do", async () => {
    const { rules, rule, may, add } = open(acl());
    const id = await add("one");
    const granted = await rule({ subject: "ann", actions: ["read"], effect: "allow" });
    expect((await may("ann", id)).read).toBe("done");
    await rules.delete(granted);
    expect((await may("ann", id)).read).toBe("FORBIDDEN");
    await rules.restore(granted);
    expect((await may("ann", id)).read).toBe("done");
    await rules.update(granted, { subject: "bob", resourceName: "todo", actions: ["read"], effect: "allow" });
    expect((await may("ann", id)).read).toBe("FORBIDDEN");
    expect((await may("bob", id)).read).toBe("done");
    await rules.purge(granted);
    expect((await may("bob", id)).read).toBe("FORBIDDEN");
  });

  it("count however many there are", async () => {
    const { rule, may, add } = open(acl());
    const id = await add("one");
    for (let i = 0; i < 600; i++)
      await rule({ subject: "ann", actions: ["read"], effect: "allow", resourceName: `other-${i}` });
    expect((await may("ann", id)).read).toBe("FORBIDDEN");
    await rule({ subject: "ann", actions: ["read"], effect: "allow" });
    expect((await may("ann", id)).read).toBe("done");
  });

  it("count from a time on, until another, by the operation's clock", async () => {
    const { todos, rule, add } = open(acl());
    const id = await add("one");
    const [from, until] = [new Date("2030-01-01T00:00:00Z"), new Date("2030-02-01T00:00:00Z")];
    await rule({ subject: "ann", actions: ["read"], effect: "allow", from, until });
    const at = (time: string) => outcome(todos.as("ann", new Date(time)).get(id));
    expect(await at("2030-01-15T00:00:00Z")).toBe("done");
    expect(await at("2029-12-31T23:59:59Z")).toBe("FORBIDDEN");
    expect(await at("2030-01-01T00:00:00Z")).toBe("done");
    expect(await at("2030-02-01T00:00:00Z")).toBe("FORBIDDEN");
    expect(await at("2030-01-31T23:59:59Z")).toBe("done");
  });

  it("refuse actions that there are not", async () => {
    const { rule } = open(acl());
    expect(await outcome(rule({ subject: "ann", actions: ["raed"], effect: "allow" }))).toBe("VALIDATION_FAILED");
  });

  it("name roles of an actor's claims; one that calls itself a role is in none", async () => {
    const roles = (actor: unknown) => (actor as { roles?: string[] }).roles ?? [];
    const { todos, rule, add } = open(acl({ roles }));
    const id = await add("one");
    await rule({ subject: "role:editor", actions: ["read"], effect: "allow" });
    const reads = (actor: string | { id: string; roles?: string[] }) => outcome(todos.as(actor).get(id));
    expect(await reads({ id: "ann", roles: ["editor"] })).toBe("done");
    expect(await reads({ id: "ann", roles: ["reader"] })).toBe("FORBIDDEN");
    expect(await reads({ id: "ann" })).toBe("FORBIDDEN");
    expect(await reads("role:editor")).toBe("FORBIDDEN");
    expect(await reads("editor")).toBe("FORBIDDEN");
  });

  it("let nobody do what everybody may, and tell nobody else to authenticate", async () => {
    const { todos, rule, add } = open(acl());
    const id = await add("one");
    expect(await outcome(todos.as(null).get(id))).toBe("UNAUTHENTICATED");
    await rule({ subject: "*", actions: ["read"], effect: "allow" });
    expect(await outcome(todos.as(null).get(id))).toBe("done");
  });

  it("are themselves for admins and root only, also over GraphQL", async () => {
    const { gateway, rule } = open(acl());
    await rule({ subject: "ann", actions: ["*"], effect: "allow" });
    const query = "{ accessRuleList(query: { limit: 5 }) { data { subject effect } } }";
    expect(codesIn(await askAs(gateway, "ann", query))).toEqual(["FORBIDDEN"]);
    expect((await askAs(gateway, "chief", query)).data).toEqual({
      accessRuleList: [{ data: { subject: "ann", effect: "allow" } }],
    });
    const create = `mutation { createAccessRule(data: { subject: "ann", resourceName: "*", actions: ["*"], effect: allow }) { meta { resourceId } } }`;
    expect(codesIn(await askAs(gateway, "ann", create))).toEqual(["FORBIDDEN"]);
    expect(codesIn(await askAs(gateway, null, create))).toEqual(["UNAUTHENTICATED"]);
    expect((await askAs(gateway, "chief", create)).errors).toBeUndefined();
  });

  it("may be opened to others, by a checker of their own", async () => {
    const { gateway } = open(acl({ permission: ({ actor }) => (actor === "clerk" ? "allow" : "deny") }));
    const data = { subject: "ann", resourceName: "*", actions: ["*"], effect: "allow" };
    expect(await outcome(gateway.resource("AccessRule").as("clerk").create(data))).toBe("done");
    expect(await outcome(gateway.resource("AccessRule").as("ann").create(data))).toBe("FORBIDDEN");
  });
});

describe("roles", () => {
  it("grant what their rules do, through roles of roles", async () => {
    const { rule, put, may, add } = open();
    const id = await add("one");
    await rule({ subject: "role:staff", actions: ["read"], effect: "allow" });
    await put("ann", "editors");
    expect((await may("ann", id)).read).toBe("FORBIDDEN");
    await put("role:editors", "writers");
    await put("role:writers", "staff");
    expect((await may("ann", id)).read).toBe("done");
    expect((await may("bob", id)).read).toBe("FORBIDDEN");
  });

  it("that are in a circle end", async () => {
    const { rule, put, may, add } = open();
    const id = await add("one");
    await put("ann", "a");
    await put("role:a", "b");
    await put("role:b", "c");
    await put("role:c", "a");
    await put("role:c", "c");
    expect((await may("ann", id)).read).toBe("FORBIDDEN");
    await rule({ subject: "role:c", actions: ["read"], effect: "allow" });
    expect((await may("ann", id)).read).toBe("done");
  });

  it("that are nearer win; within a level the one that denies", async () => {
    const { rule, put, may, add } = open();
    const id = await add("one");
    await put("ann", "near");
    await put("ann", "beside");
    await put("role:near", "far");
    await rule({ subject: "role:far", actions: ["read"], effect: "deny", order: -10 });
    await rule({ subject: "role:near", actions: ["read"], effect: "allow" });
    expect((await may("ann", id)).read).toBe("done");
    await rule({ subject: "role:beside", actions: ["read"], effect: "deny" });
    expect((await may("ann", id)).read).toBe("FORBIDDEN");
    await rule({ subject: "ann", actions: ["read"], effect: "allow", order: 5 });
    expect((await may("ann", id)).read).toBe("done");
    await rule({ subject: "*", actions: ["*"], effect: "allow", order: -100 });
    expect((await may("ann", id)).patch).toBe("done");
    expect((await may("carl", id)).read).toBe("done");
  });

  it("are left when a membership is deleted", async () => {
    const { gateway, rule, put, may, add } = open();
    const id = await add("one");
    await rule({ subject: "role:editors", actions: ["read"], effect: "allow" });
    const { meta } = await put("ann", "editors");
    expect((await may("ann", id)).read).toBe("done");
    await gateway.resource("RoleMembership").as("chief").delete(meta.resourceId);
    expect((await may("ann", id)).read).toBe("FORBIDDEN");
  });
});

describe("rules about single resources", () => {
  it("grant these alone: lists are narrowed, others are not there", async () => {
    const { todos, rule, add } = open(acl());
    const ids = [];
    for (let i = 0; i < 40; i++) ids.push(await add(`todo ${i}`));
    for (const id of ids.slice(0, 25))
      await rule({ subject: "ann", actions: ["read"], effect: "allow", resourceId: id });
    const ann = todos.as("ann");
    expect((await ann.search({ limit: 100 })).map(({ meta }) => meta.resourceId).sort()).toEqual(
      ids.slice(0, 25).sort(),
    );
    expect(await ann.count()).toBe(25);
    expect(await outcome(ann.get(String(ids[3])))).toBe("done");
    expect(await outcome(ann.get(String(ids[30])))).toBe("RESOURCE_NOT_FOUND");
    expect(await outcome(ann.delete(String(ids[3])))).toBe("FORBIDDEN");
  });

  it("take these away from what is allowed, and the other way round", async () => {
    const { todos, rule, add } = open(acl());
    const [a, b] = [await add("a"), await add("b")];
    await rule({ subject: "*", actions: ["*"], effect: "allow" });
    await rule({ subject: "ann", actions: ["*"], effect: "deny", resourceId: a });
    const titles = async (actor: string) => (await todos.as(actor).search()).map(({ data }) => data.title).sort();
    expect(await titles("ann")).toEqual(["b"]);
    expect(await titles("bob")).toEqual(["a", "b"]);
    await rule({ subject: "bob", actions: ["read"], effect: "deny", order: -1 });
    await rule({ subject: "bob", actions: ["read"], effect: "allow", order: -2, resourceId: b });
    expect(await titles("bob")).toEqual(["b"]);
    expect(await outcome(todos.as("ann").patch(a, [{ op: "replace", path: "/title", value: "x" }]))).toBe(
      "RESOURCE_NOT_FOUND",
    );
    expect(await outcome(todos.as("ann").patch(b, [{ op: "replace", path: "/title", value: "x" }]))).toBe("done");
  });

  it("may be many", async () => {
    const { todos, rule, add } = open(acl());
    const [a, b] = [await add("a"), await add("b")];
    for (let i = 0; i < 150; i++)
      await rule({ subject: "ann", actions: ["read"], effect: "allow", resourceId: `todo:absent-${i}` });
    await rule({ subject: "ann", actions: ["read"], effect: "allow", resourceId: b });
    const ann = todos.as("ann");
    expect(await outcome(ann.get(a))).toBe("RESOURCE_NOT_FOUND");
    expect(await outcome(ann.get(b))).toBe("done");
    expect((await ann.search()).map(({ data }) => data.title)).toEqual(["b"]);
  });
});
