/** A gateway of its own models with two services behind proxies that fail as networks and services do. */
import { afterEach, expect } from "vitest";
import { createGateway, type Gateway, type GatewayOptions, ref, z } from "../../../src/index.ts";
import { type FaultProxy, startFaultProxy } from "../../servers/fault-proxy.ts";
import { type LivingService, type Resolvers, startLivingService } from "./service.ts";

export interface World extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly url: string;
  readonly catalog: LivingService;
  readonly reviews: LivingService;
  /** Before `catalog`: what the gateway speaks to. */
  readonly proxy: FaultProxy;
  /** Before `reviews`. */
  readonly other: FaultProxy;
  /** Writes a note of the gateway's own. @returns its text */
  note(text: string): Promise<string>;
}

type StitchOptions = Partial<NonNullable<GatewayOptions["stitch"]>[number]>;

export interface WorldOptions extends Partial<GatewayOptions> {
  readonly ofCatalog?: StitchOptions;
  readonly ofReviews?: StitchOptions;
  readonly protocol?: "ws" | "sse";
  readonly resolvers?: Resolvers;
}

/** @param added fields of Product */
export const catalogSdl = (added = "") => `
  type Product { upc: ID! name: String! price: Int ${added} }
  type Tick { n: Int! product: Product }
  type Query { products: [Product!] productsByUpc(upcs: [ID!]!): [Product]! slow(ms: Int!): Int text(size: Int!): String }
  type Mutation { rename(upc: ID!, name: String!): Product slowly(ms: Int!): Int }
  type Subscription { ticks: Tick }
`;

export const reviewsSdl = `
  type Review { id: ID! body: String! }
  type Product { upc: ID! reviews: [Review!] }
  type Query { reviewed(upcs: [ID!]!): [Product]! latest: [Review!] }
`;

const products = ["1", "2", "3"].map((upc) => ({ upc, name: `Product ${upc}`, price: Number(upc) * 100 }));
const wait = (_: unknown, { ms }: { ms?: number }) => new Promise((resolve) => setTimeout(resolve, ms ?? 0, ms));

const ofCatalogService: Resolvers = {
  "Query.products": () => products,
  "Query.productsByUpc": (_, { upcs }) => upcs.map((upc: string) => products.find((one) => one.upc === upc)),
  "Query.slow": wait,
  "Query.text": (_, { size }) => "x".repeat(size),
  "Mutation.slowly": wait,
  "Mutation.rename": (_, args) => args,
  "Subscription.ticks": (event) => event,
};

const ofReviewsService: Resolvers = {
  "Query.reviewed": (_, { upcs }) => upcs.map((upc: string) => ({ upc, reviews: [{ id: `r${upc}`, body: "good" }] })),
  "Query.latest": () => [{ id: "r1", body: "good" }],
};

/** What nobody should ever see: those of the tests look whether there were any. */
const strays: unknown[] = [];
process.on("unhandledRejection", (reason) => strays.push(reason));
process.on("uncaughtException", (error) => strays.push(error));

afterEach(async () => {
  // Rejections are told of a turn later.
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(strays.splice(0)).toEqual([]);
});

export async function startWorld({
  ofCatalog,
  ofReviews,
  protocol = "ws",
  resolvers,
  ...options
}: WorldOptions = {}): Promise<World> {
  const catalog = await startLivingService(catalogSdl(), { ...ofCatalogService, ...resolvers });
  const reviews = await startLivingService(reviewsSdl, ofReviewsService);
  const proxy = await startFaultProxy(catalog.port);
  const other = await startFaultProxy(reviews.port);
  const gateway = createGateway({
    meta: "memory:",
    payload: "memory:",
    blob: "memory:",
    remoteSchemas: "memory:",
    logLevel: "silent",
    graceMs: 200,
    stitch: [
      {
        name: "catalog",
        url: proxy.url,
        subscriptions: protocol === "ws" ? proxy.url.replace("http", "ws") : { protocol },
        headers: { forward: ["authorization"] },
        merge: { Product: { key: "upc", many: "productsByUpc(upcs: $keys)" } },
        timeoutMs: 2_000,
        breaker: { openMs: 100, minRequests: 20 },
        poll: false,
        ...ofCatalog,
      },
      {
        name: "reviews",
        url: other.url,
        merge: { Product: { key: "upc", many: "reviewed(upcs: $keys)" } },
        poll: false,
        ...ofReviews,
      },
    ],
    ...options,
  });
  const notes = gateway.addModel(
    "Note",
    z.object({ text: z.string(), productUpc: ref("Product", { service: "catalog", key: "upc" }).optional() }),
    { indexedFields: ["text", "productUpc"] },
  );
  const { url } = await gateway.listen({ port: 0, host: "127.0.0.1" });
  return {
    gateway,
    url,
    catalog,
    reviews,
    proxy,
    other,
    async note(text) {
      await notes.create({ text, productUpc: "1" });
      return text;
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await Promise.all([proxy.stop(), other.stop()]);
      await Promise.all([catalog.stop(), reviews.stop()]);
    },
  };
}
