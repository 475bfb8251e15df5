/** Operations of an application's own, as a client meets them. */
import { isObjectType, printType } from "graphql";
import { afterEach, describe, expect, it } from "vitest";
import {
  type CustomOperation,
  type Gateway,
  type ModelRegistration,
  operation,
  WeftError,
  z,
} from "../../src/index.ts";
import { codesIn } from "../faces/ask.ts";
import { askAs, openGateway } from "./permissions/fixture.ts";

const gateways: Gateway[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

const todo = z.object({ title: z.string(), owner: z.string(), archivedAt: z.date().nullable().default(null) });

function open(operations: readonly CustomOperation[], registration: ModelRegistration = {}) {
  const gateway = openGateway({});
  gateways.push(gateway);
  return {
    gateway,
    todos: gateway.addModel("TodoItem", todo, { indexedFields: ["owner"], operations, ...registration }),
  };
}

const archive = operation({
  name: "archive",
  kind: "write",
  description: "Archives it.",
  input: z.object({ resourceId: z.string(), at: z.date(), reason: z.string().default("done") }),
  output: "resource",
  resolve: ({ input, manager }) =>
    manager.patch(input.resourceId, [
      { op: "replace", path: "/archivedAt", value: input.at.toISOString() },
      { op: "replace", path: "/title", value: input.reason },
    ]),
});

const summary = operation({
  name: "summary",
  kind: "read",
  action: "getMany",
  input: z.object({
    of: z.enum(["ann", "bob"]).nullable().default(null),
    weights: z.array(z.object({ owner: z.string(), times: z.number().int() })).default([]),
  }),
  output: z
    .object({ at: z.date(), byOwner: z.array(z.object({ owner: z.string(), count: z.number().int() })) })
    .nullable(),
  async resolve({ input, manager, now }) {
    const found = await manager.search({ limit: 100 });
    const owners = [...new Set(found.map(({ data }) => String(data.owner)))].sort();
    const timesOf = (owner: string) => input.weights.find((weight) => weight.owner === owner)?.times ?? 1;
    const byOwner = owners
      .filter((owner) => input.of === null || owner === input.of)
      .map((owner) => ({ owner, count: timesOf(owner) * found.filter(({ data }) => data.owner === owner).length }));
    return byOwner.length === 0 ? null : { at: now, byOwner };
  },
});

const siblings = operation({
  name: "siblings",
  kind: "read",
  place: "resource",
  input: z.object({ limit: z.number().int().default(10) }),
  output: "resources",
  async resolve({ resourceId, manager, input }) {
    const { data } = await manager.get(String(resourceId));
    const found = await manager.search({
      conditions: [{ condition: { fieldPath: "owner", operator: "eq", value: String(data.owner) } }],
      limit: input.limit,
    });
    return found.filter(({ meta }) => meta.resourceId !== resourceId);
  },
});

const countdown = operation({
  name: "countdown",
  kind: "stream",
  input: z.object({ from: z.number().int() }),
  output: z.number().int(),
  async *resolve({ input }) {
    for (let i = input.from; i > 0; i--) yield i;
  },
});

describe("an operation of one's own", () => {
  it("is a field like weft's own, typed by its schemas", () => {
    const schema = open([archive, summary, siblings, countdown]).gateway.schema();
    const fieldOf = (typeName: string, name: string) => {
      const type = schema.getType(typeName);
      const field = isObjectType(type) ? type.getFields()[name] : undefined;
      return `${name}(${field?.args.map(({ name, type }) => `${name}: ${type}`).join(", ")}): ${field?.type}`;
    };
    expect(fieldOf("Mutation", "archiveTodoItem")).toBe(
      "archiveTodoItem(resourceId: String!, at: DateTime!, reason: String): TodoItemResource",
    );
    expect(fieldOf("Query", "summaryTodoItem")).toBe(
      "summaryTodoItem(of: TodoItemSummaryOf, weights: [TodoItemSummaryWeightsInput!]): TodoItemSummaryResult",
    );
    expect(fieldOf("TodoItemResource", "siblings")).toBe("siblings(limit: Int): [TodoItemResource!]");
    expect(fieldOf("Subscription", "countdownTodoItem")).toBe("countdownTodoItem(from: Int!): Int");
    const result = schema.getType("TodoItemSummaryResult");
    expect(result && printType(result)).toMatchInlineSnapshot(`
      "type TodoItemSummaryResult {
        at: DateTime!
        byOwner(
          """
          Which elements: an index, or start:stop:step as in Python; -1 is the last.
          """
          slice: String
        ): [TodoItemSummaryResultByOwner!]!
      }"
    `);
  });

  it("runs with parsed input and gives what its output says", async () => {
    const { gateway, todos } = open([archive, summary, siblings]);
    const { meta } = await todos.as("ann").create({ title: "a", owner: "ann" });
    await todos.as("ann").create({ title: "b", owner: "ann" });
    await todos.as("bob").create({ title: "c", owner: "bob" });
    const mutation = `mutation ($id: String!) { archiveTodoItem(resourceId: $id, at: "2030-01-01T00:00:00Z") { data { title archivedAt } meta { updatedBy } } }`;
    expect((await askAs(gateway, "ann", mutation, { id: meta.resourceId })).data.archiveTodoItem).toEqual({
      data: { title: "done", archivedAt: "2030-01-01T00:00:00.000Z" },
      meta: { updatedBy: "ann" },
    });
    const query = `query ($id: ID!) {
      all: summaryTodoItem(weights: [{ owner: "ann", times: 10 }]) { byOwner { owner count } }
      one: summaryTodoItem(of: bob) { at byOwner { count } }
      todoItem(resourceId: $id) { siblings(limit: 5) { data { title } } }
    }`;
    const { data } = await askAs(gateway, "ann", query, { id: meta.resourceId });
    expect(data.all.byOwner).toEqual([
      { owner: "ann", count: 20 },
      { owner: "bob", count: 1 },
    ]);
    expect(data.one.byOwner).toEqual([{ count: 1 }]);
    expect(Date.parse(data.one.at)).toBeGreaterThan(0);
    expect(data.todoItem.siblings).toEqual([{ data: { title: "b" } }]);
  });

  it("is under the model's policies, and so is what it reads, writes and shows", async () => {
    const { gateway, todos } = open([archive, summary, siblings], {
      policies: {
        universal: [({ actor }) => (actor === "chief" ? true : { where: { owner: { eq: String(actor) } } })],
      },
    });
    const [a, c] = [
      (await todos.as("chief").create({ title: "a", owner: "ann" })).meta.resourceId,
      (await todos.as("chief").create({ title: "c", owner: "bob" })).meta.resourceId,
    ];
    const archiveAs = (actor: string, id: string) =>
      askAs(
        gateway,
        actor,
        `mutation ($id: String!) { archiveTodoItem(resourceId: $id, at: "2030-01-01T00:00:00Z") { data { title } } }`,
        { id },
      );
    expect(codesIn(await archiveAs("ann", c))).toEqual(["RESOURCE_NOT_FOUND"]);
    expect(codesIn(await archiveAs("ann", "todo-item:absent"))).toEqual(["RESOURCE_NOT_FOUND"]);
    expect(codesIn(await archiveAs("ann", a))).toEqual([]);
    const { data } = await askAs(gateway, "ann", "{ summaryTodoItem { byOwner { owner count } } }");
    expect(data.summaryTodoItem.byOwner).toEqual([{ owner: "ann", count: 1 }]);
  });

  it("is refused by the policies of its action", async () => {
    const { gateway, todos } = open([archive, summary], {
      policies: { update: [() => false], getMany: [({ actor }) => actor === "ann"] },
    });
    const { meta } = await todos.as("ann").create({ title: "a", owner: "ann" });
    const mutation = `mutation ($id: String!) { archiveTodoItem(resourceId: $id, at: "2030-01-01T00:00:00Z") { id } }`;
    expect(codesIn(await askAs(gateway, "ann", mutation, { id: meta.resourceId }))).toEqual(["FORBIDDEN"]);
    expect(codesIn(await askAs(gateway, "bob", "{ summaryTodoItem { at } }"))).toEqual(["FORBIDDEN"]);
    expect(codesIn(await askAs(gateway, "ann", "{ summaryTodoItem { at } }"))).toEqual([]);
  });

  it("shows of resources what their reader may see", async () => {
    const leak = operation({
      name: "leak",
      kind: "read",
      output: "resources",
      resolve: ({ manager }) => manager.asRoot().search(),
    });
    const { gateway, todos } = open([leak], {
      policies: {
        getOne: [({ actor }) => ({ where: { owner: { eq: String(actor) } }, fields: { read: { only: ["owner"] } } })],
      },
    });
    for (const owner of ["ann", "bob"]) await todos.asRoot().create({ title: "secret", owner });
    const { data } = await askAs(gateway, "ann", "{ leakTodoItem { data { owner } } }");
    expect(data.leakTodoItem).toEqual([{ data: { owner: "ann" } }]);
    const masked = await askAs(gateway, "ann", "{ leakTodoItem { data { title } } }");
    expect(JSON.stringify(masked)).not.toContain("secret");
  });

  it("fires no events but those of what it does", async () => {
    const fired: string[] = [];
    const { gateway, todos } = open([archive, summary], {
      handlers: [{ isSupported: ({ phase }) => phase === "before", handle: ({ action }) => void fired.push(action) }],
    });
    const { meta } = await todos.as("ann").asRoot().create({ title: "a", owner: "ann" });
    const mutation = `mutation ($id: String!) { archiveTodoItem(resourceId: $id, at: "2030-01-01T00:00:00Z") { id } }`;
    await askAs(gateway, "ann", mutation, { id: meta.resourceId });
    await askAs(gateway, "ann", "{ summaryTodoItem { at } }");
    expect(fired).toEqual(["create", "patch", "getMany"]);
  });

  it("refuses bad input with its paths, and masks what its own code gets wrong", async () => {
    const wrong = operation({ name: "wrong", kind: "read", output: z.number().int(), resolve: () => "text" });
    const failing = operation({
      name: "failing",
      kind: "read",
      input: z.object({ size: z.number().int().max(3).default(1) }),
      output: z.string(),
      resolve: () => {
        throw new WeftError("RATE_LIMITED");
      },
    });
    const { gateway } = open([wrong, failing]);
    expect(codesIn(await askAs(gateway, "ann", "{ wrongTodoItem }"))).toEqual(["INTERNAL"]);
    expect(codesIn(await askAs(gateway, "ann", "{ failingTodoItem }"))).toEqual(["RATE_LIMITED"]);
    const { errors } = await askAs(gateway, "ann", "{ failingTodoItem(size: 4) }");
    expect(errors?.[0]?.extensions).toMatchObject({ code: "VALIDATION_FAILED", issues: [{ path: ["size"] }] });
  });

  it("streams, and ends with its source", async () => {
    const { gateway } = open([countdown]);
    const response = await gateway.fetch(
      new Request("http://weft.test/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", accept: "text/event-stream", "x-actor": "ann" },
        body: JSON.stringify({ query: "subscription { countdownTodoItem(from: 3) }" }),
      }),
    );
    const events = [...(await response.text()).matchAll(/"countdownTodoItem":(\d)/g)].map(([, value]) => value);
    expect(events).toEqual(["3", "2", "1"]);
  });
});

