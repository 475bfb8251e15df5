/** fastapi-cruddy-framework's order of policies and hooks, in our names, through GraphQL. What is different on purpose is said with it. */
import { describe, expect, it } from "vitest";
import { type Hooks, z } from "../../../src/index.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import { ask } from "../../faces/ask.ts";
import { openGateway } from "./recorder.ts";

interface Case {
  readonly request: string;
  readonly query: string;
  readonly there: readonly string[];
  /** What does not happen here: one operation fires one set of events. */
  readonly without?: readonly string[];
}

const cases: readonly Case[] = [
  {
    request: "POST",
    query: `mutation { createItem(data: { name: "b" }) { id } }`,
    there: [
      "policies",
      "before_controller_create",
      "before_create",
      "commit",
      "after_create",
      "after_controller_create",
    ],
  },
  {
    request: "PATCH",
    query: `mutation { updateItem(resourceId: "item:1", data: { name: "b" }) { id } }`,
    there: [
      "policies",
      "before_controller_update",
      "before_update",
      "commit",
      "after_update",
      "after_controller_update",
    ],
  },
  {
    request: "DELETE",
    query: `mutation { deleteItem(resourceId: "item:1") { id } }`,
    there: [
      ...["policies", "before_controller_delete", "before_get_one", "after_get_one"],
      ...["before_delete", "commit", "after_delete", "after_controller_delete"],
    ],
    without: ["before_get_one", "after_get_one"],
  },
  {
    request: "GET one",
    query: `{ item(resourceId: "item:1") { id } }`,
    there: ["policies", "before_controller_get_one", "before_get_one", "after_get_one", "after_controller_get_one"],
  },
  {
    request: "GET all",
    query: "{ items { nodes { id } } }",
    there: ["policies", "before_controller_get_all", "before_get_all", "after_get_all", "after_controller_get_all"],
  },
];

const verbs = { create: "Create", update: "Update", delete: "Delete", get_one: "GetOne", get_all: "GetMany" } as const;

/** Hooks in our slots that note the names of theirs. */
function hooksNoting(log: string[]): Hooks {
  const slots = Object.entries(verbs).flatMap(([theirs, ours]) => [
    [`beforeController${ours}`, `before_controller_${theirs}`],
    [`before${ours}`, `before_${theirs}`],
    [`onSuccess${ours}`, `after_${theirs}`],
    [`afterController${ours}`, `after_controller_${theirs}`],
  ]);
  return Object.fromEntries(slots.map(([slot = "", name = ""]) => [slot, () => void log.push(name)]));
}

describe("the order of fastapi-cruddy-framework", () => {
  it.each(cases)("$request", async ({ query, there, without = [] }) => {
    const log: string[] = [];
    const inner = memoryMetaStore();
    const meta: typeof inner = {
      ...inner,
      commit(commit) {
        log.push("commit");
        return inner.commit(commit);
      },
    };
    await using open = openGateway({ meta });
    const items = open.gateway.addModel("Item", z.object({ name: z.string() }), {
      policies: { create: [policy], update: [policy], delete: [policy], getOne: [policy], getMany: [policy] },
      hooks: hooksNoting(log),
    });
    function policy() {
      if (!log.includes("policies")) log.push("policies");
    }
    await items.create({ name: "a" }, { resourceId: "item:1" });
    log.length = 0;
    const { errors } = await ask(open.gateway, query);
    expect(errors).toBeUndefined();
    expect(log).toEqual(there.filter((name) => !without.includes(name)));
  });
});
