/** The three subgraphs behind shop-sdl.ts. */
import {
  buildSchema,
  defaultFieldResolver,
  GraphQLError,
  type GraphQLSchema,
  isObjectType,
  isUnionType,
} from "graphql";

type Resolvers = Readonly<Record<string, (source: never, args: never) => unknown>>;

const entities = "scalar _Any  union _Entity = Product";
const lookUp = "_entities(representations: [_Any!]!): [_Entity]!";

interface Representation {
  readonly __typename: string;
  readonly upc: string;
  readonly price?: number;
  readonly weight?: number;
}

const product = (upc: string) => ({ __typename: "Product", upc });
const upcs = (first: number) => Array.from({ length: first }, (_, index) => `p${index}`);

const catalog = service(
  `${entities}
  type Query { ${lookUp} products(first: Int! = 3): [Product!]! product(upc: String!): Product featured: Product hit: Hit hits: [Hit!]! }
  type Mutation { rename(upc: String!, name: String!): Product }
  type Subscription { productChanged: Product }
  type Product { upc: String! name: String price: Int weight: Int }
  type Bundle { title: String }
  union Hit = Product | Bundle`,
  {
    "Query.products": (_, { first }: { first: number }) => upcs(first).map(product),
    "Query.product": (_, { upc }: { upc: string }) => product(upc),
    "Query.featured": () => product("p0"),
    "Query.hit": () => ({ __typename: "Bundle", title: "all" }),
    "Query.hits": () => [product("p1"), { __typename: "Bundle", title: "all" }],
    "Mutation.rename": (_, { upc, name }: { upc: string; name: string }) => ({ ...product(upc), name }),
    "Subscription.productChanged": async function* () {
      yield { productChanged: product("p1") };
      yield { productChanged: product("p2") };
    },
    "Product.name": ({ upc, name }: { upc: string; name?: string }) => name ?? `name of ${upc}`,
    "Product.price": ({ upc }: Representation) => Number(upc.slice(1)) * 10,
    "Product.weight": () => 7,
  },
);

const reviews = service(
  `${entities}
  type Query { ${lookUp} latest: Review hits: [Hit!]! }
  type Product { upc: String! reviews: [Review!]! rating: Float }
  type Review { id: ID! body: String product: Product }
  union Hit = Product | Review`,
  {
    "Query.latest": () => ({ id: "r9", upc: "p1" }),
    "Query.hits": () => [product("p1"), { __typename: "Review", id: "r1" }],
    "Product.reviews": ({ upc }: Representation) => ["a", "b"].map((id) => ({ id: `${upc}-${id}`, upc })),
    "Product.rating": ({ upc }: Representation) => {
      if (upc === "p1") throw new GraphQLError("select * from secrets", { extensions: { code: "SECRET_LEAK" } });
      return 4.5;
    },
    "Review.body": ({ id }: { id: string }) => `body of ${id}`,
    "Review.product": ({ upc }: Representation) => product(upc),
  },
);

const stock = service(
  `${entities}
  type Query { ${lookUp} }
  type Product { upc: String! price: Int weight: Int inStock: Int shipping: Int }`,
  {
    "Product.inStock": ({ upc }: Representation) => Number(upc.slice(1)),
    "Product.shipping": ({ price, weight }: Representation) => (price ?? 0) * (weight ?? 0),
  },
);

export const serviceSchemas: Readonly<Record<string, GraphQLSchema>> = { catalog, reviews, "stock-eu": stock };

function service(sdl: string, resolvers: Resolvers): GraphQLSchema {
  const schema = buildSchema(sdl);
  const all: Resolvers = {
    "Query._entities": (_, { representations }: { representations: readonly Representation[] }) => representations,
    ...resolvers,
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isUnionType(type)) type.resolveType = (value: { readonly __typename: string }) => value.__typename;
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const own = all[`${type.name}.${field.name}`] as typeof defaultFieldResolver | undefined;
      if (type.name === "Subscription" && own) field.subscribe = own;
      else field.resolve = own ?? defaultFieldResolver;
    }
  }
  return schema;
}
