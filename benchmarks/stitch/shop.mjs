/** What every contender serves: products of one service, their reviews of another, notes of the gateway's own that refer to products. */

export const productCount = 1_000;
export const notesPerShelf = 20;
export const shelfCount = 24;

export const upcOf = (index) => `p${String(index).padStart(4, "0")}`;
export const shelfOf = (index) => `shelf-${String(index).padStart(2, "0")}`;

export const products = new Map(
  Array.from({ length: productCount }, (_, index) => [
    upcOf(index),
    { __typename: "Product", upc: upcOf(index), name: `Product ${index} of warp and weft`, price: 100 + index },
  ]),
);

export const reviews = new Map(
  Array.from({ length: productCount }, (_, index) => [
    upcOf(index),
    {
      __typename: "Product",
      upc: upcOf(index),
      reviews: [1, 2].map((number) => ({
        __typename: "Review",
        id: `${upcOf(index)}-r${number}`,
        stars: 1 + ((index + number) % 5),
        body: `Review ${number} of product ${index}: it holds what it promises.`,
      })),
    },
  ]),
);

/** By shelf; the n-th of a shelf refers to a product that no other note of that shelf refers to. */
export const notes = new Map(
  Array.from({ length: shelfCount }, (_, shelf) => [
    shelfOf(shelf),
    Array.from({ length: notesPerShelf }, (_, index) => ({
      __typename: "Note",
      title: `Note ${index} on shelf ${shelf}`,
      shelf: shelfOf(shelf),
      rank: index,
      productUpc: upcOf((shelf * 37 + index * 13) % productCount),
    })),
  ]),
);

const linked = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])`;

/** SDL of the two services: for stitching, and with federation's keys. */
export const catalogSdl = `
type Query { products(upcs: [ID!]!): [Product]! }
type Product @key(fields: "upc") { upc: ID! name: String! price: Int! }`;

export const reviewsSdl = `
type Query { productsByUpc(upcs: [ID!]!): [Product]! }
type Product @key(fields: "upc") { upc: ID! reviews: [Review!]! }
type Review { id: ID! stars: Int! body: String! }`;

/** The rivals' model of their own. */
export const notesSdl = `
type Query { notes(shelf: String!): [Note!]! }
type Note { title: String! shelf: String! rank: Int! productUpc: ID! product: Product }
type Product @key(fields: "upc", resolvable: false) { upc: ID! }`;

export const withLink = (sdl) => `${linked}\n${sdl}`;
export const withoutKeys = (sdl) => sdl.replace(/ @key\([^)]*\)/g, "");

/** With what federation asks of a subgraph. */
export const asSubgraph = (sdl) =>
  `${withoutKeys(sdl)}
scalar _Any
union _Entity = Product
type _Service { sdl: String! }
extend type Query { _entities(representations: [_Any!]!): [_Entity]! _service: _Service! }`;
