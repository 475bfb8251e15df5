/** What a gateway lets in where nothing is said: in development, and with NODE_ENV=production. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createGateway, type Gateway } from "../../src/gateway.ts";
import type { GatewayOptions } from "../../src/options.ts";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly code: unknown;
}

function start(mode: string, options: GatewayOptions = {}): Gateway {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = mode;
  try {
    const stores = { meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" };
    const gateway = createGateway({ ...stores, ...options });
    gateway.addModel("Item", z.object({ title: z.string(), level: z.number().int().default(1) }), {
      indexedFields: ["title"],
    });
    gateway.builder.queryField("broken", (t) =>
      t.string({
        nullable: true,
        resolve: () => {
          throw new Error("secret of line 42");
        },
      }),
    );
    return gateway;
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  let code: unknown;
  try {
    code = JSON.parse(text).errors?.[0]?.extensions?.code;
  } catch {
    // A page.
  }
  return { status: response.status, headers: response.headers, text, code };
}

const url = "http://localhost/graphql";
const post = async (gateway: Gateway, body: unknown, headers = {}) =>
  read(
    await gateway.fetch(
      new Request(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
    ),
  );
const get = async (gateway: Gateway, query: string, headers = {}) =>
  read(await gateway.fetch(new Request(`${url}?query=${encodeURIComponent(query)}`, { headers })));

describe.each([
  ["development", true],
  ["production", false],
])("in %s", (mode, isOpen) => {
  let gateway: Gateway;
  beforeAll(() => {
    gateway = start(mode);
  });
  afterAll(() => gateway.close());

  it(`introspection is ${isOpen ? "on" : "off"}, by any way to it`, async () => {
    for (const query of [
      "{ __schema { types { name } } }",
      '{ __type(name: "Item") { name } }',
      "query Q { ...F } fragment F on Query { __schema { queryType { name } } }",
    ]) {
      expect((await post(gateway, { query })).code).toBe(isOpen ? undefined : "GRAPHQL_VALIDATION_FAILED");
      expect((await get(gateway, query)).code).toBe(isOpen ? undefined : "GRAPHQL_VALIDATION_FAILED");
    }
    expect((await post(gateway, { query: "{ __typename }" })).text).toBe('{"data":{"__typename":"Query"}}');
  });

  it(`suggestions are ${isOpen ? "made" : "not made"}: of fields, arguments, types, enums and input fields`, async () => {
    const misspelt = [
      { query: "{ itemCuont }" },
      { query: '{ item(resourceid: "x") { id } }' },
      { query: "{ items { nodes { data { titel } } } }" },
      { query: "query Q($w: ItemWere) { items(where: $w) { nodes { id } } }" },
      { query: "{ node(id: 1) { ... on ItemResourc { id } } }" },
      { query: "mutation { createItem(data: { title: 1, levle: 2 }) { id } }" },
      { query: "mutation($d: ItemInput!) { createItem(data: $d) { id } }", variables: { d: { titel: "x" } } },
      { query: '{ items(where: { titel: { eq: "x" } }) { nodes { id } } }' },
    ];
    const answers = await Promise.all(misspelt.map((body) => post(gateway, body)));
    for (const answer of answers) expect(answer.text).toContain('"errors"');
    expect(answers.filter(({ text }) => text.includes("Did you mean")).length > 0).toBe(isOpen);
  });

  it(`GraphiQL is ${isOpen ? "served" : "not served"}`, async () => {
    const page = await read(await gateway.fetch(new Request(url, { headers: { accept: "text/html" } })));
    expect([page.status, page.text.includes("GraphiQL") || page.text.includes("graphiql")]).toEqual(
      isOpen ? [200, true] : [406, false],
    );
  });

  it(`the cost of a query is ${isOpen ? "told" : "not told"} to who asks`, async () => {
    const { text } = await post(gateway, { query: "{ itemCount }" }, { "x-weft-cost": "1" });
    expect(text.includes('"cost"')).toBe(isOpen);
  });

  it("errors are masked: no message, no stack, no trace", async () => {
    const { text, code } = await post(gateway, { query: "{ broken }" }, { "x-apollo-tracing": "1" });
    expect(code).toBe("INTERNAL");
    expect(text).not.toMatch(/secret|line 42|stack|tracing|\.ts/);
  });

  it("batches are refused, whatever is in them", async () => {
    const { status, code } = await post(gateway, Array(10).fill({ query: "{ __typename }" }));
    expect([status, code]).toEqual([400, "LIMIT_EXCEEDED"]);
  });

  it("no origin but its own is told that it may read", async () => {
    for (const origin of ["https://evil.example", "null", "http://localhost.evil.example"]) {
      const { headers } = await post(gateway, { query: "{ __typename }" }, { origin });
      expect(headers.get("access-control-allow-origin")).toBeNull();
      const preflight = await gateway.fetch(
        new Request(url, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } }),
      );
      expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "a POST that a form can send is refused: %s",
    async (type) => {
      const body = "query=mutation%7BcreateItem(data%3A%7Btitle%3A%22x%22%7D)%7Bid%7D%7D";
      const answer = await gateway.fetch(new Request(url, { method: "POST", headers: { "content-type": type }, body }));
      expect(answer.status).toBe(415);
    },
  );

  it("a mutation by GET is refused", async () => {
    expect((await get(gateway, 'mutation { createItem(data: { title: "x" }) { id } }')).status).toBe(405);
    expect((await post(gateway, { query: "{ itemCount }" })).text).toBe('{"data":{"itemCount":0}}');
  });

  it.each(["cross-site", "same-site"])(
    "a GET that a browser sends for a page of another origin (%s) is refused",
    async (site) => {
      const refused = await get(gateway, "{ itemCount }", { "sec-fetch-site": site });
      expect([refused.status, refused.code]).toEqual([403, "FORBIDDEN"]);
      const events = await get(gateway, "subscription { itemChanged { cursor } }", {
        "sec-fetch-site": site,
        accept: "text/event-stream",
      });
      expect(events.status).toBe(403);
    },
  );

  it.each(["same-origin", "none", undefined])(
    "a GET of its own pages, of users and of programs (%s) is served",
    async (site) => {
      expect((await get(gateway, "{ itemCount }", site ? { "sec-fetch-site": site } : {})).status).toBe(200);
    },
  );

  it("nobody counts requests, and no answer is kept", async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(gateway, { query: "{ itemCount }" }, { "x-weft-cache": "1" })),
    );
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['{"data":{"itemCount":0}}']));
  });

  it("operations by a hash that was never brought are not found, and none is required", async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } };
    expect((await post(gateway, { extensions })).code).toBe("PERSISTED_QUERY_NOT_FOUND");
    expect((await post(gateway, { documentId: "x" })).code).toBe("PERSISTED_QUERY_NOT_SUPPORTED");
  });
});

describe("an option", () => {
  it("goes before the mode, both ways", async () => {
    const [closed, open] = [
      start("development", { introspection: false }),
      start("production", { introspection: true }),
    ];
    const query = "{ __schema { queryType { name } } }";
    expect([(await post(closed, { query })).code, (await post(open, { query })).code]).toEqual([
      "GRAPHQL_VALIDATION_FAILED",
      undefined,
    ]);
    for (const gateway of [closed, open]) await gateway.close();
  });

  it("lets pages of other origins in that it names, by GET too", async () => {
    const gateway = start("production", { cors: { origins: ["https://app.example"], credentials: true } });
    const from = (origin: string) => get(gateway, "{ itemCount }", { origin, "sec-fetch-site": "cross-site" });
    const answer = await from("https://app.example");
    expect([answer.status, answer.headers.get("access-control-allow-origin"), answer.headers.get("vary")]).toEqual([
      200,
      "https://app.example",
      "Origin",
    ]);
    expect((await from("https://evil.example")).status).toBe(403);
    await gateway.close();
  });

  it.each([
    [{ origins: ["*"], credentials: true }, "exclude each other"],
    [{ origins: ["app.example"] }, "no origin"],
    [{ origins: ["https://app.example/"] }, "no origin"],
    [{ origins: ["null"] }, "no origin"],
  ])("that would let in more, or nobody, is refused: cors %o", async (cors, message) => {
    const gateway = start("production", { cors });
    await expect(post(gateway, { query: "{ itemCount }" })).rejects.toThrow(message);
    await gateway.close();
  });
});
