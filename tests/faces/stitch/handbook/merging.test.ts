/** Types that services share, found by single records, by lists, by several keys, through namespaces and behind interfaces. */
import { GraphQLError, type GraphQLNamedType, printType } from "graphql";
import { describe, expect, it } from "vitest";
import { type Asked, type ServiceUnderTest, service, weave } from "../weave.ts";

const asked = (requests: readonly Asked[]) => requests.map((one) => one.service);
const missing = () => new GraphQLError("No such record", { extensions: { code: "NOT_FOUND" } });

const books = [
  { isbn: "1", title: "Loom", publisherId: "p1" },
  { isbn: "2", title: "Weft", publisherId: "p2" },
  { isbn: "3", title: "Warp", publisherId: "p1" },
  { isbn: "4", title: "Lost", publisherId: "nowhere" },
];
const publishers = [
  { id: "p1", name: "North" },
  { id: "p2", name: "South" },
];

const bookService = (): ServiceUnderTest => ({
  name: "books",
  merge: {
    Book: { key: "isbn", many: "books(isbns: $keys)" },
    Publisher: { key: "id", many: "_publishers(ids: $keys)" },
  },
  schema: service(
    `type Book { isbn: ID! title: String publisher: Publisher }
     type Publisher { id: ID! books: [Book!] }
     type Query { books(isbns: [ID!]!): [Book]! _publishers(ids: [ID!]!): [Publisher]! }`,
    {
      "Query.books": (_: never, { isbns }: { isbns: string[] }) =>
        isbns.map((isbn) => books.find((one) => one.isbn === isbn) ?? missing()),
      "Query._publishers": (_: never, { ids }: { ids: string[] }) => ids.map((id) => ({ id })),
      "Book.publisher": ({ publisherId }: { publisherId: string }) => ({ id: publisherId }),
      "Publisher.books": ({ id }: { id: string }) => books.filter(({ publisherId }) => publisherId === id),
    },
  ),
});

const publisherService = (way: "one" | "many"): ServiceUnderTest => ({
  name: "publishers",
  errors: "codes",
  merge: {
    Publisher:
      way === "one" ? { key: "id", one: "publisher(id: $key)" } : { key: "id", many: "publishers(ids: $keys)" },
  },
  schema: service(
    `type Publisher { id: ID! name: String! }
     type Query { publisher(id: ID!): Publisher publishers(ids: [ID!]!): [Publisher]! }`,
    {
      "Query.publisher": (_: never, { id }: { id: string }) => publishers.find((one) => one.id === id) ?? missing(),
      "Query.publishers": (_: never, { ids }: { ids: string[] }) =>
        ids.map((id) => publishers.find((one) => one.id === id) ?? missing()),
    },
  ),
});

const shopService = (): ServiceUnderTest => ({
  name: "shops",
  schema: service(`type Shop { id: ID! books: [Book]! } type Book { isbn: ID! } type Query { shop(id: ID!): Shop }`, {
    "Query.shop": (_: never, { id }: { id: string }) => ({ id, books: ["3", "2", "1"].map((isbn) => ({ isbn })) }),
  }),
});

describe.each(["one", "many"] as const)("types found by %s", (way) => {
  it("are completed over three services, one request a service and level", async () => {
    const woven = weave([bookService(), publisherService(way), shopService()]);
    const { data, errors } = await woven.ask(
      '{ shop(id: "s") { books { isbn title publisher { name books { title } } } } }',
    );
    expect(errors).toBeUndefined();
    const north = { name: "North", books: [{ title: "Loom" }, { title: "Warp" }] };
    expect(data).toEqual({
      shop: {
        books: [
          { isbn: "3", title: "Warp", publisher: north },
          { isbn: "2", title: "Weft", publisher: { name: "South", books: [{ title: "Weft" }] } },
          { isbn: "1", title: "Loom", publisher: north },
        ],
      },
    });
    expect(asked(woven.asked)).toEqual(["shops", "books", "publishers"]);
  });

  it("tell an error of one record at exactly its place", async () => {
    const woven = weave([bookService(), publisherService(way), shopService()]);
    const { data, errors } = await woven.ask('{ books(isbns: ["1", "4", "2"]) { title publisher { name } } }');
    expect(data).toEqual({
      books: [
        { title: "Loom", publisher: { name: "North" } },
        { title: "Lost", publisher: { name: null } },
        { title: "Weft", publisher: { name: "South" } },
      ],
    });
    expect(errors).toEqual([
      expect.objectContaining({
        path: ["books", 1, "publisher", "name"],
        extensions: { code: "NOT_FOUND", service: "publishers" },
      }),
    ]);
  });
});

