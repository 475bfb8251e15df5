/** What is seen of services from outside: metrics, traces, and the plan of a query for who holds the key. */
import { context, propagation, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createGateway, type Gateway, z } from "../../../src/index.ts";
import { memory } from "./serve.ts";
import { service } from "./weave.ts";

const planKey = "a key of some length";

const catalog = service(
  "type Product { upc: ID! name: String stock: Int } type Query { products: [Product!] broken: Int }",
  {
    "Query.products": () => [{ upc: "1", name: "Table" }],
    "Query.broken": () => {
      throw new Error("secret");
    },
  },
);
const stocks = service("type Product { upc: ID! inStock: Int } type Query { stocksOf(upcs: [ID!]!): [Product] }", {
  "Query.stocksOf": (_: never, { upcs }: { upcs: string[] }) => upcs.map((upc) => ({ upc, inStock: 3 })),
});

let gateway: Gateway;

beforeAll(() => {
  gateway = createGateway({
    ...memory,
    planKey,
    metrics: true,
    stitch: [
      { name: "catalog", schema: catalog },
      { name: "stocks", schema: stocks, merge: { Product: { key: "upc", many: "stocksOf(upcs: $keys)" } } },
    ],
  });
  gateway.addModel("Zone", z.object({ name: z.string() }));
});

afterAll(() => gateway.close());

async function ask(query: string, headers: Record<string, string> = {}) {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query }),
  };
  return (await (await gateway.fetch(new Request("http://localhost/graphql", init))).json()) as {
    readonly data: unknown;
    readonly extensions?: unknown;
  };
}

it("services in this process are in the schema before anybody asks", async () => {
  const early = createGateway({ ...memory, stitch: [{ name: "catalog", schema: catalog }] });
  expect(Object.keys(early.schema().getQueryType()?.getFields() ?? {})).toContain("products");
  expect(early.schema()).toBe(early.schema());
  await early.close();
});

const spanning = "query Spanning { products { name inStock } zoneCount }";

describe("the plan of a query", () => {
  it("tells who holds the key which requests were made, without values of variables", async () => {
    const { data, extensions } = await ask(spanning, { "x-weft-plan": planKey });
    expect(data).toEqual({ products: [{ name: "Table", inStock: 3 }], zoneCount: 0 });
    expect(extensions).toEqual({
      plan: [
        { service: "catalog", kind: "query", query: "query { products { name upc } }", variables: [], batchSize: 1 },
        {
          service: "stocks",
          kind: "query",
          query: "query ($__f0_upcs: [ID!]!) { __f0: stocksOf(upcs: $__f0_upcs) { inStock upc } }",
          variables: ["__f0_upcs"],
          batchSize: 1,
        },
      ],
    });
  });

  it("tells nobody else", async () => {
    expect((await ask(spanning)).extensions).toBeUndefined();
    expect((await ask(spanning, { "x-weft-plan": "another key of some length" })).extensions).toBeUndefined();
  });

  it("is not kept by a key that could be guessed", async () => {
    const weak = createGateway({ ...memory, planKey: "short" });
    await expect(weak.fetch(new Request("http://localhost/health/live"))).rejects.toThrow(
      "planKey: at least 16 characters.",
    );
    await weak.close();
  });
});

it("metrics count operations, requests to services, and generations of the schema", async () => {
  await ask("{ products { name inStock } }");
  await ask("{ broken }");
  await gateway.reload();
  const text = await (await gateway.fetch(new Request("http://localhost/metrics"))).text();
  const metric = (name: string) =>
    Number(new RegExp(`^${name.replace(/[{}"]/g, "\\$&")} (\\S+)$`, "m").exec(text)?.[1]);
  expect(metric('weft_operation_duration_seconds_count{kind="query",outcome="ok"}')).toBeGreaterThanOrEqual(4);
  expect(metric('weft_operation_duration_seconds_count{kind="query",outcome="errors"}')).toBe(1);
  expect(
    metric('weft_remote_request_duration_seconds_count{service="stocks",kind="query",outcome="ok"}'),
  ).toBeGreaterThanOrEqual(1);
  expect(metric('weft_remote_request_duration_seconds_count{service="catalog",kind="query",outcome="errors"}')).toBe(1);
  expect(metric('weft_remote_batch_size_count{service="stocks"}')).toBeGreaterThanOrEqual(1);
  expect(metric("weft_schema_generation")).toBe(1);
  expect(metric('weft_schema_reloads_total{service="catalog",outcome="unchanged"}')).toBe(1);
});

describe("traces", () => {
  const exporter = new InMemorySpanExporter();

  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  });
  afterEach(() => exporter.reset());
  afterAll(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });

  it("have a span for each operation, and below it one for each request to a service", async () => {
    await ask(spanning);
    const spans = exporter.getFinishedSpans();
    const operation = spans.find(({ name }) => name === "query Spanning");
    expect(operation?.attributes).toEqual({ "graphql.operation.type": "query", "graphql.operation.name": "Spanning" });
    const below = spans.filter(
      ({ parentSpanContext }) => parentSpanContext?.spanId === operation?.spanContext().spanId,
    );
    expect(
      below.map(({ name, attributes }) => [name, attributes["weft.service"], attributes["weft.batch_size"]]),
    ).toEqual([
      ["catalog query", "catalog", 1],
      ["stocks query", "stocks", 1],
    ]);
  });

  it("tell of errors", async () => {
    await ask("{ broken }");
    expect(exporter.getFinishedSpans().map(({ name, status }) => [name, status.code])).toEqual([
      ["catalog query", SpanStatusCode.ERROR],
      ["query", SpanStatusCode.ERROR],
    ]);
  });
});
