/** What is kept of rules: until one of them changes, on this node or another, and no longer than their age allows. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { WeftError } from "../../../src/base/errors.ts";
import { acl, type Gateway, rbac } from "../../../src/index.ts";
import { localBus } from "../../../src/messaging/bus/drivers/local.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { memoryPayloadStore } from "../../../src/stores/payload/drivers/memory.ts";
import { openGateway, outcome, todo, todoOptions } from "./fixture.ts";

const gateways: Gateway[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

const readRule = { subject: "ann", resourceName: "todo", actions: ["read"], effect: "allow" };

/** A memory store that counts searches for rules, and can be cut off. */
function watched() {
  const inner = memoryMetaStore();
  const state = { searches: 0, isLogAway: false };
  const store: MetaStore = {
    ...inner,
    search(query) {
      if (query.resourceName === "access-rule" || query.resourceName === "role-membership") state.searches++;
      return inner.search(query);
    },
    async changes(query) {
      if (state.isLogAway) throw new WeftError("STORE_UNAVAILABLE");
      return await inner.changes(query);
    },
    async lastSeq() {
      if (state.isLogAway) throw new WeftError("STORE_UNAVAILABLE");
      return await inner.lastSeq();
    },
  };
  return { store, state };
}

function node(options: Parameters<typeof openGateway>[0]) {
  const gateway = openGateway({ admin: "chief", ...options });
  gateways.push(gateway);
  const todos = gateway.addModel("Todo", todo, todoOptions);
  return { gateway, todos, rules: gateway.resource("AccessRule").as("chief") };
}

describe("decisions", () => {
  it("are kept for an actor: a hundred reads ask for rules once", async () => {
    const { store, state } = watched();
    const { todos, rules } = node({ meta: store, permission: acl() });
    const { meta } = await todos.asRoot().create({ title: "a" });
    await rules.create(readRule);
    for (let i = 0; i < 100; i++) expect(await outcome(todos.as("ann").get(meta.resourceId))).toBe("done");
    expect(state.searches).toBeLessThanOrEqual(2);
    await todos.asRoot().update(meta.resourceId, { title: "b" });
    const before = state.searches;
    expect(await outcome(todos.as("ann").get(meta.resourceId))).toBe("done");
    expect(state.searches).toBe(before);
  });

  it("follow a change on this node before it is answered", async () => {
    const { todos, rules } = node({ permission: rbac() });
    const { meta } = await todos.asRoot().create({ title: "a" });
    for (let i = 0; i < 20; i++) {
      expect(await outcome(todos.as("ann").get(meta.resourceId))).toBe("FORBIDDEN");
      const rule = await rules.create(readRule);
      expect(await outcome(todos.as("ann").get(meta.resourceId))).toBe("done");
      await rules.delete(rule.meta.resourceId);
    }
  });

  it("follow a change on another node when the log shows it", async () => {
    const shared = { meta: memoryMetaStore(), payload: memoryPayloadStore(), bus: localBus(), pollMs: 60_000 };
    const [a, b] = [node({ ...shared, permission: rbac() }), node({ ...shared, permission: rbac() })];
    const { meta } = await a.todos.asRoot().create({ title: "a" });
    const reads = () => outcome(b.todos.as("ann").get(meta.resourceId));
    expect(await reads()).toBe("FORBIDDEN");
    await a.gateway.resource("RoleMembership").as("chief").create({ subject: "ann", role: "readers" });
    const rule = await a.rules.create({ ...readRule, subject: "role:readers" });
    await vi.waitFor(async () => expect(await reads()).toBe("done"), { timeout: 2000, interval: 5 });
    await a.rules.delete(rule.meta.resourceId);
    await vi.waitFor(async () => expect(await reads()).toBe("FORBIDDEN"), { timeout: 2000, interval: 5 });
  });

  it("are not read while the log cannot be followed: STORE_UNAVAILABLE, and as before when it can", async () => {
    const { store, state } = watched();
    const { todos, rules } = node({ meta: store, permission: acl() });
    const { meta } = await todos.asRoot().create({ title: "a" });
    await rules.create(readRule);
    state.isLogAway = true;
    expect(await outcome(todos.as("ann").get(meta.resourceId))).toBe("STORE_UNAVAILABLE");
    state.isLogAway = false;
    expect(await outcome(todos.as("ann").get(meta.resourceId))).toBe("done");
  });

  it("are kept no longer than their age allows where the log is silent", async () => {
    const shared = { meta: memoryMetaStore(), payload: memoryPayloadStore() };
    const separate = () => ({ ...shared, bus: localBus(), pollMs: 60_000, permission: acl({ maxAgeMs: 100 }) });
    const [a, b] = [node(separate()), node(separate())];
    const { meta } = await a.todos.asRoot().create({ title: "a" });
    const rule = await a.rules.create(readRule);
    const reads = () => outcome(b.todos.as("ann").get(meta.resourceId));
    expect(await reads()).toBe("done");
    await a.rules.delete(rule.meta.resourceId);
    await vi.waitFor(async () => expect(await reads()).toBe("FORBIDDEN"), { timeout: 2000, interval: 20 });
  });
});