describe("lists of records", () => {
  it("have errors at exact indexes, and null there only", async () => {
    const woven = weave([bookService()]);
    const { data, errors } = await woven.ask('{ books(isbns: ["9", "1", "8"]) { title } }');
    expect(data).toEqual({ books: [null, { title: "Loom" }, null] });
    expect(errors?.map(({ path }) => path)).toEqual([
      ["books", 0],
      ["books", 2],
    ]);
  });

  it("name a type that one service has the key of only, without a look-up there", async () => {
    const woven = weave([shopService(), bookService()]);
    expect((await woven.ask('{ shop(id: "s") { books { isbn } } }')).errors).toBeUndefined();
    expect(asked(woven.asked)).toEqual(["shops"]);
  });
});

describe("fields that are merged", () => {
  const users: ServiceUnderTest = {
    name: "users",
    merge: { User: { key: "id", many: "users(ids: $keys)" } },
    schema: service("type User { id: ID! name: String! } type Query { users(ids: [ID!]!): [User]! }", {
      "Query.users": (_: never, { ids }: { ids: string[] }) => ids.map((id) => ({ id, name: `user ${id}` })),
    }),
  };
  const notes = (type: string, knows: (id: string) => boolean): ServiceUnderTest => ({
    name: "notes",
    merge: { User: { key: "id", many: "_users(ids: $keys)" } },
    schema: service(`type User { id: ID! notes: ${type} } type Query { _users(ids: [ID!]!): [User]! }`, {
      "Query._users": (_: never, { ids }: { ids: string[] }) =>
        ids.map((id) => (knows(id) ? { id, notes: id === "1" ? ["first"] : [] } : null)),
    }),
  });

  it("are null where their service does not know the record, without an error", async () => {
    const woven = weave([users, notes("[String]", (id) => id === "1")]);
    expect(await woven.ask('{ users(ids: ["1", "2"]) { name notes } }')).toEqual({
      data: {
        users: [
          { name: "user 1", notes: ["first"] },
          { name: "user 2", notes: null },
        ],
      },
    });
  });

  it("may be null in the gateway even where their service never answers null: it may be away", async () => {
    const woven = weave([users, notes("[String!]!", () => true)]);
    expect(printType(woven.schema.getType("User") as GraphQLNamedType)).toBe(
      "type User {\n  id: ID!\n  name: String\n  notes: [String!]\n}",
    );
    expect((await woven.ask('{ users(ids: ["2"]) { notes } }')).data).toEqual({ users: [{ notes: [] }] });
  });
});

