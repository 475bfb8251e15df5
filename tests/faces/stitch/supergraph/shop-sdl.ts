/** What composition makes of the three services in services.ts. */
export const shopSdl = /* GraphQL */ `
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) {
  query: Query
  mutation: Mutation
  subscription: Subscription
}

directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @inaccessible on FIELD_DEFINITION | OBJECT

scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }

enum join__Graph {
  CATALOG @join__graph(name: "catalog", url: "http://127.0.0.1:4101/graphql")
  REVIEWS @join__graph(name: "reviews", url: "http://127.0.0.1:4102/graphql")
  STOCK_EU @join__graph(name: "stock-eu", url: "https://stock.example.org/graphql")
}

type Query @join__type(graph: CATALOG) @join__type(graph: REVIEWS) @join__type(graph: STOCK_EU) {
  products(first: Int! = 3): [Product!]! @join__field(graph: CATALOG)
  product(upc: String!): Product @join__field(graph: CATALOG)
  featured: Product @join__field(graph: CATALOG)
  hit: Hit @join__field(graph: CATALOG)
  hits: [Hit!]! @join__field(graph: CATALOG) @join__field(graph: REVIEWS)
  latest: Review @join__field(graph: REVIEWS)
}

type Mutation @join__type(graph: CATALOG) {
  rename(upc: String!, name: String!): Product
}

type Subscription @join__type(graph: CATALOG) {
  productChanged: Product
}

type Product
  @join__type(graph: CATALOG, key: "upc")
  @join__type(graph: REVIEWS, key: "upc")
  @join__type(graph: STOCK_EU, key: "upc") {
  upc: String!
  name: String @join__field(graph: CATALOG)
  price: Int @join__field(graph: CATALOG) @join__field(graph: STOCK_EU, external: true)
  weight: Int @join__field(graph: CATALOG) @join__field(graph: STOCK_EU, external: true) @inaccessible
  reviews: [Review!]! @join__field(graph: REVIEWS)
  rating: Float @join__field(graph: REVIEWS)
  inStock: Int @join__field(graph: STOCK_EU)
  shipping: Int @join__field(graph: STOCK_EU, requires: "price weight")
}

type Review @join__type(graph: REVIEWS) {
  id: ID!
  body: String
  product: Product
}

type Bundle @join__type(graph: CATALOG) {
  title: String
}

union Hit
  @join__type(graph: CATALOG)
  @join__type(graph: REVIEWS)
  @join__unionMember(graph: CATALOG, member: "Product")
  @join__unionMember(graph: REVIEWS, member: "Product")
  @join__unionMember(graph: CATALOG, member: "Bundle")
  @join__unionMember(graph: REVIEWS, member: "Review")
  = Product | Bundle | Review
`;
