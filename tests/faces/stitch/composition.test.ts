/** What becomes of types that several have: which of two wins, what is refused, what may be null. */
import { buildSchema, type GraphQLNamedType, parse, printType, subscribe } from "graphql";
import { describe, expect, it } from "vitest";
import type { LocalLookUp } from "../../../src/faces/stitch/compose/composition.ts";
import { type ServiceUnderTest, service, weave } from "./weave.ts";

const sdl = (name: string, text: string, more: Partial<ServiceUnderTest> = {}): ServiceUnderTest => ({
  name,
  schema: buildSchema(text),
  ...more,
});

const shown = (services: readonly ServiceUnderTest[], type: string, local?: string) =>
  printType(weave(services, local ? { local: buildSchema(local) } : {}).schema.getType(type) as GraphQLNamedType);

describe("types of one name", () => {
  it("are one enum with the values of all", () => {
    const kinds = [
      sdl("a", "enum K { ONE TWO } type Query { a: K }"),
      sdl("b", "enum K { TWO THREE } type Query { b: K }"),
    ];
    expect(shown(kinds, "K")).toBe("enum K {\n  TWO\n  THREE\n  ONE\n}");
  });

  it("are one union with the members of all, one interface with the fields that all behind it have", () => {
    const both = [
      sdl(
        "a",
        "interface I { id: ID! x: Int } type A implements I { id: ID! x: Int } union U = A type Query { a: I u: U }",
      ),
      sdl("b", "interface I { id: ID! } type B implements I { id: ID! } union U = B type Query { b: I v: U }"),
    ];
    expect(shown(both, "U")).toBe("union U = A | B");
    expect(shown(both, "I")).toBe("interface I {\n  id: ID!\n}");
  });

  it("are one input of the fields that all take, as strict as the strictest", () => {
    const both = [
      sdl("a", "input N { x: Int y: String only: Int = 3 } type Query { a(n: N): Int }"),
      sdl("b", "input N { x: Int! y: String } type Query { b(n: N): Int }"),
    ];
    expect(shown(both, "N")).toBe("input N {\n  x: Int!\n  y: String\n}");
  });

  it.each([
    [
      "input N { x: Int! must: Int! } type Query { a(n: N): Int }",
      "input N { x: Int! } type Query { b(n: N): Int }",
      "The input N.must is not the same in a and b",
    ],
    [
      "type T { x: Int } type Query { a: T }",
      "enum T { X } type Query { b: T }",
      "T of a and of b cannot be one: it is object here and enum there",
    ],
    [
      "type T { x: [Int] } type Query { a: T }",
      "type T { x: Int } type Query { b: T }",
      "T.x of a and of b cannot be one: it is [Int] here and Int there",
    ],
  ])("%s and %s are refused", (a, b, reason) => {
    expect(() => weave([sdl("a", a), sdl("b", b)])).toThrow(reason);
  });

  it("one of which is the gateway's own are refused where they are alike by chance only", () => {
    const local = "type Zone { name: String size: Int } type Query { zone: Zone }";
    expect(() => shown([sdl("a", "type Zone { area: Int } type Query { a: Zone }")], "Zone", local)).toThrow(
      "Zone of this gateway and of a cannot be one: it has other fields there (name, size, area)",
    );
  });

  it("take all arguments that any takes, required where all have them and one requires them", () => {
    const both = [
      sdl("a", "type T { id: ID! f(x: Int, z: Int): Int } type Query { a: T }"),
      sdl("b", "type T { id: ID! f(x: Int!, y: Int!): Int } type Query { b: T }"),
    ];
    expect(shown(both, "T")).toContain("f(x: Int!, z: Int, y: Int): Int");
  });

  it("have the root fields of the first who has them", async () => {
    const first = service("type Query { who: String mine: Int }", {
      "Query.who": () => "first",
      "Query.mine": () => 1,
    });
    const second = service("type Query { who(x: Int): String yours: Int }", {
      "Query.who": () => "second",
      "Query.yours": () => 2,
    });
    const { ask } = weave([
      { name: "first", schema: first },
      { name: "second", schema: second },
    ]);
    expect(await ask("{ who mine yours }")).toEqual({ data: { who: "first", mine: 1, yours: 2 } });
  });

  it("may be null where their objects come from who does not have the field", () => {
    const a = sdl("a", "type T { id: ID! own: Int! } type Query { a: T! as: [T!]! }");
    const merge = { T: { key: "id", many: "ts(ids: $keys)" } };
    const b = "type T { id: ID! more: Int! } type Query { ts(ids: [ID!]!): [T]! }";
    const hidden = { merge, transforms: { exclude: ["Query.ts"] } };
    expect(shown([a, sdl("b", b, hidden)], "T")).toBe("type T {\n  id: ID!\n  own: Int!\n  more: Int\n}");
    expect(shown([a, sdl("b", b, { merge })], "T")).toBe("type T {\n  id: ID!\n  own: Int\n  more: Int\n}");
    expect(shown([a], "Query")).toContain("a: T\n  as: [T!]\n");
  });
});

describe("a field that nobody can tell of an object", () => {
  it("is null with an error that says so; its neighbours are there", async () => {
    const a = service("type P { address: Address } type Address { street: String } type Query { p: P }", {
      "Query.p": () => ({ address: { street: "Main" } }),
    });
    const b = sdl("b", "type Q { address: Address } type Address { city: String } type Query { q: Q }");
    const { data, errors } = await weave([{ name: "a", schema: a }, b]).ask("{ p { address { street city } } }");
    expect(data).toEqual({ p: { address: { street: "Main", city: null } } });
    expect(errors).toEqual([
      expect.objectContaining({
        path: ["p", "address", "city"],
        message: 'Address.city cannot be found from what the service "a" answers.',
      }),
    ]);
  });
});

