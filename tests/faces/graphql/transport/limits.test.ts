/** What graphql-cop and its like send: each is refused with its code, quickly. */
import { getIntrospectionQuery, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { defaultDocumentLimits, findExceeded } from "../../../../src/faces/graphql/transport/limits.ts";
import { createGateway } from "../../../../src/gateway.ts";
import type { GatewayOptions } from "../../../../src/options.ts";
import { type Fixture, type Result, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close(100));

const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(" ");
const nested = (depth: number) => `${"{ self ".repeat(depth - 1)}{ me }${" }".repeat(depth - 1)}`;
const bomb = (levels: number) =>
  `{ ...f0 } ${times(levels, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`)} fragment f${levels} on Query { me }`;
const listBomb = (levels: number) =>
  `{ __schema { ...f0 } } ${times(levels, (i) => `fragment f${i} on __Schema { ...f${i + 1} ...f${i + 1} }`)} fragment f${levels} on __Schema { description }`;
const circular = `{ __schema { types { ${"fields { type { ".repeat(5)} name ${"} }".repeat(5)} } } }`;
const circularByFragments = `{ __schema { types { ...A } } } fragment A on __Type { fields { type { ...B } } }
  fragment B on __Type { fields { type { ...C } } } fragment C on __Type { fields { name } }`;

const attacks: readonly (readonly [name: string, query: string, limit: string])[] = [
  ["a depth of 21", nested(21), "maxDepth"],
  ["a depth of 1,000", nested(1000), "maxDepth"],
  [
    "a depth of 1,000 in fragments",
    `{ ...d0 } ${times(1000, (i) => `fragment d${i} on Query { self { ...d${i + 1} } }`)} fragment d1000 on Query { me }`,
    "maxTokens",
  ],
  [
    "a depth of 50 in fragments",
    `{ ...d0 } ${times(50, (i) => `fragment d${i} on Query { self { ...d${i + 1} } }`)} fragment d50 on Query { me }`,
    "maxDepth",
  ],
  ["101 aliases", `{ ${times(101, (i) => `a${i}: __typename`)} }`, "maxAliases"],
  [
    "101 root fields",
    `{ ${times(3, (i) => `...r${i}`)} } ${times(3, (i) => `fragment r${i} on Query { ${times(34, (j) => `${j % 2 ? "me" : "self"}${j > 1 ? `@include(if: true)` : ""} ${j % 2 ? "" : "{ me }"}`)} }`)}`,
    "maxRootFields",
  ],
  ["500 times one field", `{ ${"__typename ".repeat(500)} }`, "maxDuplicates"],
  ["500 times one field in inline fragments", `{ ${"... { __typename } ".repeat(500)} }`, "maxDuplicates"],
  ["10 directives on one field", `{ __typename ${"@aa".repeat(10)} }`, "maxDirectives"],
  ["100,000 fields", `{ ${"me ".repeat(100_000)} }`, "maxTokens"],
  ["fragments doubled 100 times", bomb(100), "maxSelections"],
  ["fragments doubled 100 times under __schema", listBomb(100), "maxSelections"],
  ["circular introspection", circular, "maxIntrospectionLists"],
  ["circular introspection by fragments", circularByFragments, "maxIntrospectionLists"],
];

describe("documents beyond a limit", () => {
  it.each(attacks)("%s: LIMIT_EXCEEDED within 100 ms", async (_name, query, limit) => {
    const runs: number[] = [];
    let json: Result = {};
    // Other work on the machine counts against no document: the best of three.
    for (let run = 0; run < 3; run++) {
      const startedAt = performance.now();
      json = (await fixture.post({ query })).json;
      runs.push(performance.now() - startedAt);
    }
    expect(Math.min(...runs)).toBeLessThan(100);
    expect(json.errors?.map(({ extensions }) => [extensions.code, extensions.limit])).toEqual([
      ["LIMIT_EXCEEDED", limit],
    ]);
  });

  it("survives a nesting that overflows the parser's stack", async () => {
    await using own = await startFixture({ limits: { maxTokens: 1_000_000 } });
    const { json } = await own.post({ query: nested(100_000) });
    expect(json.errors?.[0]?.extensions.code).toBe("LIMIT_EXCEEDED");
  });

  it("leaves cycles of fragments to validation", async () => {
    const { json } = await fixture.post({
      query: "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    });
    expect(json.errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
  });

  it("validates the worst document that is within the limits in bounded time", async () => {
    // About 180 ms on an idle machine; what is excluded here is an exponential.
    const fragments = times(1000, (i) => `fragment g${i} on Query { me }`);
    const startedAt = performance.now();
    const { json } = await fixture.post({ query: `{ self { ${times(490, (i) => `...g${i}`)} } } ${fragments}` });
    expect(json.errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe("documents within the limits", () => {
  it.each([
    ["a depth of 20", nested(20)],
    ["100 aliases", `{ ${times(100, (i) => `a${i}: __typename`)} }`],
  ])("serves %s", async (_name, query) => {
    expect((await fixture.post({ query })).json.errors).toBeUndefined();
  });

  it("serves the introspection of common clients", () => {
    const options = { descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true };
    const query = getIntrospectionQuery({ ...options, inputValueDeprecation: true, oneOf: true });
    expect(findExceeded(parse(query), defaultDocumentLimits)).toBeUndefined();
  });
});

describe("introspection", () => {
  it("is served where it is on", async () => {
    const { json } = await fixture.post({ query: getIntrospectionQuery() });
    expect(json.errors).toBeUndefined();
    expect(JSON.stringify((await fixture.post({ query: "{ itme(id: 1) { id } }" })).json)).toContain("Did you mean");
  });

  it("is refused where it is off, together with suggestions and GraphiQL", async () => {
    await using own = await startFixture({ introspection: false });
    const { json } = await own.post({ query: "{ __schema { queryType { name } } }" });
    expect(json.errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    const misspelt = await own.post({ query: "{ itme(id: 1) { id } }" });
    expect(JSON.stringify(misspelt.json)).not.toContain("Did you mean");
    const variables = { input: { titel: "x" } };
    const unknown = await own.post({ query: "query E($input: ItemInput) { echo(input: $input) }", variables });
    expect(unknown.json.errors?.[0]?.extensions.code).toBe("VALIDATION_FAILED");
    expect(JSON.stringify(unknown.json)).not.toContain("Did you mean");
    expect((await own.post({ query: "{ __typename }" })).json.data).toEqual({ __typename: "Query" });
    const page = await fetch(own.url, { headers: { accept: "text/html" } });
    expect(page.status).toBe(406);
  });

  it("goes without GraphiQL, or with a page of its own, where the gateway says so", async () => {
    const stores = { meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" };
    const pageOf = async (graphiql: GatewayOptions["graphiql"]) => {
      const gateway = createGateway({ ...stores, ...(graphiql === undefined ? {} : { graphiql }) });
      gateway.addModel("Item", z.object({ title: z.string() }));
      const request = new Request("http://localhost/graphql", { headers: { accept: "text/html" } });
      const answer = await gateway.fetch(request);
      const text = await answer.text();
      await gateway.close();
      return { status: answer.status, text };
    };
    expect((await pageOf(undefined)).status).toBe(200);
    expect((await pageOf(false)).status).toBe(406);
    const own = await pageOf({ title: "Our items", defaultQuery: "{ itemCount }" });
    expect(own.text).toContain("<title>Our items</title>");
    expect(own.text).toContain("{ itemCount }");
  });
});
