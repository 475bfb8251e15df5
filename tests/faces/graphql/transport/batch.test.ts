import { describe, expect, it } from "vitest";
import { type Result, startFixture } from "./fixture.ts";

const batchOf = (json: unknown) => json as readonly Result[];
const codes = (results: readonly Result[]) => results.map(({ errors }) => errors?.[0]?.extensions.code);

describe.each([
  ["without plugins", []],
  ["with plugins, by Yoga", [{}]],
])("a batch, %s,", (_name, plugins) => {
  it("is answered in its order, each operation with its own variables and errors", async () => {
    await using fixture = await startFixture({ batching: { max: 5 }, plugins });
    const { status, headers, json } = await fixture.post([
      { query: "query A($id: ID!) { item(id: $id) { id } }", variables: { id: "1" } },
      { query: "{ nope }" },
      { query: '{ fail(how: "weft") }' },
      { query: "{ wait(ms: 20) }" },
      { query: "subscription { ticks { cursor } }" },
    ]);
    expect([status, headers.get("content-type")]).toEqual([200, expect.stringMatching(/^application\/json/)]);
    expect(codes(batchOf(json)).slice(0, 4)).toEqual([
      undefined,
      "GRAPHQL_VALIDATION_FAILED",
      "RESOURCE_NOT_FOUND",
      undefined,
    ]);
    expect(batchOf(json)).toMatchObject([
      { data: { item: { id: "1" } } },
      {},
      { data: { fail: null } },
      { data: { wait: "done" } },
      { errors: [{ extensions: { code: "VALIDATION_FAILED" } }] },
    ]);
    expect(fixture.ticks.open).toBe(0);
  });

  it("of more than may be is LIMIT_EXCEEDED, and nothing of it runs", async () => {
    await using fixture = await startFixture({ batching: { max: 2 }, plugins });
    const { status, json } = await fixture.post(Array.from({ length: 3 }, () => ({ query: "{ me }" })));
    expect(status).toBe(400);
    expect(json.errors?.[0]?.extensions).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "batch", max: 2 });
  });

  it("that is empty is VALIDATION_FAILED", async () => {
    await using fixture = await startFixture({ batching: { max: 2 }, plugins });
    const { status, json } = await fixture.post([]);
    expect([status, json.errors?.[0]?.extensions.code]).toEqual([400, "VALIDATION_FAILED"]);
  });

  it("is LIMIT_EXCEEDED where nothing is said: it is off", async () => {
    await using fixture = await startFixture({ plugins });
    const { status, json } = await fixture.post([{ query: "{ me }" }]);
    expect([status, json.errors?.[0]?.extensions.code]).toEqual([400, "LIMIT_EXCEEDED"]);
  });
});

describe("a batch", () => {
  it("is one request to authenticate, and refused as one", async () => {
    let asked = 0;
    const { WeftError } = await import("../../../../src/base/errors.ts");
    await using fixture = await startFixture({
      batching: { max: 5 },
      authenticate({ request }) {
        asked += 1;
        if (request.headers.get("authorization") === null) throw new WeftError("UNAUTHENTICATED");
        return "ann";
      },
    });
    const batch = [{ query: "{ me }" }, { query: "{ me }" }];
    const { json } = await fixture.post(batch, { authorization: "x" });
    expect([asked, json]).toEqual([1, [{ data: { me: '"ann"' } }, { data: { me: '"ann"' } }]]);
    const refused = await fixture.post(batch);
    expect([refused.status, refused.json.errors?.[0]?.extensions.code]).toEqual([401, "UNAUTHENTICATED"]);
  });

  it("runs one behind the other where there is a mutation, else at once", async () => {
    await using fixture = await startFixture({ batching: { max: 5 } });
    const timed = async (batch: readonly object[]) => {
      const startedAt = performance.now();
      await fixture.post(batch);
      return performance.now() - startedAt;
    };
    const wait = { query: "{ wait(ms: 150) }" };
    expect(await timed([wait, wait, wait])).toBeLessThan(400);
    expect(await timed([wait, { query: 'mutation { rename(id: 1, title: "x") { id } }' }, wait])).toBeGreaterThan(290);
  });

  it("tells what is wrong with one of it at its place", async () => {
    await using fixture = await startFixture({ batching: { max: 5 } });
    const { status, json } = await fixture.post([{ query: 1 }, { query: "{ me }" }, null, [{ query: "{ me }" }]]);
    expect(status).toBe(200);
    expect(codes(batchOf(json))).toEqual(["VALIDATION_FAILED", undefined, "VALIDATION_FAILED", "VALIDATION_FAILED"]);
  });

  it("is refused by the size of all of it", async () => {
    await using fixture = await startFixture({ batching: { max: 5 }, maxBodyBytes: 1000 });
    const { status } = await fixture.post(Array.from({ length: 5 }, () => ({ query: `{ me } #${" ".repeat(300)}` })));
    expect(status).toBe(413);
  });

  it.each([0, -1, 1.5, Number.NaN])("of at most %s is refused at start", async (max) => {
    await expect(startFixture({ batching: { max } })).rejects.toThrow("batching.max");
  });
});
