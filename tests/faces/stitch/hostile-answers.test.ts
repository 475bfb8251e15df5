/** Services that answer anything but what was asked: what is theirs is null with a coded error, everything else is there. */
import { buildSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { type ServiceUnderTest, service, weave } from "./weave.ts";

const items: ServiceUnderTest = {
  name: "items",
  schema: service("type Item { id: ID! name: String! } type Query { items(ids: [ID!]!): [Item!]! mine: String }", {
    "Query.items": (_: never, { ids }: { ids: string[] }) => ids.map((id) => ({ id, name: `item ${id}` })),
    "Query.mine": () => "here",
  }),
};

const hostileSdl = `
  interface Thing { id: ID! }
  type Item implements Thing { id: ID! n: Int list: [Int!] tag: Tag inner: Inner kind: Kind things: [Thing] }
  type Other implements Thing { id: ID! }
  type Inner { a: String b: Inner }
  type Tag { text: String! }
  enum Kind { ONE TWO }
  type Query { find(ids: [ID!]!): [Item] findOne(id: ID!): Item root: Item roots: [Item!] thing: Thing text: String number: Int flag: Boolean kind: Kind must: String! }`;

const hostile = (
  answers: unknown,
  merge: ServiceUnderTest["merge"] = { Item: { key: "id", many: "find(ids: $keys)" } },
) =>
  weave([items, { name: "hostile", errors: "codes", schema: buildSchema(hostileSdl), merge, answers: () => answers }]);

const malformed = { code: "UPSTREAM_UNAVAILABLE", service: "hostile", reason: "malformed" };
const secret = "db-7.internal:5432";

const root = async (query: string, data: unknown) => {
  const { data: found, errors } = await hostile({ data }).ask(`{ mine ${query} }`);
  expect(found?.mine).toBe("here");
  for (const { extensions } of errors ?? []) expect(extensions).toEqual(malformed);
  return { found, paths: errors?.map(({ path }) => path?.join(".")) ?? [] };
};

describe("a root field that is answered", () => {
  it.each([
    ["root { n }", { root: [{ n: 1 }] }, { root: null }, ["root"]],
    ["root { n }", { root: "text" }, { root: null }, ["root"]],
    ["root { n }", { root: 5 }, { root: null }, ["root"]],
    ["root { n }", { root: true }, { root: null }, ["root"]],
    ["roots { n }", { roots: { n: 1 } }, { roots: null }, ["roots"]],
    ["roots { n }", { roots: "text" }, { roots: null }, ["roots"]],
    ["roots { n }", { roots: [{ n: 1 }, null] }, { roots: null }, ["roots.1"]],
    ["roots { n }", { roots: [{ n: 1 }, [{ n: 2 }]] }, { roots: null }, ["roots.1"]],
    ["root { list }", { root: { list: [1, "x", 3] } }, { root: { list: null } }, ["root.list.1"]],
    ["root { list }", { root: { list: 1 } }, { root: { list: null } }, ["root.list"]],
    ["root { inner { a } }", { root: { inner: [] } }, { root: { inner: null } }, ["root.inner"]],
    [
      "root { tag { text } n }",
      { root: { tag: { text: null }, n: 1 } },
      { root: { tag: null, n: 1 } },
      ["root.tag.text"],
    ],
    ["root { tag { text } n }", { root: { tag: {}, n: 1 } }, { root: { tag: null, n: 1 } }, ["root.tag.text"]],
    ["root { n }", { root: { n: 2 ** 40 } }, { root: { n: null } }, ["root.n"]],
    ["root { n }", { root: { n: { x: 1 } } }, { root: { n: null } }, ["root.n"]],
    ["text", { text: { a: 1 } }, { text: null }, ["text"]],
    ["text", { text: ["a"] }, { text: null }, ["text"]],
    ["number", { number: "many" }, { number: null }, ["number"]],
    ["flag", { flag: "true" }, { flag: null }, ["flag"]],
    ["kind", { kind: "THREE" }, { kind: null }, ["kind"]],
    ["kind", { kind: { ONE: 1 } }, { kind: null }, ["kind"]],
    ["thing { id }", { thing: { id: "1" } }, { thing: null }, ["thing"]],
    ["thing { id }", { thing: { __t: 7, id: "1" } }, { thing: null }, ["thing"]],
    ["thing { id }", { thing: { __t: "Unheard", id: "1" } }, { thing: null }, []],
    ["thing { id }", { thing: { __t: "__proto__", id: "1" } }, { thing: null }, []],
    ["root { n }", {}, { root: null }, []],
    ["root { n }", [], { root: null }, []],
    ["root { n }", "data", { root: null }, []],
    [
      "root { constructor: n toString: n __proto__: n }",
      { root: {} },
      { root: { constructor: null, toString: null } },
      [],
    ],
  ])("%s with %j is null there only", async (query, data, expected, paths) => {
    const { found, paths: told } = await root(query, data);
    expect(found).toMatchObject(expected);
    expect(told).toEqual(paths);
  });

  it("shows response keys and values called __proto__ as they are, and pollutes nothing", async () => {
    const evil = JSON.parse(
      '{ "root": { "_c__proto__": { "a": "1" }, "inner": { "a": "2", "__proto__": { "b": "3" } } } }',
    );
    const { found } = await root("root { __proto__: inner { a } inner { a b { a } } }", evil);
    expect(JSON.stringify(found)).toBe('{"mine":"here","root":{"__proto__":{"a":"1"},"inner":{"a":"2","b":null}}}');
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });

  it("may be anything of a custom scalar, and is never taken for an object of the gateway's", async () => {
    const json: ServiceUnderTest = {
      name: "json",
      schema: buildSchema("scalar JSON type Query { any: JSON all: [JSON] }"),
      answers: () => ({
        data: { any: JSON.parse('{ "__proto__": { "x": 1 }, "then": 1 }'), all: [null, [1], { a: 2 }] },
      }),
    };
    const { data } = await weave([json]).ask("{ any all }");
    expect(JSON.stringify(data)).toBe('{"any":{"__proto__":{"x":1},"then":1},"all":[null,[1],{"a":2}]}');
  });
});

describe("a look-up that is answered", () => {
  const ask = async (find: unknown, ids = ["1", "2", "3"]) => {
    const woven = hostile({ data: { __f0: find } });
    const { data, errors } = await woven.ask("query ($ids: [ID!]!) { mine items(ids: $ids) { id name n } }", { ids });
    expect(data).toMatchObject({ mine: "here", items: ids.map((id) => ({ id, name: `item ${id}` })) });
    for (const { extensions } of errors ?? []) expect(extensions).toEqual(malformed);
    const { items: found } = data as { items: { n: unknown }[] };
    return { n: found.map(({ n }) => n), at: errors?.map(({ path }) => path?.join(".")) ?? [] };
  };
  const everywhere = ["items.0.n", "items.1.n", "items.2.n"];

  it.each([
    ["an object", { id: "1", n: 1 }],
    ["a text", "1"],
    ["nothing at all", undefined],
  ])("%s instead of a list fails at each of its fields", async (_, answer) => {
    expect(await ask(answer)).toEqual({ n: [null, null, null], at: everywhere });
  });

  it("null instead of a list finds none", async () => {
    expect(await ask(null)).toEqual({ n: [null, null, null], at: [] });
  });

  it.each([
    ["fewer items", [{ id: "3", n: 30 }], [null, null, 30]],
    [
      "more items",
      [
        { id: "0", n: 0 },
        { id: "1", n: 10 },
        { id: "2", n: 20 },
        { id: "3", n: 30 },
      ],
      [10, 20, 30],
    ],
    [
      "another order",
      [
        { id: "3", n: 30 },
        { id: "1", n: 10 },
        { id: "2", n: 20 },
      ],
      [10, 20, 30],
    ],
    [
      "one key twice",
      [
        { id: "1", n: 10 },
        { id: "1", n: 11 },
        { id: "3", n: 30 },
      ],
      [expect.any(Number), null, 30],
    ],
    [
      "null keys",
      [
        { id: null, n: 1 },
        { id: "2", n: 20 },
        { id: "3", n: 30 },
      ],
      [null, 20, 30],
    ],
    [
      "strangers",
      [
        { id: "7", n: 1 },
        { id: "8", n: 20 },
        { id: "9", n: 30 },
      ],
      [null, null, null],
    ],
    [
      "numbers for ids",
      [
        { id: 3, n: 30 },
        { id: 2, n: 20 },
        { id: 1, n: 10 },
      ],
      [10, 20, 30],
    ],
    [
      "objects for ids",
      [
        { id: { a: 1 }, n: 30 },
        { id: [1], n: 20 },
        { id: "1", n: 10 },
      ],
      [10, null, null],
    ],
    ["holes", [null, { id: "2", n: 20 }, null], [null, 20, null]],
    [
      "the key __proto__",
      [
        { id: "__proto__", n: 1 },
        { id: "2", n: 20 },
        { id: "constructor", n: 2 },
      ],
      [null, 20, null],
    ],
  ])("%s is matched by the keys that the items show", async (_, answer, n) => {
    expect(await ask(answer)).toEqual({ n, at: [] });
  });

  it("items that are no objects fail where they stand", async () => {
    expect(await ask([{ id: "1", n: 10 }, "2", [3]])).toEqual({ n: [10, null, null], at: ["items.1.n", "items.2.n"] });
  });

  it("as many items as were asked for, or nobody can say whose they are", async () => {
    const blind = (found: unknown) =>
      weave([
        items,
        {
          name: "hostile",
          errors: "codes",
          schema: buildSchema("type Item { n: Int } type Query { find(ids: [ID!]!): [Item] }"),
          merge: { Item: { key: "id", many: "find(ids: $keys)" } },
          answers: () => ({ data: { __f0: found } }),
        },
      ]).ask('{ items(ids: ["1", "2"]) { n } }');
    expect((await blind([{ n: 1 }, { n: 2 }])).data).toEqual({ items: [{ n: 1 }, { n: 2 }] });
    const { data, errors } = await blind([{ n: 2 }]);
    expect(data).toEqual({ items: [{ n: null }, { n: null }] });
    expect(errors?.map(({ extensions }) => extensions)).toEqual([malformed, malformed]);
  });

  it.each([
    [{ __f0_0: [{ n: 1 }], __f0_1: { n: 2 } }, [null, 2], ["items.0.n"]],
    [{ __f0_0: "x", __f0_1: null }, [null, null], ["items.0.n"]],
  ])("one by one, of another shape is null there: %j", async (data, n, at) => {
    const woven = hostile({ data }, { Item: { key: "id", one: "findOne(id: $key)" } });
    const { data: found, errors } = await woven.ask('{ items(ids: ["1", "2"]) { n } }');
    expect((found as { items: { n: unknown }[] }).items.map((item) => item.n)).toEqual(n);
    expect(errors?.map(({ path }) => path?.join("."))).toEqual(at);
  });
});

describe("errors of services", () => {
  const told = {
    message: `connect ECONNREFUSED ${secret}`,
    path: ["root", "n"],
    locations: [{ line: 1, column: 2 }],
    extensions: {
      code: "OUT_OF_STOCK",
      hint: secret,
      stacktrace: [`at ${secret}`],
      exception: { stack: secret },
      http: { status: 418, headers: { "set-cookie": secret } },
    },
  };
  const withPolicy = async (errors: "mask" | "codes" | "forward") => {
    const woven = weave([
      items,
      {
        name: "hostile",
        errors,
        schema: buildSchema(hostileSdl),
        answers: () => ({ data: { root: { n: null, inner: { a: "x" } } }, errors: [told] }),
      },
    ]);
    return (await woven.ask("{ mine root { n inner { a } } }")) as unknown as {
      errors: { extensions: object }[];
    };
  };

  it("are masked: nothing but that a service of this name failed here", async () => {
    const result = await withPolicy("mask");
    expect(result).toEqual({
      data: { mine: "here", root: { n: null, inner: { a: "x" } } },
      errors: [
        {
          message: "A remote service cannot be reached.",
          path: ["root", "n"],
          extensions: { code: "UPSTREAM_UNAVAILABLE", service: "hostile" },
        },
      ],
    });
    expect(JSON.stringify(result)).not.toContain(secret);
  });

  it("show their codes, and nothing else, by the policy codes", async () => {
    const result = await withPolicy("codes");
    expect(result.errors.map(({ extensions }) => extensions)).toEqual([{ code: "OUT_OF_STOCK", service: "hostile" }]);
    expect(JSON.stringify(result)).not.toContain(secret);
  });

  it("are forwarded without stack traces and HTTP details", async () => {
    const [error] = (await withPolicy("forward")).errors;
    expect(error).toMatchObject({ message: told.message, path: ["root", "n"] });
    expect(error?.extensions).toEqual({ code: "OUT_OF_STOCK", service: "hostile", hint: secret });
  });

  const paths = async (query: string, answer: unknown) => {
    const { data, errors } = await hostile(answer).ask(query);
    return { data, at: errors?.map(({ path }) => path?.join(".")) ?? [] };
  };
  const at = (...path: (string | number)[]) => ({ message: "m", path, extensions: { code: "C" } });

  it("keep every index of nested lists, and the client's names", async () => {
    const answer = {
      data: { list: [{ other: [{ __t: "Item", id: "1" }, null] }, null, { other: null }] },
      errors: [at("list", 0, "other", 1), at("list", 1), at("list", 2, "other")],
    };
    expect(
      (
        await paths("{ list: roots { other: things { id } } }", {
          ...answer,
          data: { list: answer.data.list.slice(0, 1) },
        })
      ).at,
    ).toEqual(["list.0.other.1"]);
    const nullable = {
      data: { r: { other: [null, { __t: "Item", id: "1" }, null] } },
      errors: [at("r", "other", 0), at("r", "other", 2)],
    };
    expect(await paths("{ r: root { other: things { id } } }", nullable)).toEqual({
      data: { r: { other: [null, { id: "1" }, null] } },
      at: ["r.other.0", "r.other.2"],
    });
  });

  it("several under one null are all told", async () => {
    const answer = { data: { root: null }, errors: [at("root", "tag", "text"), at("root", "n"), at("root")] };
    expect(await paths("{ root { n tag { text } } }", answer)).toEqual({
      data: { root: null },
      at: ["root", "root.tag.text", "root.n"],
    });
  });

  it("without a path are told where there is nothing", async () => {
    const answer = { data: { root: null, text: "x" }, errors: [{ message: "m" }] };
    expect(await paths("{ root { n } text }", answer)).toEqual({ data: { root: null, text: "x" }, at: ["root"] });
    expect((await paths("{ root { n } text number }", { errors: [{ message: "m" }] })).at).toEqual([
      "root",
      "text",
      "number",
    ]);
  });

  it("about what the client did not ask for are told at the nearest place that it did", async () => {
    const answer = { data: { _c_x: null }, errors: [at("_c_x", "_k_id", "inner"), at("_c_x", "inner", "_c_y")] };
    expect(await paths("{ _x: root { n inner { _y: a } } }", answer)).toEqual({
      data: { _x: null },
      at: ["_x", "_x.inner._y"],
    });
  });

  it("of look-ups are told at each field that was to come of them, chunk by chunk", async () => {
    const chunks: string[][] = [];
    const woven = weave([
      items,
      {
        name: "hostile",
        errors: "codes",
        maxBatchSize: 2,
        schema: buildSchema(hostileSdl),
        merge: { Item: { key: "id", many: "find(ids: $keys)" } },
        answers({ variables = {}, batchSize }) {
          const ids = variables.__f0_ids as string[];
          expect(batchSize).toBe(ids.length);
          chunks.push(ids);
          if (ids.includes("3")) return { data: { __f0: null }, errors: [at("__f0")] };
          return {
            data: { __f0: ids.map((id) => (id === "2" ? null : { id, n: Number(id), tag: null })) },
            errors: ids.includes("2") ? [at("__f0", 1), at("__f0", 0, "tag", "text")] : [],
          };
        },
      },
    ]);
    const { data, errors } = await woven.ask('{ items(ids: ["1", "2", "3", "4", "5"]) { n tag { text } } }');
    expect(chunks).toEqual([["1", "2"], ["3", "4"], ["5"]].map((ids) => expect.arrayContaining(ids)));
    expect(data).toEqual({
      items: [
        { n: 1, tag: null },
        { n: null, tag: null },
        { n: null, tag: null },
        { n: null, tag: null },
        { n: 5, tag: null },
      ],
    });
    expect(errors?.map(({ path }) => path?.join(".")).sort()).toEqual([
      "items.0.tag.text",
      "items.1.n",
      "items.1.tag",
      "items.2.n",
      "items.2.tag",
      "items.3.n",
      "items.3.tag",
    ]);
  });

  it("of items that cannot be placed are those of all that is missing", async () => {
    const answer = { data: { __f0: [{ id: "3", n: 3 }, null] }, errors: [at("__f0", 1)] };
    expect((await paths('{ items(ids: ["1", "2", "3"]) { n } }', answer)).at).toEqual(["items.0.n", "items.1.n"]);
  });
});
