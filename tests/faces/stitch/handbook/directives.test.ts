/** Services that say in their own SDL how their types are merged: @key, @merge, @computed, @canonical. */
import { type GraphQLNamedType, printType } from "graphql";
import { describe, expect, it } from "vitest";
import { type ServiceUnderTest, service, weave } from "../weave.ts";

const definitions = `
  directive @key(selectionSet: String!) on OBJECT
  directive @merge(keyField: String, keyArg: String, additionalArgs: String, key: [String!], argsExpr: String, types: [String!]) on FIELD_DEFINITION
  directive @computed(selectionSet: String!) on FIELD_DEFINITION
  directive @canonical on OBJECT | FIELD_DEFINITION`;

type Resolvers = Parameters<typeof service>[1];

/** Its schema has no directives; what it tells has. */
const told = (name: string, sdl: string, resolvers: Resolvers): ServiceUnderTest => ({
  name,
  told: `${definitions}\n${sdl}`,
  schema: service(`${definitions}\n${sdl}`, resolvers),
});

interface Keys<Key> {
  readonly keys: readonly Key[];
}

const accounts = told(
  "accounts",
  'type User { id: ID! name: String! } type Query { me: User user(id: ID!): User @merge(keyField: "id") }',
  {
    "Query.me": () => ({ id: "1", name: "Ada" }),
    "Query.user": (_: never, { id }: { id: string }) => ({ id, name: id === "1" ? "Ada" : "Alan" }),
  },
);

const catalog = (orders: string[]) =>
  told(
    "catalog",
    `"What can be bought." type Product @canonical {
       "Its key." upc: ID! "What it is called." name: String! price: Int! weight: Int! }
     type Query {
       products(upcs: [ID!]!, order: String): [Product]! @merge(keyField: "upc", keyArg: "upcs", additionalArgs: """ order: "price" """)
     }`,
    {
      "Query.products": (_: never, { upcs, order }: { upcs: string[]; order: string }) => {
        orders.push(order);
        return upcs.map((upc) => ({ upc, name: `product ${upc}`, price: Number(upc) * 600, weight: 100 }));
      },
    },
  );

interface Stocked {
  readonly upc: string;
  readonly price?: number;
  readonly weight?: number;
}

const stock = (keys: Stocked[]) =>
  told(
    "stock",
    `"What lies in the store." type Product @key(selectionSet: "{ upc }") {
       "The store's key." upc: ID! inStock: Boolean
       shipping: Int @computed(selectionSet: "{ price weight }") }
     scalar _Key
     type Query { mostStocked: Product _products(keys: [_Key!]!): [Product]! @merge }`,
    {
      "Query.mostStocked": () => ({ upc: "2" }),
      "Query._products": (_: never, given: Keys<Stocked>) => {
        keys.push(...given.keys);
        return given.keys;
      },
      "Product.inStock": ({ upc }: Stocked) => upc !== "2",
      "Product.shipping": ({ price = 0, weight = 0 }: Stocked) => (price > 1000 ? 0 : weight / 2),
    },
  );

const reviews = told(
  "reviews",
  `type Review { id: ID! body: String author: User product: Product }
   type User @key(selectionSet: "{ id }") { id: ID! total: Int! }
   type Product @key(selectionSet: "{ upc }") { upc: ID! reviews: [Review] }
   input UserKey { id: ID! } input ProductKey { upc: ID! } input ProductInput { keys: [ProductKey!]! }
   type Query {
     review(id: ID!): Review
     _users(keys: [UserKey!]!): [User]! @merge
     _products(input: ProductInput): [Product]! @merge(keyArg: "input.keys")
   }`,
  {
    "Query.review": (_: never, { id }: { id: string }) => ({
      id,
      body: "so so",
      author: { id: "2" },
      product: { upc: "1" },
    }),
    "Query._users": (_: never, { keys }: Keys<{ id: string }>) => keys.map(({ id }) => ({ id })),
    "User.total": ({ id }: { id: string }) => Number(id),
    "Query._products": (_: never, { input }: { input: Keys<Stocked> }) =>
      input.keys.map(({ upc }) => ({ upc, reviews: [{ id: `r${upc}`, body: "good", author: { id: "1" } }] })),
  },
);

