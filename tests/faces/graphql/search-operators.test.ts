/** Each operator over HTTP, through the typed filter and through a query's conditions: the same items. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enumNameOf, operatorNames } from "../../../src/query/operators.ts";
import { createSearchFixture, leaf, type SearchFixture } from "./search-fixture.ts";

let fixture: SearchFixture;
beforeAll(async () => {
  fixture = await createSearchFixture();
});
afterAll(() => fixture.gateway.close());

const big = (2n ** 70n).toString();

/** Field, operator, operand, the items found. */
const cases: readonly (readonly [
  field: string,
  operator: (typeof operatorNames)[number],
  value: unknown,
  found: string,
])[] = [
  ["title", "eq", "Alpha", "a"],
  ["title", "eq", null, ""],
  ["title", "ne", "Alpha", "bc"],
  ["note", "ne", null, "b"],
  ["level", "gt", 1, "bc"],
  ["ratio", "gte", 1.5, "b"],
  ["title", "lt", "beta", "ac"],
  ["day", "lte", "2026-03-01", "ac"],
  ["big", "gt", "1180591620717411303423", "b"],
  ["big", "in", [big, "-5"], "bc"],
  ["due", "lt", "2026-01-01T00:00:01Z", "b"],
  ["done", "eq", true, "b"],
  ["level", "in", [1, 3], "ac"],
  ["level", "in", [], ""],
  ["level", "notIn", [1], "bc"],
  ["level", "between", [2, 3], "bc"],
  ["level", "between", [3, 2], ""],
  ["title", "between", ["A", "Z"], "ac"],
  ["due", "between", ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"], "b"],
  ["title", "contains", "0%", "b"],
  ["title", "contains", "a_", "c"],
  ["tags", "contains", "hot", "bc"],
  ["title", "startsWith", "be", "b"],
  ["title", "endsWith", "a", "a"],
  ["title", "icontains", "GAMMA", "c"],
  ["title", "istartsWith", "aL", "a"],
  ["title", "iendsWith", "PHA", "a"],
  ["title", "regex", "^[A-Z]\\w+$", "a"],
  ["title", "regex", "(?i)A_.$", "c"],
  ["note", "isNull", true, "a"],
  ["note", "isNull", false, "b"],
  ["note", "isNull", null, ""],
  ["note", "exists", true, "ab"],
  ["note", "exists", false, "c"],
  ["note", "isna", true, "ac"],
  ["note", "isna", false, "b"],
];

describe("an operator", () => {
  it.each(cases)("%s %s %j finds %s", async (field, operator, value, found) => {
    expect(await fixture.where({ [field]: { [operator]: value } })).toBe(found);
    expect(await fixture.conditions(leaf(field, enumNameOf(operator), value))).toBe(found);
  });

  it("is each tried above", () => {
    expect(new Set(cases.map(([, operator]) => operator))).toEqual(new Set(operatorNames));
  });

  it("of an enum takes GraphQL's names in a typed filter, and the stored values in a condition", async () => {
    expect(await fixture.where({ color: { eq: "light_blue" } })).toBe("b");
    expect(await fixture.where({ color: { notIn: ["light_blue"] } })).toBe("ac");
    expect(await fixture.conditions(leaf("color", "EQ", "light blue"))).toBe("b");
  });

  it.each([
    ["containsAny", ["red", "cold"], "b"],
    ["containsAny", [], ""],
    ["containsAll", ["red", "hot"], "b"],
    ["containsAll", [], "abc"],
  ])("of a list: %s %j finds %s", async (operator, value, found) => {
    expect(await fixture.where({ tags: { [operator]: value } })).toBe(found);
  });

  it("is ANDed with others of one field", async () => {
    expect(await fixture.where({ level: { gt: 1, lt: 3 } })).toBe("b");
  });
});

describe("a length", () => {
  it.each([
    ["title", { eq: 7 }, "EQ", 7, "c"],
    ["title", { between: [6, 9] }, "BETWEEN", [6, 9], "bc"],
    ["tags", { gte: 1 }, "GTE", 1, "bc"],
    ["tags", { in: [0, 2] }, "IN", [0, 2], "ab"],
    // What has no length is unknown, whatever is asked.
    ["note", { ne: 7 }, "NE", 7, "b"],
    ["note", { exists: false }, "EXISTS", false, ""],
  ])("of %s takes the operators of integers: %j", async (field, filter, operator, value, found) => {
    expect(await fixture.where({ [field]: { length: filter } })).toBe(found);
    expect(await fixture.conditions(leaf(field, operator, value, "LENGTH"))).toBe(found);
  });

  it("of what can have none is unknown, and no key of its filter", async () => {
    expect(await fixture.conditions(leaf("level", "NE", 1, "LENGTH"))).toBe("");
    expect(await fixture.where({ level: { length: { eq: 1 } } })).toBe("!VALIDATION_FAILED");
  });
});
