/** What filters are made of, over HTTP: groups, meta, nested and reserved names, and what is no filter. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operatorNames } from "../../../src/query/operators.ts";
import { codesIn } from "../ask.ts";
import { createSearchFixture, leaf, type SearchFixture } from "./search-fixture.ts";

let fixture: SearchFixture;
beforeAll(async () => {
  fixture = await createSearchFixture();
});
afterAll(() => fixture.gateway.close());

const is = (name: string) => ({ title: { istartsWith: name } });

describe("groups of filters", () => {
  it.each([
    ["none", {}, "abc"],
    ["null", null, "abc"],
    ["and", { and: [{ level: { gt: 1 } }, { done: { eq: false } }] }, "c"],
    ["or", { or: [is("alpha"), is("gamma")] }, "ac"],
    ["not", { not: is("alpha") }, "bc"],
    ["not of what is unknown", { not: { note: { eq: "x" } } }, ""],
    ["and of none", { and: [] }, "abc"],
    ["or of none", { or: [] }, ""],
    ["not of none", { not: {} }, ""],
    ["groups in groups", { or: [{ and: [{ not: is("alpha") }, { level: { lt: 3 } }] }, { or: [is("gamma")] }] }, "bc"],
    ["keys beside groups", { level: { gte: 2 }, or: [is("alpha"), is("beta")] }, "b"],
  ])("%s", async (_, filter, found) => {
    expect(await fixture.where(filter)).toBe(found);
  });

  it("mean the same in a query's conditions", async () => {
    const alpha = leaf("title", "ISTARTS_WITH", "alpha");
    const high = leaf("level", "GT", 1);
    const group = (operator: string, ...conditions: object[]) => ({ group: { operator, conditions } });
    expect(await fixture.conditions(alpha, high)).toBe("");
    expect(await fixture.conditions(group("OR", alpha, high))).toBe("abc");
    expect(await fixture.conditions(group("NOT", alpha))).toBe("bc");
    expect(await fixture.conditions(group("NOT", high, leaf("done", "EQ", true)))).toBe("ac");
    expect(await fixture.conditions(group("AND"))).toBe("abc");
    expect(await fixture.conditions(group("OR"))).toBe("");
  });
});

describe("names of fields", () => {
  it.each([
    ["a nested one", { address: { city: { eq: "Keelung" } } }, leaf("address.city", "EQ", "Keelung"), "c"],
    [
      "a time of meta",
      { meta: { createdTime: { gt: "2026-01-02T00:00:00Z" } } },
      leaf("createdTime", "GT", "2026-01-02T00:00:00Z"),
      "c",
    ],
    ["an author, in snake_case", { meta: { createdBy: { endsWith: "b" } } }, leaf("created_by", "ENDS_WITH", "b"), "b"],
    ["an id", { meta: { resourceId: { regex: "[ab]$" } } }, leaf("resource_id", "REGEX", "[ab]$"), "ab"],
    [
      "a count",
      { meta: { totalRevisionCount: { between: [1, 1] } } },
      leaf("totalRevisionCount", "BETWEEN", [1, 1]),
      "abc",
    ],
    ["a field called meta", { meta_: { eq: "n" } }, leaf("meta", "EQ", "n"), "b"],
    ["a field called and", { and_: { gt: 1 } }, leaf("and", "GT", 1), "b"],
    ["a field called or", { or_: { length: { eq: 2 } } }, leaf("or", "EQ", 2, "LENGTH"), "b"],
    ["a field called not", { not_: { deep: { eq: true } } }, leaf("not.deep", "EQ", true), "b"],
  ])("are those of the model and of meta: %s", async (_, filter, condition, found) => {
    expect(await fixture.where(filter)).toBe(found);
    expect(await fixture.conditions(condition)).toBe(found);
  });

  it("of fields that are not indexed, or not there, are refused", async () => {
    for (const path of [
      "secret",
      "address.zip",
      "address",
      "nope",
      "meta.createdTime",
      "a'; drop table head; --",
      '"',
      "__proto__",
      "",
    ]) {
      expect(await fixture.conditions(leaf(path, "EQ", "s"))).toBe("!FIELD_NOT_INDEXED");
    }
    expect(await fixture.where({ secret: { eq: "s" } })).toBe("!VALIDATION_FAILED");
  });

  it("are fields of the model alone in dataConditions", async () => {
    const query = "query ($query: ResourceQuery) { itemCount(query: $query) }";
    const count = async (fieldPath: string) =>
      await fixture.ask(query, { query: { dataConditions: [leaf(fieldPath, "EQ", "n")] } });
    expect((await count("meta")).data).toEqual({ itemCount: 1 });
    expect(codesIn(await count("createdBy"))).toEqual(["FIELD_NOT_INDEXED"]);
  });
});

describe("what is no filter", () => {
  it.each([
    ["an empty filter", "", "{}", {}],
    ["an empty nested filter", "", "{ length: {} }", {}],
    ["one whose only variable is unset", "($value: String)", "{ eq: $value }", {}],
    ["an order against null", "($value: String)", "{ gt: $value }", { value: null }],
    ["an order against a literal null", "", "{ between: null }", {}],
  ])("is refused: %s", async (_, declared, filter, variables) => {
    const answer = await fixture.ask(
      `query ${declared} { items(where: { title: ${filter} }) { nodes { id } } }`,
      variables,
    );
    expect(codesIn(answer)).toEqual(["QUERY_INVALID"]);
  });

  it("counts as absent where the variable of a whole filter is unset, since an empty where is allowed", async () => {
    const query = "query ($filter: StringFilter) { items(where: { title: $filter }) { nodes { id } } }";
    expect((await fixture.ask(query)).data.items.nodes).toHaveLength(3);
    expect(codesIn(await fixture.ask(query, { filter: null }))).toEqual(["QUERY_INVALID"]);
  });

  it("is null for any operator but eq, ne and isNull", async () => {
    for (const operator of operatorNames) {
      const field = operator === "between" || operator.startsWith("g") || operator.startsWith("l") ? "level" : "title";
      const allowed: Record<string, string> = { eq: "", ne: "abc", isNull: "" };
      expect(await fixture.where({ [field]: { [operator]: null } })).toBe(allowed[operator] ?? "!QUERY_INVALID");
    }
    for (const operator of ["containsAny", "containsAll", "length"]) {
      expect(await fixture.where({ tags: { [operator]: null } })).toBe("!QUERY_INVALID");
    }
  });

  it.each([
    ["a text in the place of an integer", { level: { eq: "1" } }, "VALIDATION_FAILED"],
    ["null in between", { level: { between: [1, null] } }, "VALIDATION_FAILED"],
    ["one value between", { level: { between: [1] } }, "QUERY_INVALID"],
    ["three values between", { level: { between: [1, 2, 3] } }, "QUERY_INVALID"],
    ["a naive time", { due: { gt: "2026-01-01T00:00:00" } }, "VALIDATION_FAILED"],
    ["a regular expression that is none", { title: { regex: "(" } }, "QUERY_INVALID"],
    ["a regular expression that looks ahead", { title: { regex: "(?=a)" } }, "QUERY_INVALID"],
    ["a regular expression that refers back", { title: { regex: "(a)\\1" } }, "QUERY_INVALID"],
    ["an operator that the type does not take", { level: { contains: 1 } }, "VALIDATION_FAILED"],
    ["an operator that is none", { title: { like: "a" } }, "VALIDATION_FAILED"],
  ])("is refused: %s", async (_, filter, code) => {
    expect(await fixture.where(filter)).toBe(`!${code}`);
  });

  it.each([
    ["a number for a text", leaf("title", "CONTAINS", 1), "QUERY_INVALID"],
    ["a text for an order of numbers", leaf("level", "GT", "1"), "QUERY_INVALID"],
    ["another type for eq", leaf("level", "EQ", "1"), undefined],
    ["no list for in", leaf("level", "IN", 1), "QUERY_INVALID"],
    ["no value", { condition: { fieldPath: "level", operator: "EQ" } }, "QUERY_INVALID"],
    ["an order of a list", leaf("tags", "GT", ["a"]), "QUERY_INVALID"],
    ["no boolean for exists", leaf("note", "EXISTS", 1), "QUERY_INVALID"],
    ["neither condition nor group", {}, "VALIDATION_FAILED"],
    ["an operator that is none", leaf("level", "LIKE", 1), "VALIDATION_FAILED"],
  ])("is refused in conditions: %s", async (_, condition, code) => {
    expect(await fixture.conditions(condition)).toBe(code === undefined ? "" : `!${code}`);
  });
});