describe("types with several keys", () => {
  const catalog: ServiceUnderTest = {
    name: "catalog",
    merge: { Item: { key: "upc", many: "itemsByUpc(upcs: $keys)" } },
    schema: service("type Item { upc: ID! name: String } type Query { itemsByUpc(upcs: [ID!]!): [Item]! }", {
      "Query.itemsByUpc": (_: never, { upcs }: { upcs: string[] }) => upcs.map((upc) => ({ upc, name: `item ${upc}` })),
    }),
  };
  const vendors: ServiceUnderTest = {
    name: "vendors",
    merge: {
      Item: [
        { key: "upc", many: "itemsByKey(keys: $keys)" },
        { key: "id", many: "itemsByKey(keys: [{ id: $keys.id }])" },
      ],
    },
    schema: service(
      `type Item { id: ID! upc: ID! price: Int } input ItemKey { id: ID upc: ID }
       type Query { itemsByKey(keys: [ItemKey!]!): [Item]! }`,
      {
        "Query.itemsByKey": (_: never, { keys }: { keys: { id?: string; upc?: string }[] }) =>
          keys.map(({ id, upc }) => ({ id: id ?? `10${upc}`, upc: upc ?? id?.slice(2), price: 7 })),
      },
    ),
  };
  const reviews: ServiceUnderTest = {
    name: "reviews",
    merge: { Item: { key: "id", many: "itemsById(ids: $keys)" } },
    schema: service(
      "type Item { id: ID! reviews: [String!] } type Query { itemsById(ids: [ID!]!): [Item]! review: Item }",
      {
        "Query.itemsById": (_: never, { ids }: { ids: string[] }) => ids.map((id) => ({ id, reviews: [`of ${id}`] })),
        "Query.review": () => ({ id: "105" }),
      },
    ),
  };

  it("lead from one service to the next, whichever key the first has", async () => {
    const woven = weave([catalog, vendors, reviews]);
    expect(await woven.ask('{ itemsByUpc(upcs: ["1"]) { reviews } }')).toEqual({
      data: { itemsByUpc: [{ reviews: ["of 101"] }] },
    });
    expect(asked(woven.asked)).toEqual(["catalog", "vendors", "reviews"]);
    expect(await woven.ask("{ review { name price } }")).toEqual({ data: { review: { name: "item 5", price: 7 } } });
    expect(asked(woven.asked)).toEqual(["reviews", "vendors", "catalog"]);
  });
});

describe("keys of several fields, and of fields of objects", () => {
  it("are handed over as objects, or in parts", async () => {
    const base: ServiceUnderTest = {
      name: "base",
      schema: service(
        "type Shop { id: Int! locale: String! owner: Owner } type Owner { account: Account! } type Account { id: ID! no: Int } type Query { shop: Shop }",
        { "Query.shop": () => ({ id: 1, locale: "de", owner: { account: { id: "a", no: 4 } } }) },
      ),
    };
    const more: ServiceUnderTest = {
      name: "more",
      merge: {
        Shop: [{ key: "id locale", many: "shops(keys: $keys, strict: true)" }],
        Owner: { key: "account { id no }", many: "owners(ids: $keys.account.id, nos: $keys.account.no)" },
      },
      schema: service(
        `type Shop { id: Int! locale: String! open: String } type Owner { account: Account! name: String } type Account { id: ID! no: Int }
         input ShopKey { id: String! locale: String! }
         type Query { shops(keys: [ShopKey!]!, strict: Boolean): [Shop]! owners(ids: [ID!]!, nos: [String!]!): [Owner]! }`,
        {
          "Query.shops": (_: never, { keys, strict }: { keys: { id: string; locale: string }[]; strict: boolean }) =>
            keys.map(({ id, locale }) => ({ id: Number(id), locale, open: `${typeof id} ${locale} ${strict}` })),
          "Query.owners": (_: never, { ids, nos }: { ids: string[]; nos: string[] }) =>
            ids.map((id, at) => ({ account: { id, no: Number(nos[at]) }, name: `owner ${id} ${nos[at]}` })),
        },
      ),
    };
    const woven = weave([base, more]);
    expect(await woven.ask("{ shop { open owner { name account { no } } } }")).toEqual({
      data: { shop: { open: "string de true", owner: { name: "owner a 4", account: { no: 4 } } } },
    });
    expect(asked(woven.asked)).toEqual(["base", "more"]);
  });
});

