/** Queries and mutations through the schema, on memory stores. */
import { beforeAll, describe, expect, it } from "vitest";
import { createFaceFixture, type FaceFixture, memoryBacking } from "./face-fixture.ts";
import { richIndexedFields, richSchema, zoneSchema } from "./rich-model.ts";

let fixture: FaceFixture;

const data = {
  title: "one",
  level: 3,
  big: "9007199254740993",
  wide: "4294967296",
  color: "dark_green",
  colors: ["red", "blue"],
  due: "2026-01-01T08:00:00+08:00",
  day: "2026-01-02",
  address: { city: "Taipei", zip: null },
  tags: ["a", "b", "c"],
  grid: [[1, null], [2]],
  shape: { circle: { radius: 2 } },
  shapes: [{ square: { side: 1, corners: ["red"] } }, { _3_gon: { points: [[0, 1]] } }],
  tree: { name: "root", folders: [{ name: "leaf" }] },
  extra: { any: [1, { x: true }] },
  photo: { base64: { data: "AAEC", contentType: "image/png" } },
};

beforeAll(() => {
  fixture = createFaceFixture(memoryBacking());
  fixture.add("Zone", zoneSchema);
  fixture.add("TodoItem", richSchema, { indexedFields: richIndexedFields });
});

async function ask(source: string, variables?: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { data: answer, errors } = await fixture.run(source, variables);
  if (errors?.[0]) throw errors[0].originalError ?? errors[0];
  return JSON.parse(JSON.stringify(answer));
}

const create =
  "mutation ($data: TodoItemInput!, $id: ID) { createTodoItem(data: $data, resourceId: $id) { meta { resourceId } } }";

async function created(id: string, changes: object = {}): Promise<string> {
  const resourceId = `todo-item:${id}`;
  await ask(create, { data: { ...data, ...changes }, id: resourceId });
  return resourceId;
}

describe("a document", () => {
  it("comes back as the types say, whatever it holds", async () => {
    const id = await created("whole");
    const { todoItem } = await ask(
      `query ($id: ID!) { todoItem(resourceId: $id) { data {
        __typename title done level score big wide color colors due day address { city zip since } home { city }
        tags grid extra zoneId photo { size contentType }
        shape { __typename ... on ShapeCircle { kind radius } }
        shapes { __typename ... on ShapeSquare { side corners } ... on Shape3Gon { kind points } }
        tree { name folders { name folders { name } } }
      } } }`,
      { id },
    );
    expect(todoItem).toEqual({
      data: {
        __typename: "TodoItem",
        ...{ title: "one", done: false, level: 3, score: null, big: data.big, wide: data.wide },
        ...{ color: "dark_green", colors: data.colors, due: "2026-01-01T00:00:00.000Z", day: "2026-01-02" },
        ...{ address: { city: "Taipei", zip: null, since: null }, home: null, tags: data.tags, grid: data.grid },
        ...{ extra: data.extra, zoneId: null, photo: { size: "3", contentType: "image/png" } },
        shape: { __typename: "ShapeCircle", kind: "circle", radius: 2 },
        shapes: [
          { __typename: "ShapeSquare", side: 1, corners: ["red"] },
          { __typename: "Shape3Gon", kind: "_3_gon", points: [[0, 1]] },
        ],
        tree: { name: "root", folders: [{ name: "leaf", folders: [] }] },
      },
    });
  });

  it("is stored with the values of the schema, not their GraphQL names", async () => {
    const id = await created("stored");
    const { todoItem } = await ask(
      `{ todoItem(resourceId: "${id}") { partial(paths: ["color", "shape", "shapes/-/kind", "wide", "big"]) } }`,
    );
    expect(todoItem).toEqual({
      partial: {
        color: "dark green",
        shape: { kind: "circle", radius: 2 },
        shapes: [{ kind: "square" }, { kind: "3-gon" }],
        wide: 4294967296,
        big: "9007199254740993",
      },
    });
  });

  it("gives slices of lists, several of one list under aliases", async () => {
    const id = await created("sliced");
    const { todoItem } = await ask(
      `{ todoItem(resourceId: "${id}") { data {
        last: tags(slice: "-1") even: tags(slice: "::2") none: tags(slice: "9") shapes(slice: "1:") { __typename }
        rows: grid(slice: ":1") made
      } } }`,
    );
    expect(todoItem).toMatchObject({
      data: { last: ["c"], even: ["a", "c"], none: [], shapes: [{ __typename: "Shape3Gon" }], rows: [[1, null]] },
    });
  });

  it("answers a bad slice with PARTIAL_PATH_INVALID at the list", async () => {
    const id = await created("bad-slice");
    const { errors } = await fixture.run(
      `{ todoItem(resourceId: "${id}") { meta { etag } data { made tags(slice: "1:2:0") } } }`,
    );
    expect(errors?.map(({ path, originalError }) => [path, originalError])).toEqual([
      [["todoItem", "data", "tags"], expect.objectContaining({ code: "PARTIAL_PATH_INVALID" })],
    ]);
  });
});