describe("a service's own directives", () => {
  it("say how types merge: keys picked, objects, typed inputs, inputs within inputs", async () => {
    const [orders, keys] = [[] as string[], [] as Stocked[]];
    const woven = weave([accounts, catalog(orders), stock(keys), reviews]);
    const { data, errors } = await woven.ask(
      `{ products(upcs: ["1", "2"], order: "mine") {
           name inStock shipping reviews { body author { name total } } } review(id: "7") { author { name } product { name } } }`,
    );
    expect(errors).toBeUndefined();
    const ada = { body: "good", author: { name: "Ada", total: 1 } };
    expect(data).toEqual({
      products: [
        { name: "product 1", inStock: true, shipping: 50, reviews: [ada] },
        { name: "product 2", inStock: false, shipping: 0, reviews: [ada] },
      ],
      review: { author: { name: "Alan" }, product: { name: "product 1" } },
    });
    expect(orders).toEqual(["mine", "price"]);
    expect(keys).toContainEqual({ __typename: "Product", upc: "1", price: 600, weight: 100 });
  });

  it("hand over no more than what is asked for needs", async () => {
    const keys: Stocked[] = [];
    const woven = weave([catalog([]), stock(keys)]);
    await woven.ask('{ products(upcs: ["1"]) { inStock } }');
    expect(keys).toEqual([{ __typename: "Product", upc: "1" }]);
  });

  it("say whose description of a type is taken", () => {
    const { schema } = weave([stock([]), catalog([])]);
    const text = printType(schema.getType("Product") as GraphQLNamedType);
    expect(text).toContain('"""What can be bought."""');
    expect(text).toContain('"""Its key."""');
    expect(text).not.toContain("store");
  });

  it("take keys by expressions, lists of paths, and for the types behind an interface", async () => {
    const sizes = told(
      "sizes",
      `interface Sized { upc: ID! } type Product implements Sized @key(selectionSet: "{ upc }") { upc: ID! size: Int }
       type Other implements Sized { upc: ID! }
       input SizeKey { code: ID! } type Query { sized(keys: [SizeKey!]!, unit: String): [Sized]! @merge(key: ["code:upc"], keyArg: "keys") }`,
      {
        "Query.sized": (_: never, { keys }: Keys<{ code: string }>) =>
          keys.map(({ code }) => ({ __typename: "Product", upc: code, size: Number(code) })),
      },
    );
    const colors = told(
      "colors",
      `type Product { upc: ID! color: String } input By { upcs: [ID!]! strict: Boolean }
       type Query { colored(by: By!): [Product]! @merge(argsExpr: "by: { upcs: [[$key.upc]], strict: true }") }`,
      {
        "Query.colored": (_: never, { by }: { by: { upcs: string[]; strict: boolean } }) =>
          by.upcs.map((upc) => ({ upc, color: by.strict ? "red" : "none" })),
      },
    );
    const woven = weave([catalog([]), sizes, colors]);
    expect((await woven.ask('{ products(upcs: ["3", "4"]) { size color } }')).data).toEqual({
      products: [
        { size: 3, color: "red" },
        { size: 4, color: "red" },
      ],
    });
  });

  it("that cannot be meant are refused with what is wrong", () => {
    const wrong = (sdl: string) => () => weave([told("wrong", sdl, {})]);
    expect(wrong("type T { id: ID! } type Query { ts(ids: [ID!]!): [T]! @merge }")).toThrow(
      'stitch "wrong", @merge on Query.ts: T has no @key(selectionSet:), and @merge no keyField.',
    );
    expect(wrong('type T { id: ID! } type Query { ts(a: [ID!]!, b: Int): [T]! @merge(keyField: "id") }')).toThrow(
      "say by keyArg which argument takes the key",
    );
  });
});