describe("types of the gateway's own that services share", () => {
  const local = () =>
    service("type Zone { meta: Meta! name: String } type Meta { id: ID! } type Query { zones: [Zone!]! }", {
      "Query.zones": () => ["1", "2", "3"].map((id) => ({ meta: { id }, name: `zone ${id}` })),
    });
  const weather: ServiceUnderTest = {
    name: "weather",
    merge: { Zone: { key: "meta { id }", many: "zones(ids: $keys)", computed: { nick: "name" } } },
    transforms: { exclude: ["Query.zones"] },
    schema: service(
      `type Zone { meta: Meta! rain: Int sun(of: Int): Int nick: String } type Meta { id: ID! }
       input Key { meta: MetaKey! name: String } input MetaKey { id: ID! }
       type Query { zones(ids: [Key!]!): [Zone]! wettest: Zone }`,
      {
        "Query.zones": (_: never, { ids }: { ids: { meta: { id: string }; name?: string }[] }) =>
          ids.map(({ meta, name }) =>
            meta.id === "2" ? null : { meta, rain: Number(meta.id), nick: `nick of ${name}` },
          ),
        "Zone.sun": (_: never, { of }: { of: number }) => of,
        "Query.wettest": () => ({ meta: { id: "3" }, rain: 9 }),
      },
    ),
  };
  const find: LocalLookUp = {
    key: [{ name: "meta", remoteName: "meta", below: [{ name: "id", remoteName: "id" }] }],
    find: async (key) => {
      const { id } = key.meta as { id: string };
      return id === "9" ? null : { meta: { id }, name: `zone ${id}` };
    },
  };
  const woven = () => weave([weather], { local: local(), localLookUps: new Map([["Zone", find]]) });

  it("have their fields on the gateway's objects, by one request for all of them", async () => {
    const { ask, asked } = woven();
    const { data, errors } = await ask("query ($n: Int) { zones { name rain twice: sun(of: $n) nick } }", { n: 4 });
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      zones: [
        { name: "zone 1", rain: 1, twice: 4, nick: "nick of zone 1" },
        { name: "zone 2", rain: null, twice: null, nick: null },
        { name: "zone 3", rain: 3, twice: 4, nick: "nick of zone 3" },
      ],
    });
    expect(asked).toHaveLength(1);
  });

  it("have the gateway's fields on the service's objects, null where the gateway has none", async () => {
    const { ask } = woven();
    expect(await ask("{ wettest { rain name meta { id } } }")).toEqual({
      data: { wettest: { rain: 9, name: "zone 3", meta: { id: "3" } } },
    });
  });
});

describe("names of a service's own", () => {
  const clock: ServiceUnderTest = {
    name: "clock",
    transforms: { prefix: "C_", rename: { Tick: "Beat", "Tick.at": "time", Unit: "ClockUnit" } },
    schema: service(
      `type Tick { at: Int unit: Unit source: Source } interface Source { id: ID! } type Atom implements Source { id: ID! }
       enum Unit { S MS } input In { unit: Unit list: [Unit!] }
       type Query { tick(in: In, unit: Unit): Tick } type Subscription { ticks(in: In): Tick }`,
      {
        "Query.tick": (_: never, given: { in?: { unit: string }; unit?: string }) => ({
          at: 1,
          unit: given.in?.unit ?? given.unit,
          source: { __typename: "Atom", id: "7" },
        }),
        "Subscription.ticks": async function* () {
          yield { ticks: { at: 1, unit: "S", source: { __typename: "Atom", id: "1" } } };
          yield { ticks: { at: 2, unit: null, source: null } };
        },
      },
    ),
  };

  it("are translated in fields, fragments, variables and their defaults, inputs and enums", async () => {
    const { data, errors } = await weave([clock]).ask(
      `query ($in: C_In, $u: ClockUnit = MS, $l: [ClockUnit!] = [S]) {
         a: C_tick(in: $in) { ...T } b: C_tick(unit: $u) { ...T } c: C_tick(in: { unit: $u, list: $l }) { unit }
       }
       fragment T on Beat { __typename time unit source { __typename ... on C_Atom { id } } }`,
      { in: { unit: "S" } },
    );
    expect(errors).toBeUndefined();
    const source = { __typename: "C_Atom", id: "7" };
    expect(data).toEqual({
      a: { __typename: "Beat", time: 1, unit: "S", source },
      b: { __typename: "Beat", time: 1, unit: "MS", source },
      c: { unit: "MS" },
    });
  });

  it("are translated in subscriptions, event by event", async () => {
    const { schema } = weave([clock]);
    const document = parse("subscription { mine: C_ticks(in: { unit: S }) { time unit source { __typename } } }");
    const contextValue = { remoteCaller: () => ({ actor: null, headers: {} }) };
    const stream = await subscribe({ schema, document, contextValue });
    if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
    const heard: unknown[] = [];
    for await (const { data } of stream) heard.push(JSON.parse(JSON.stringify(data)));
    expect(heard).toEqual([
      { mine: { time: 1, unit: "S", source: { __typename: "C_Atom" } } },
      { mine: { time: 2, unit: null, source: null } },
    ]);
  });

  it("leave nothing out of a schema that has no Query of its own", async () => {
    const only = sdl("only", "type Thing { id: ID! } type Mutation { make: Thing } type Query { thing: Thing }", {
      transforms: { exclude: ["Query.thing"] },
    });
    const { schema } = weave([only]);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(["here"]);
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).toEqual(["make"]);
  });
});