describe("writes", () => {
  it("run every verb by its name", async () => {
    const id = await created("verbs");
    const v = { id, data: { ...data, title: "two" } };
    const head = "meta { currentRevisionId isDeleted } revision { status }";
    expect(
      await ask(
        `mutation ($id: ID!, $data: TodoItemInput!) { updateTodoItem(resourceId: $id, data: $data, status: DRAFT) { ${head} data { title } } }`,
        v,
      ),
    ).toEqual({
      updateTodoItem: {
        meta: { currentRevisionId: `${id}:2`, isDeleted: false },
        revision: { status: "DRAFT" },
        data: { title: "two" },
      },
    });
    const steps = [
      [
        `patchTodoItem(resourceId: $id, patch: [{ op: "replace", path: "/title", value: "three" }], status: DRAFT)`,
        `${id}:3`,
      ],
      [`modifyTodoItem(resourceId: $id, patch: [{ op: "replace", path: "/level", value: 9 }])`, `${id}:3`],
      [`switchTodoItem(resourceId: $id, revisionId: "${id}:1")`, `${id}:1`],
      [`deleteTodoItem(resourceId: $id)`, `${id}:1`],
      [`restoreTodoItem(resourceId: $id)`, `${id}:1`],
    ];
    for (const [call, currentRevisionId] of steps) {
      expect(await ask(`mutation ($id: ID!) { it: ${call} { ${head} } }`, { id })).toMatchObject({
        it: { meta: { currentRevisionId } },
      });
    }
    expect(
      await ask(
        `mutation ($id: ID!, $data: TodoItemInput!) { upsertTodoItem(resourceId: $id, data: $data) { data { title } } }`,
        v,
      ),
    ).toEqual({
      upsertTodoItem: { data: { title: "two" } },
    });
    const { purgeTodoItem } = await ask("mutation ($id: ID!) { purgeTodoItem(resourceId: $id) { id resourceId } }", {
      id,
    });
    expect(purgeTodoItem).toEqual({ id: expect.any(String), resourceId: id });
    expect(await ask(`query ($g: ID!) { node(id: $g) { id } }`, { g: (purgeTodoItem as { id: string }).id })).toEqual({
      node: null,
    });
  });

  it("see each other within one request", async () => {
    const id = await created("serial");
    const answer = await ask(
      `mutation ($id: ID!) {
        a: patchTodoItem(resourceId: $id, patch: [{ op: "replace", path: "/title", value: "a" }]) { revision { revisionId } data { title } }
        b: patchTodoItem(resourceId: $id, patch: [{ op: "replace", path: "/title", value: "b" }]) { revision { revisionId } data { title } }
      }`,
      { id },
    );
    expect(answer).toEqual({
      a: { revision: { revisionId: `${id}:2` }, data: { title: "a" } },
      b: { revision: { revisionId: `${id}:3` }, data: { title: "b" } },
    });
  });

  it("answer bad data with VALIDATION_FAILED and the path", async () => {
    const bad = { ...data, shape: { circle: { kind: "square", radius: 1 } } };
    await expect(ask(create, { data: bad })).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
      details: { issues: [{ path: ["shape", "kind"] }] },
    });
  });
});

describe("reads of what is not there", () => {
  it("are null for a missing or deleted resource, unless includeDeleted", async () => {
    const id = await created("deleted");
    await ask("mutation ($id: ID!) { deleteTodoItem(resourceId: $id) { meta { isDeleted } } }", { id });
    const source = `query ($id: ID!) {
      missing: todoItem(resourceId: "todo-item:none") { meta { etag } }
      deleted: todoItem(resourceId: $id) { meta { etag } }
      old: todoItem(resourceId: $id, revisionId: "${id}:1") { meta { etag } }
      seen: todoItem(resourceId: $id, includeDeleted: true) { meta { isDeleted } data { title } }
      foreign: zone(resourceId: $id) { meta { etag } }
    }`;
    expect(await ask(source, { id })).toEqual({
      ...{ missing: null, deleted: null, old: null, foreign: null },
      seen: { meta: { isDeleted: true }, data: { title: "one" } },
    });
  });

  it("are errors for a missing revision", async () => {
    const id = await created("revision");
    await expect(
      ask(`{ todoItem(resourceId: "${id}", revisionId: "${id}:7") { meta { etag } } }`),
    ).rejects.toMatchObject({
      code: "REVISION_NOT_FOUND",
    });
  });
});