describe("look-ups of other shapes", () => {
  const titles: ServiceUnderTest = {
    name: "titles",
    merge: { Thing: { key: "id", many: "things(whereIn: $keys)" } },
    schema: service("type Thing { id: ID! title: String } type Query { things(whereIn: [ID!]!): [Thing]! }", {
      "Query.things": (_: never, { whereIn }: { whereIn: string[] }) =>
        ["3", "1", "2"].filter((id) => whereIn.includes(id)).map((id) => ({ id, title: `title ${id}` })),
    }),
  };
  const stock: ServiceUnderTest = {
    name: "stock",
    merge: { Thing: { key: "id", many: "stock(ids: $keys).items" } },
    schema: service(
      `type Thing { id: ID! inStock: Int } type Page { total: Int items: [Thing] } type Query { stock(ids: [ID!]!): Page }`,
      {
        "Query.stock": (_: never, { ids }: { ids: string[] }) => ({
          total: ids.length,
          items: ids.map((id) => (id === "2" ? null : { id, inStock: 5 })),
        }),
      },
    ),
  };
  const pricing = (isUp = true): ServiceUnderTest => ({
    name: "pricing",
    errors: "codes",
    merge: { Thing: { key: "id", many: "pricing.engine.things(ids: $keys)" } },
    schema: service(
      `type Thing { id: ID! price: Int } type Engine { things(ids: [ID!]!): [Thing]! } type Pricing { engine: Engine! }
       type Query { pricing: Pricing }`,
      {
        "Query.pricing": () => (isUp ? { engine: {} } : missing()),
        "Engine.things": (_: never, { ids }: { ids: string[] }) =>
          ids.map((id) => (id === "3" ? missing() : { id, price: Number(id) * 10 })),
      },
    ),
  });

  it("answer in an order of their own, below a page, or below namespaces", async () => {
    const woven = weave([titles, stock, pricing()]);
    const { data, errors } = await woven.ask('{ things(whereIn: ["1", "X", "2", "3"]) { title inStock price } }');
    expect(data).toEqual({
      things: [
        { title: "title 3", inStock: 5, price: null },
        { title: "title 1", inStock: 5, price: 10 },
        { title: "title 2", inStock: null, price: 20 },
      ],
    });
    expect(errors).toEqual([
      expect.objectContaining({ path: ["things", 0, "price"], extensions: { code: "NOT_FOUND", service: "pricing" } }),
    ]);
    expect(asked(woven.asked)).toEqual(["titles", "stock", "pricing"]);
  });

  it("tell an error of their namespace at each field below it", async () => {
    const woven = weave([titles, pricing(false)]);
    const { data, errors } = await woven.ask('{ things(whereIn: ["1", "2"]) { title price } }');
    expect(data).toEqual({
      things: [
        { title: "title 1", price: null },
        { title: "title 2", price: null },
      ],
    });
    expect(errors?.map(({ path }) => path)).toEqual([
      ["things", 0, "price"],
      ["things", 1, "price"],
    ]);
  });

  it("are refused where they lead through lists, take what is not there, or answer another type", () => {
    const wrong =
      (many: string, key = "id") =>
      () =>
        weave([{ ...stock, merge: { Thing: { key, many } } }]);
    expect(wrong("stock(ids: $keys).items.id")).toThrow('merge.Thing: "id" lies below a list');
    expect(wrong("stock(ids: $keys).things")).toThrow('merge.Thing: Page has no field "things"');
    expect(wrong("stock(ids: $keys)")).toThrow("merge.Thing: stock returns Page: use");
    expect(wrong("stock.items")).toThrow("takes no $key and no $keys");
    expect(wrong("stock(id: $keys).items")).toThrow('stock needs the argument "ids"');
    expect(wrong("stock(ids: $keys).items", "id inStock")).toThrow("takes one value, but the key has several");
  });
});

