/** Operations by id: a safelist, and what Apollo's clients bring at run time. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createByteLru } from "../../../../src/faces/graphql/transport/byte-lru.ts";
import { type Fixture, type Result, startFixture } from "./fixture.ts";
import { acknowledged } from "./probe.ts";

const sha = (text: string) => createHash("sha256").update(text).digest("hex");
const byHash = (text: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: sha(text) } } });
const refusal = ({ json }: { json: Result }) => [json.errors?.[0]?.message, json.errors?.[0]?.extensions.code];
const notFound = ["PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND"];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-persisted-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(name: string, content: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

async function get(fixture: Fixture, params: Record<string, string>) {
  const response = await fetch(`${fixture.url}?${new URLSearchParams(params)}`);
  return { status: response.status, json: (await response.json()) as Result };
}

describe.each([
  ["without plugins", []],
  ["with plugins, by Yoga", [{}]],
])("automatic persisted queries, %s,", (_name, plugins) => {
  it("are unknown at first, then brought with their hash, then known", async () => {
    await using fixture = await startFixture({ plugins });
    const query = "query Q($id: ID!) { item(id: $id) { id } }";
    const first = await fixture.post({ ...byHash(query), variables: { id: "1" } });
    expect([first.status, ...refusal(first)]).toEqual([200, ...notFound]);
    const brought = await fixture.post({ query, ...byHash(query), variables: { id: "1" } });
    expect(brought.json).toEqual({ data: { item: { id: "1" } } });
    const known = await fixture.post({ ...byHash(query), variables: { id: "2" } });
    expect(known.json).toEqual({ data: { item: { id: "2" } } });
  });

  it("are served by GET too", async () => {
    await using fixture = await startFixture({ plugins });
    const query = "{ me }";
    const extensions = JSON.stringify(byHash(query).extensions);
    expect(refusal(await get(fixture, { extensions }))).toEqual(notFound);
    expect((await get(fixture, { extensions, query })).json.data).toEqual({ me: '"anonymous"' });
    expect((await get(fixture, { extensions })).json.data).toEqual({ me: '"anonymous"' });
  });

  it("refuse a text that is not the hash's, and keep none of it", async () => {
    await using fixture = await startFixture({ plugins });
    const accept = { accept: "application/graphql-response+json" };
    const refused = await fixture.post({ query: "{ item(id: 1) { id } }", ...byHash("{ me }") }, accept);
    expect([refused.status, refusal(refused)[1]]).toEqual([400, "VALIDATION_FAILED"]);
    expect(refusal(await fixture.post(byHash("{ me }")))).toEqual(notFound);
  });

  it("that are off are told so in the protocol's words, and texts with a hash are executed", async () => {
    await using fixture = await startFixture({ plugins, apq: false });
    expect(refusal(await fixture.post(byHash("{ me }")))).toEqual([
      "PersistedQueryNotSupported",
      "PERSISTED_QUERY_NOT_SUPPORTED",
    ]);
    expect((await fixture.post({ query: "{ me }", ...byHash("{ me }") })).json.data).toEqual({ me: '"anonymous"' });
    expect(refusal(await fixture.post(byHash("{ me }")))[1]).toBe("PERSISTED_QUERY_NOT_SUPPORTED");
  });
});

describe("automatic persisted queries", () => {
  it("are kept for documents only that may be executed", async () => {
    await using fixture = await startFixture();
    expect(refusal(await fixture.post({ query: "{ nope }", ...byHash("{ nope }") }))[1]).toBe(
      "GRAPHQL_VALIDATION_FAILED",
    );
    expect(refusal(await fixture.post(byHash("{ nope }")))).toEqual(notFound);
  });

  it("are bounded by bytes: those used last stay", async () => {
    await using fixture = await startFixture({ apq: { maxBytes: 2000 } });
    const texts = Array.from({ length: 10 }, (_, index) => `{ me } # ${String(index).repeat(50)}`);
    for (const query of texts) await fixture.post({ query, ...byHash(query) });
    const kept = [];
    for (const query of texts) kept.push((await fixture.post(byHash(query))).json.data != null);
    expect(kept[0]).toBe(false);
    expect(kept.at(-1)).toBe(true);
  });

  it.each([
    [{ persistedQuery: { version: 2, sha256Hash: "x" } }, "version"],
    [{ persistedQuery: { version: 1 } }, "sha256Hash"],
    [{ persistedQuery: "x" }, "sha256Hash"],
  ])("are refused where they are malformed: %o", async (extensions, at) => {
    await using fixture = await startFixture();
    const { status, json } = await fixture.post({ query: "{ me }", extensions });
    expect(status).toBe(400);
    expect(json.errors?.[0]?.extensions).toMatchObject({ issues: [{ path: ["extensions", "persistedQuery", at] }] });
  });

  it("work over websockets, where an empty query stands for none", async () => {
    await using fixture = await startFixture();
    using client = await acknowledged(fixture);
    const query = "{ me }";
    const ask = (id: string, payload: object) => client.send({ id, type: "subscribe", payload });
    ask("1", { query: "", ...byHash(query) });
    expect(await client.next()).toMatchObject({
      id: "1",
      type: "error",
      payload: [{ message: notFound[0], extensions: { code: notFound[1] } }],
    });
    ask("2", { query, ...byHash(query) });
    expect([(await client.next()).type, (await client.next()).type]).toEqual(["next", "complete"]);
    ask("3", { query: "", ...byHash(query) });
    expect(await client.next()).toMatchObject({ id: "3", type: "next", payload: { data: { me: '"anonymous"' } } });
  });

  it("serve Apollo Client's own link, by POST and by GET", async () => {
    await using fixture = await startFixture();
    for (const useGETForHashedQueries of [false, true]) {
      const requests: string[] = [];
      const http = new HttpLink({
        uri: fixture.url,
        fetch: (url, init) => {
          requests.push(init?.method === "GET" ? "GET" : JSON.parse(String(init?.body)).query ? "text" : "hash");
          return fetch(url, init);
        },
      });
      const link = new PersistedQueryLink({ sha256: async (text) => sha(text), useGETForHashedQueries }).concat(http);
      const ask = () => {
        const client = new ApolloClient({ link, cache: new InMemoryCache() });
        return client.query({ query: gql`query Of${useGETForHashedQueries ? "Get" : "Post"} { me }` });
      };
      for (let round = 0; round < 2; round++) expect((await ask()).data).toEqual({ me: '"anonymous"' });
      const hashed = useGETForHashedQueries ? "GET" : "hash";
      expect(requests).toEqual([hashed, "text", hashed]);
    }
  });

  it("and texts beside them come in batches as well", async () => {
    await using fixture = await startFixture({ batching: { max: 5 } });
    const { json } = await fixture.post([{ query: "{ me }", ...byHash("{ me }") }, byHash("{ nope }")]);
    expect(json).toMatchObject([{ data: { me: '"anonymous"' } }, { errors: [{ message: notFound[0] }] }]);
    expect((await fixture.post([byHash("{ me }")])).json).toEqual([{ data: { me: '"anonymous"' } }]);
  });
});

describe("persisted operations", () => {
  const text = "query Named($id: ID!) { item(id: $id) { title } }";
  const answer = { data: { item: { title: "hello" } } };

  it.each([
    ["a flat file", { op1: text, [sha(text)]: text }],
    [
      "Apollo's manifest",
      {
        format: "apollo-persisted-query-manifest",
        version: 1,
        operations: [
          { id: "op1", name: "Named", type: "query", body: text },
          { id: sha(text), name: "Named", type: "query", body: text },
        ],
      },
    ],
  ])("are read from %s, by documentId and by hash, by POST and GET", async (name, content) => {
    const file = await fileOf(`${name.replace(/\W/g, "")}.json`, content);
    await using fixture = await startFixture({ persisted: { file } });
    const variables = { id: "1" };
    for (const names of [{ documentId: "op1" }, { documentId: `sha256:${sha(text)}` }, byHash(text)])
      expect((await fixture.post({ ...names, variables })).json).toEqual(answer);
    const byGet = { documentId: "op1", variables: JSON.stringify(variables) };
    expect((await get(fixture, byGet)).json).toEqual(answer);
    expect(refusal(await fixture.post({ documentId: "op2" }))).toEqual(notFound);
    expect((await fixture.post({ query: "{ me }" })).status).toBe(200);
  });

  it("come from a store, asynchronous or not, whose failures are STORE_UNAVAILABLE", async () => {
    const store = {
      get(id: string) {
        if (id === "broken") throw new Error("redis://:secret@host");
        return id === "op1" ? Promise.resolve(text) : null;
      },
    };
    await using fixture = await startFixture({ persisted: { store } });
    expect((await fixture.post({ documentId: "op1", variables: { id: 1 } })).json).toEqual(answer);
    expect(refusal(await fixture.post({ documentId: "op2" }))).toEqual(notFound);
    const broken = await fixture.post({ documentId: "broken" });
    expect(refusal(broken)[1]).toBe("STORE_UNAVAILABLE");
    expect(JSON.stringify(broken.json)).not.toContain("secret");
    expect(JSON.stringify(fixture.lines)).toContain("persisted.store");
  });

  it("are under the limits of documents, like all others", async () => {
    const deep = `{ ${"self { ".repeat(25)} me ${"}".repeat(25)} }`;
    await using fixture = await startFixture({ persisted: { file: await fileOf("deep.json", { deep }) } });
    expect(refusal(await fixture.post({ documentId: "deep" }))[1]).toBe("LIMIT_EXCEEDED");
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["an object of objects", '{"a":{}}'],
    ["another format", '{"format":"other","version":1,"operations":[]}'],
    [
      "an operation without an id",
      '{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"body":"{me}"}]}',
    ],
  ])("refuse %s at start, by the file's name", async (name, content) => {
    const file = await fileOf(`bad-${name.replace(/\W/g, "")}.json`, content);
    await expect(startFixture({ persisted: { file } })).rejects.toThrow(file);
  });
});

describe("a gateway that takes persisted operations only", () => {
  const required = "PERSISTED_QUERY_REQUIRED";
  let fixture: Fixture;
  beforeAll(async () => {
    const file = await fileOf("only.json", { op1: "{ me }", ticks: "subscription { ticks { cursor } }" });
    fixture = await startFixture({ persisted: { file, only: true }, batching: { max: 5 } });
  });
  afterAll(() => fixture.close(100));

  it("serves these, by every door", async () => {
    expect((await fixture.post({ documentId: "op1" })).json.data).toEqual({ me: '"anonymous"' });
    expect((await get(fixture, { documentId: "op1" })).json.data).toEqual({ me: '"anonymous"' });
    using client = await acknowledged(fixture);
    client.send({ id: "1", type: "subscribe", payload: { query: "", documentId: "ticks" } });
    expect(await client.next()).toMatchObject({ type: "next", payload: { data: { ticks: { cursor: "1" } } } });
  });

  it("executes the listed text, whatever text comes with its id", async () => {
    const { json } = await fixture.post({ documentId: "op1", query: "{ item(id: 1) { id } }" });
    expect(json).toEqual({ data: { me: '"anonymous"' } });
  });

  it.each([
    ["a text", { query: "{ me }" }],
    ["a text with its hash", { query: "{ me }", ...byHash("{ me }") }],
    ["introspection", { query: getIntrospectionQuery() }],
    ["__typename", { query: "{ __typename }" }],
    ["an empty text", { query: "" }],
  ])("refuses %s", async (_name, body) => {
    expect(refusal(await fixture.post(body))[1]).toBe(required);
  });

  it("refuses them by GET, in batches, over websockets and as event streams", async () => {
    expect(refusal(await get(fixture, { query: "{ me }" }))[1]).toBe(required);
    const { json } = await fixture.post([{ query: "{ me }" }, { documentId: "op1" }]);
    expect(json).toMatchObject([{ errors: [{ extensions: { code: required } }] }, { data: { me: '"anonymous"' } }]);
    using client = await acknowledged(fixture);
    client.send({ id: "1", type: "subscribe", payload: { query: "{ me }" } });
    expect(await client.next()).toMatchObject({
      id: "1",
      type: "error",
      payload: [{ extensions: { code: required } }],
    });
    const events = await fetch(fixture.url, {
      method: "POST",
      headers: { accept: "text/event-stream", "content-type": "application/json" },
      body: JSON.stringify({ query: "subscription { ticks { cursor } }" }),
    });
    expect(await events.text()).toContain(required);
  });

  it("has no GraphiQL, and says of an id that it is not there", async () => {
    expect((await fetch(fixture.url, { headers: { accept: "text/html" } })).status).toBe(406);
    expect(refusal(await fixture.post({ documentId: "op9" }))).toEqual(notFound);
  });

  it("cannot be without any", async () => {
    await expect(startFixture({ persisted: { only: true } })).rejects.toThrow("persisted.only");
  });
});

describe("what is kept by bytes", () => {
  it("loses what was used longest ago, and never holds more than it may", () => {
    const dropped: string[] = [];
    const lru = createByteLru<number>(1000, (key) => dropped.push(key));
    for (const key of ["a", "b", "c", "d"]) lru.set(key, 1, 40);
    expect(lru.get("a")).toBe(1);
    lru.set("e", 1, 40);
    expect([dropped, lru.get("a"), lru.get("b")]).toEqual([["b"], 1, undefined]);
    lru.set("f", 1, 2000);
    expect(lru.get("f")).toBeUndefined();
    lru.set("a", 2, 700);
    expect([lru.get("a"), lru.bytes <= 1000]).toEqual([2, true]);
    lru.clear();
    expect(lru.bytes).toBe(0);
  });
});
