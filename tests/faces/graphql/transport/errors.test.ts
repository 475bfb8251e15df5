import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close(100));

const echo = "query E($input: ItemInput) { echo(input: $input) }";
const failing = async (how: string) =>
  (await fixture.post({ query: `{ fail(how: "${how}") }` }, { "x-request-id": how })).json;

describe("errors of resolvers", () => {
  it("keep weft's code, details and path", async () => {
    const { data, errors } = await failing("weft");
    expect(data).toEqual({ fail: null });
    expect(errors?.[0]).toMatchObject({
      message: "There is no such resource.",
      path: ["fail"],
      extensions: { code: "RESOURCE_NOT_FOUND", resourceId: "todo-item:1" },
    });
  });

  it("keep the words of a user's GraphQLError with a code", async () => {
    expect((await failing("coded")).errors?.[0]).toMatchObject({
      message: "my own words",
      extensions: { code: "TEAPOT" },
    });
  });

  it.each(["unknown", "uncoded"])(
    "are masked where they are %s, with the request's id, and logged in full",
    async (how) => {
      const { errors } = await failing(how);
      expect(errors).toEqual([
        {
          message: "Internal error.",
          path: ["fail"],
          locations: [{ line: 1, column: 3 }],
          extensions: { code: "INTERNAL", requestId: how },
        },
      ]);
      const [line] = fixture.lines.filter(({ msg, requestId }) => msg === "INTERNAL" && requestId === how);
      expect(JSON.stringify(line)).toMatch(/secret|password/);
      expect(JSON.stringify(line)).toContain("stack");
    },
  );

  it("are told one by one where several were thrown together", async () => {
    const { errors } = await failing("many");
    expect(errors?.map(({ extensions, path }) => [extensions.code, path])).toEqual([
      ["FORBIDDEN", ["fail"]],
      ["INTERNAL", ["fail"]],
    ]);
    expect(JSON.stringify(errors)).not.toContain("secret");
  });

  it("never change the status", async () => {
    const accept = "application/graphql-response+json";
    const byGet = await fetch(`${fixture.url}?query=${encodeURIComponent('{ fail(how: "coded") }')}`, {
      headers: { accept },
    });
    expect([byGet.status, JSON.stringify(await byGet.json()).includes("418")]).toEqual([200, false]);
    const { status } = await fixture.post({ query: '{ fail(how: "unknown") }' }, { accept });
    expect(status).toBe(200);
  });
});

describe("errors of the request", () => {
  it.each([
    ["{", "GRAPHQL_PARSE_FAILED"],
    ["{ nope }", "GRAPHQL_VALIDATION_FAILED"],
    ["query A { me } query B { me }", "GRAPHQL_VALIDATION_FAILED"],
    ["fragment F on Query { me }", "GRAPHQL_VALIDATION_FAILED"],
  ])("%s is %s", async (query, code) => {
    const accept = "application/graphql-response+json";
    const { status, json } = await fixture.post({ query }, { accept });
    expect([status, json.errors?.[0]?.extensions.code, "data" in json]).toEqual([400, code, false]);
  });

  it("names every place of variables that do not fit", async () => {
    const input = { level: "high", tags: [1, "two"], color: "red" };
    const { json } = await fixture.post({ query: echo, variables: { input } });
    expect(json.errors).toHaveLength(1);
    const { code, issues } = json.errors?.[0]?.extensions ?? {};
    expect(code).toBe("VALIDATION_FAILED");
    const paths = (issues as { path: unknown[] }[]).map(({ path }) => path.join("."));
    expect(paths.sort()).toEqual(["input", "input", "input.level", "input.tags.1"]);
  });

  it("names a required variable that is missing", async () => {
    const { json } = await fixture.post({ query: "query Q($id: ID!) { item(id: $id) { id } }" });
    expect(json.errors?.[0]?.extensions).toMatchObject({ code: "VALIDATION_FAILED", issues: [{ path: ["id"] }] });
  });

  it("treats values written into the document like variables", async () => {
    const { json } = await fixture.post({ query: '{ echo(input: { title: "a", tags: [1, "two"] }) }' });
    expect(json.errors?.[0]?.extensions).toMatchObject({
      code: "VALIDATION_FAILED",
      issues: [{ path: ["input", "tags", 1] }],
    });
  });

  it("names an argument whose variable has no value", async () => {
    const { json } = await fixture.post({ query: "query Q($how: String = null) { fail(how: $how) }" });
    expect(json.errors?.[0]?.extensions.code).toMatch(/VALIDATION_FAILED/);
  });
});