describe("interfaces over services", () => {
  const shops: ServiceUnderTest = {
    name: "shops",
    schema: service(
      `interface Offer { id: ID! } type Product implements Offer { id: ID! }
       type Bundle implements Offer { id: ID! name: String! products: [Product]! }
       type Query { offers: [Offer]! }`,
      {
        "Query.offers": () => [
          { __typename: "Product", id: "1" },
          { __typename: "Bundle", id: "b", name: "Both", products: [{ id: "2" }, { id: "1" }] },
          { __typename: "Product", id: "3" },
        ],
      },
    ),
  };
  const products = (merge: ServiceUnderTest["merge"] & {}): ServiceUnderTest => ({
    name: "products",
    merge,
    schema: service(
      `interface Offer { id: ID! name: String! } type Product implements Offer { id: ID! name: String! price: Int }
       type Query { products(ids: [ID!]!): [Product]! offersById(ids: [ID!]!): [Offer]! }`,
      {
        "Query.products": (_: never, { ids }: { ids: string[] }) =>
          ids.map((id) => (id === "3" ? null : { id, name: `product ${id}`, price: 1 })),
        "Query.offersById": (_: never, { ids }: { ids: string[] }) =>
          ids.map((id) => ({ __typename: "Product", id, name: `offer ${id}` })),
      },
    ),
  });

  it("have the fields that all their types have anywhere", async () => {
    const woven = weave([shops, products({ Product: { key: "id", many: "products(ids: $keys)" } })]);
    const { data, errors } = await woven.ask("{ offers { __typename id name ... on Bundle { products { name } } } }");
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      offers: [
        { __typename: "Product", id: "1", name: "product 1" },
        { __typename: "Bundle", id: "b", name: "Both", products: [{ name: "product 2" }, { name: "product 1" }] },
        { __typename: "Product", id: "3", name: null },
      ],
    });
    expect(asked(woven.asked)).toEqual(["shops", "products"]);
  });

  it("are found by look-ups of their own, for each type behind them", async () => {
    const woven = weave([shops, products({ Offer: { key: "id", many: "offersById(ids: $keys)" } })]);
    expect((await woven.ask("{ offers { id name } }")).data).toEqual({
      offers: [
        { id: "1", name: "offer 1" },
        { id: "b", name: "Both" },
        { id: "3", name: "offer 3" },
      ],
    });
  });

  it("find nothing where a look-up answers an object of another type", async () => {
    const other = service(
      `interface Offer { id: ID! } type Product implements Offer { id: ID! size: Int } type Box implements Offer { id: ID! }
       type Query { offer(id: ID!): Offer }`,
      {
        "Query.offer": (_: never, { id }: { id: string }) => ({
          __typename: id === "1" ? "Box" : "Product",
          id,
          size: 9,
        }),
      },
    );
    const woven = weave([
      shops,
      { name: "sizes", schema: other, merge: { Product: { key: "id", one: "offer(id: $key)" } } },
    ]);
    expect(await woven.ask("{ offers { id ... on Product { size } } }")).toEqual({
      data: { offers: [{ id: "1", size: null }, { id: "b" }, { id: "3", size: 9 }] },
    });
  });

  it("are asked for side by side though their service types one field in two ways", async () => {
    const one: ServiceUnderTest = {
      name: "one",
      merge: { A: { key: "id", many: "as(ids: $keys)" } },
      schema: service(
        `type A { id: ID! x: Int! } type B { id: ID! x: Int } union U = A | B type Query { us: [U!]! as(ids: [ID!]!): [A]! }`,
        {
          "Query.us": () => [
            { __typename: "A", id: "a", x: 1 },
            { __typename: "B", id: "b", x: null },
          ],
        },
      ),
    };
    const two = { name: "two", schema: service("type A { id: ID! y: Int } type Query { y: A }", {}) };
    const woven = weave([one, two]);
    expect(await woven.ask("{ us { ... on A { x } ... on B { x } } }")).toEqual({
      data: { us: [{ x: 1 }, { x: null }] },
    });
    expect(woven.asked).toHaveLength(1);
  });
});