describe("node and nodes", () => {
  it("find resources by global id, each place on its own", async () => {
    const resourceId = await created("node");
    const { todoItem } = await ask(`{ todoItem(resourceId: "${resourceId}") { id } }`);
    const { id } = todoItem as { id: string };
    const unknown = Buffer.from("TodoItemResource:todo-item:none").toString("base64");
    const noNode = Buffer.from("RevisionInfo:x").toString("base64");
    const { data: answer, errors } = await fixture.run(
      `query ($id: ID!, $ids: [ID!]!) {
        node(id: $id) { __typename id ... on TodoItemResource { data { title } } ... on Resource { meta { resourceId } } }
        nodes(ids: $ids) { id }
      }`,
      { id, ids: [id, unknown, "rubbish", noNode, resourceId, id] },
    );
    expect(JSON.parse(JSON.stringify(answer))).toEqual({
      node: { __typename: "TodoItemResource", id, data: { title: "one" }, meta: { resourceId } },
      nodes: [{ id }, null, null, null, null, { id }],
    });
    expect(errors?.map(({ path, originalError }) => [path, originalError])).toEqual([
      [["nodes", 2], expect.objectContaining({ code: "VALIDATION_FAILED" })],
      [["nodes", 4], expect.objectContaining({ code: "VALIDATION_FAILED" })],
    ]);
  });
});

describe("searching", () => {
  beforeAll(async () => {
    for (const [n, color] of [
      ["1", "red"],
      ["2", "blue"],
      ["3", "red"],
    ] as const) {
      await created(`search-${n}`, { title: `search ${n}`, level: Number(n), color, big: `1000000000000000000${n}` });
    }
  });

  const titles = (connection: unknown) =>
    (connection as { nodes: { data: { title: string } }[] }).nodes.map(({ data: { title } }) => title);

  it("filters and sorts by typed inputs", async () => {
    const source = `query ($where: TodoItemWhere, $orderBy: [TodoItemOrder!]) {
      todoItems(where: $where, orderBy: $orderBy) { totalCount nodes { data { title } } edges { cursor node { data { title } } } pageInfo { hasNextPage } }
    }`;
    const among = { title: { startsWith: "search" } };
    const found = async (where: object, orderBy: object[] = [{ title: "ASC" }]) =>
      titles((await ask(source, { where: { and: [among, where] }, orderBy })).todoItems);
    expect(await found({ color: { eq: "red" } }, [{ level: "DESC" }])).toEqual(["search 3", "search 1"]);
    expect(await found({ big: { gt: "10000000000000000001" } })).toEqual(["search 2", "search 3"]);
    expect(await found({ or: [{ level: { in: [1] } }, { not: { color: { eq: "red" } } }] })).toEqual([
      "search 1",
      "search 2",
    ]);
    expect(
      await found({ address: { city: { contains: "aip" } }, tags: { contains: "b" } }, [
        { meta: { createdTime: "ASC" } },
      ]),
    ).toHaveLength(3);
    expect(await found({ meta: { createdBy: { ne: "ann" } } })).toEqual([]);
  });

  it("answers the query language, with a default limit of 10 and null for deleted and others", async () => {
    const conditions = [{ condition: { fieldPath: "title", operator: "STARTS_WITH", value: "search" } }];
    const source = `query ($query: ResourceQuery) { todoItemCount(query: $query) todoItemList(query: $query) { data { title } } }`;
    expect(
      await ask(source, {
        query: { conditions, sorts: [{ data: { fieldPath: "level", direction: "DESC" } }], limit: 2 },
      }),
    ).toEqual({
      todoItemCount: 3,
      todoItemList: [{ data: { title: "search 3" } }, { data: { title: "search 2" } }],
    });
    const all = await ask(
      "{ todoItemList { meta { resourceId } } withDeleted: todoItemCount(query: { isDeleted: null }) living: todoItemCount }",
    );
    expect(all.todoItemList).toHaveLength(10);
    expect(all.withDeleted).toBe((all.living as number) + 1);
  });

  it("answers a filter without an operator with QUERY_INVALID", async () => {
    await expect(ask("{ todoItems(where: { title: {} }) { totalCount } }")).rejects.toMatchObject({
      code: "QUERY_INVALID",
    });
  });
});

describe("history", () => {
  it("shows revisions newest first with their data, and what differs", async () => {
    const id = await created("history");
    await ask(
      `mutation { patchTodoItem(resourceId: "${id}", patch: [{ op: "replace", path: "/title", value: "new" }]) { id } }`,
    );
    const { todoItem } = await ask(
      `{ todoItem(resourceId: "${id}") {
        revisions(first: 5) { nodes { revision { revisionId } data { title } } pageInfo { hasNextPage } }
        diff(from: "${id}:1")
      } }`,
    );
    expect(todoItem).toEqual({
      revisions: {
        nodes: [
          { revision: { revisionId: `${id}:2` }, data: { title: "new" } },
          { revision: { revisionId: `${id}:1` }, data: { title: "one" } },
        ],
        pageInfo: { hasNextPage: false },
      },
      diff: [{ op: "replace", path: "/title", value: "new" }],
    });
  });
});
