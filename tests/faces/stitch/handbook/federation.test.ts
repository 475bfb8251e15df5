/** Subgraphs of Apollo Federation beside other services: keys, fields of others, what they need of them; version 1 and version 2. */
import { describe, expect, it } from "vitest";
import { type ServiceUnderTest, service, weave } from "../weave.ts";

type Representation = Readonly<Record<string, unknown>> & { readonly __typename: string };
type Resolvers = Parameters<typeof service>[1];

/** A subgraph as its library makes it: it tells its own SDL, and answers `_entities`. */
function subgraph(name: string, told: string, { entities, ...parts }: Parts): ServiceUnderTest {
  const types = entities.join(" | ");
  const query = parts.sdl.includes("type Query") ? "extend type Query" : "type Query";
  const sdl = `${parts.sdl}\nscalar _Any union _Entity = ${types}\n${query} { _entities(representations: [_Any!]!): [_Entity]! }`;
  const schema = service(sdl, {
    "Query._entities": (_: never, given: { representations: readonly Representation[] }) =>
      given.representations.map(parts.find),
    ...parts.resolvers,
  });
  return { name, schema, told, isSubgraph: true };
}

interface Parts {
  readonly sdl: string;
  readonly entities: readonly string[];
  readonly find: (representation: Representation) => unknown;
  readonly resolvers?: Resolvers;
}

const userOf = (id: string) => ({
  __typename: "User",
  id,
  email: `@${id}`,
  username: `user ${id}`,
  secret: `s${id}`,
});

const users = subgraph(
  "users",
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@inaccessible"])
   type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! username: String @shareable secret: String @inaccessible }
   type Query { user(id: ID!): User }`,
  {
    sdl: "type User { id: ID! email: String! username: String secret: String } type Query { user(id: ID!): User }",
    entities: ["User"],
    find: ({ id, email }) => userOf(String(id ?? String(email).slice(1))),
    resolvers: {
      "Query.user": (_: never, { id }: { id: string }) => ({
        id,
        email: `@${id}`,
        username: `user ${id}`,
        secret: `s${id}`,
      }),
    },
  },
);

const products = subgraph(
  "products",
  `extend type Query { top: [Product] }
   type Product @key(fields: "upc") { upc: ID! name: String weight: Int }
   extend type User @key(fields: "id") { id: ID! @external recent: [Product] }`,
  {
    sdl: `type Query { top: [Product] } type Product { upc: ID! name: String weight: Int } type User { id: ID! recent: [Product] }`,
    entities: ["Product", "User"],
    find: ({ __typename, ...key }) => ({ __typename, ...key, recent: [{ upc: "1" }, { upc: "2" }] }),
    resolvers: {
      "Query.top": () => [{ upc: "1" }, { upc: "2" }],
      "Product.name": ({ upc }: { upc: string }) => `product ${upc}`,
      "Product.weight": ({ upc }: { upc: string }) => (upc === "2" ? null : 10),
    },
  },
);

const asked: Representation[] = [];
const reviews = subgraph(
  "reviews",
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires", "@provides"])
   type Review { body: String author: User @provides(fields: "username") product: Product }
   type User @key(fields: "email") { email: String! username: String @external reviews: [Review] mark: String @requires(fields: "secret") secret: String @external }
   type Product @key(fields: "upc") { upc: ID! weight: Int @external shipping: String @requires(fields: "weight") reviews: [Review] }`,
  {
    sdl: `type Review { body: String author: User product: Product }
          type User { email: String! username: String reviews: [Review] mark: String secret: String }
          type Product { upc: ID! weight: Int shipping: String reviews: [Review] }
          type Query { nothing: Int }`,
    entities: ["User", "Product"],
    find(representation) {
      asked.push(representation);
      return representation;
    },
    resolvers: {
      "User.reviews": ({ email }: { email: string }) => [
        { body: `by ${email}`, author: { email }, product: { upc: "2" } },
      ],
      "User.mark": ({ secret }: { secret: string }) => `mark ${secret}`,
      "Product.shipping": ({ upc, weight }: { upc: string; weight: number | null }) => `${upc} of ${weight}`,
      "Product.reviews": ({ upc }: { upc: string }) => [{ body: `of ${upc}`, author: { email: "@7" } }],
    },
  },
);

describe("subgraphs", () => {
  const woven = () => weave([users, products, reviews]);

  it("complete each other's types by their keys", async () => {
    const { ask, asked: requests } = woven();
    const { data, errors } = await ask(
      `{ user(id: "1") { username recent { upc name } reviews { body author { id username } product { name } } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      user: {
        username: "user 1",
        recent: [
          { upc: "1", name: "product 1" },
          { upc: "2", name: "product 2" },
        ],
        reviews: [{ body: "by @1", author: { id: "1", username: "user 1" }, product: { name: "product 2" } }],
      },
    });
    expect(requests.map((one) => one.service)).toEqual(["users", "products", "reviews", "users", "products"]);
  });

  it("are handed what their fields require, null where there is nothing", async () => {
    asked.length = 0;
    const { data, errors } = await woven().ask("{ top { shipping reviews { body } } }");
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      top: [
        { shipping: "1 of 10", reviews: [{ body: "of 1" }] },
        { shipping: "2 of null", reviews: [{ body: "of 2" }] },
      ],
    });
    expect(asked).toContainEqual({ __typename: "Product", upc: "2", weight: null });
  });

  it("keep what is inaccessible from clients, not from each other", async () => {
    const { ask, schema } = woven();
    expect(Object.keys((schema.getType("User") as never as { getFields(): object }).getFields())).toEqual(
      expect.not.arrayContaining(["secret"]),
    );
    expect((await ask('{ user(id: "3") { mark } }')).data).toEqual({ user: { mark: "mark s3" } });
  });

  it("serve none of what is for gateways", () => {
    const fields = Object.keys(woven().schema.getQueryType()?.getFields() ?? {});
    expect(fields).toEqual(["here", "user", "top"]);
    expect(woven().schema.getType("_Entity")).toBeUndefined();
    expect(woven().schema.getType("_Any")).toBeUndefined();
  });

  it("whose entity is of another type, or is not there, are null at its fields", async () => {
    const odd = subgraph(
      "odd",
      'type Product @key(fields: "upc") { upc: ID! odd: Int } type Other @key(fields: "id") { id: ID! }',
      {
        sdl: "type Product { upc: ID! odd: Int } type Other { id: ID! } type Query { nothing: Int }",
        entities: ["Product", "Other"],
        find: ({ upc }) => (upc === "1" ? { __typename: "Other", id: "1" } : null),
      },
    );
    expect(await weave([products, odd]).ask("{ top { upc odd } }")).toEqual({
      data: {
        top: [
          { upc: "1", odd: null },
          { upc: "2", odd: null },
        ],
      },
    });
  });
});