describe("registration refuses", () => {
  const named = (name: string, more: Partial<CustomOperation> = {}): CustomOperation => ({
    ...{ name, kind: "read", output: z.string(), resolve: () => "" },
    ...more,
  });
  const cases: readonly [string, readonly CustomOperation[], string][] = [
    ["names of weft's own", [named("delete")], "there is an operation or a field delete already"],
    ["fields of resources", [named("data", { place: "resource" })], "there is an operation or a field data already"],
    ["one name twice", [named("a"), named("a")], "there is an operation or a field a already"],
    ["what is no name", [named("Not a name")], '"Not a name" is no name'],
    ["writes at a resource", [named("a", { place: "resource", kind: "write" })], "only reading has its place"],
    ["schemas without a type", [named("a", { output: z.string().transform(Number) })], "operations.a.output.result"],
  ];
  for (const [what, operations, message] of cases) {
    it(what, () => {
      expect(() => open(operations)).toThrow(message);
    });
  }

  it("names that another model has taken, and tells both", () => {
    const { gateway } = open([]);
    gateway.addModel("Ship", z.object({ name: z.string() }), { operations: [named("big")] });
    expect(() => gateway.addModel("BigShip", z.object({ name: z.string() }))).toThrow(
      /Query\.bigShip is claimed by model BigShip .* and already by model Ship \(its operation big\)/,
    );
  });
});
