import { describe, expect, it } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { checkQuery } from "../../src/query/check-query.ts";
import type { ResourceQuery, SearchCondition } from "../../src/query/resource-query.ts";
import {
  and,
  by,
  compare,
  constant,
  data,
  everything,
  fields,
  metaFields,
  not,
  nothing,
  or,
} from "../conformance/query-fixtures.ts";
import { limits, model, refusal } from "./fixture.ts";

const { title, level } = fields;
const check = (query: ResourceQuery) => checkQuery(model, query, limits);
const refused = (query: unknown) => refusal(() => check(query as ResourceQuery));
const leaf = (fieldPath: string, operator: string, value: never | unknown): SearchCondition => ({
  condition: { fieldPath, operator, value: value as string },
});
/** The condition alone, deleted ones included. */
const conditionOf = (...conditions: SearchCondition[]) => check({ isDeleted: null, conditions }).condition;

describe("checkQuery", () => {
  it("finds the living, ten, from the first, in order of id, where nothing is asked", () => {
    const condition = and(compare(metaFields.isDeleted, "eq", false), everything);
    expect(check({})).toEqual({ condition, sort: [], limit: 10, offset: 0 });
    expect(check({ limit: null, offset: null, conditions: null, dataConditions: null, sorts: null })).toEqual(
      check({}),
    );
  });

  it("finds the deleted with true, both with null", () => {
    expect(check({ isDeleted: true }).condition).toEqual(and(compare(metaFields.isDeleted, "eq", true), everything));
    expect(check({ isDeleted: null }).condition).toEqual(everything);
    expect(refused({ isDeleted: "no" })).toEqual({ code: "QUERY_INVALID", at: "isDeleted" });
  });

  it("takes time ranges inclusively, with users, conditions and data conditions, all ANDed", () => {
    const { condition } = check({
      isDeleted: null,
      createdTimeStart: new Date("2024-01-01T00:00:00Z"),
      createdTimeEnd: "2024-01-02T00:00:00+01:00",
      updatedTimeStart: "2024-01-03T00:00:00Z",
      updatedTimeEnd: "2024-01-04T00:00:00Z",
      createdBys: ["ada", "bob"],
      updatedBys: [],
      conditions: [leaf("title", "EQ", "a"), leaf("total_revision_count", "GT", 1)],
      dataConditions: [leaf("level", "LT", 3)],
    });
    const { createdTime, updatedTime, createdBy, updatedBy, totalRevisionCount } = metaFields;
    expect(condition).toEqual(
      and(
        compare(createdTime, "gte", "2024-01-01T00:00:00.000Z"),
        compare(createdTime, "lte", "2024-01-01T23:00:00.000Z"),
        compare(updatedTime, "gte", "2024-01-03T00:00:00.000Z"),
        compare(updatedTime, "lte", "2024-01-04T00:00:00.000Z"),
        compare(createdBy, "in", ["ada", "bob"]),
        compare(updatedBy, "in", []),
        compare(title, "eq", "a"),
        compare(totalRevisionCount, "gt", 1),
        compare(level, "lt", 3),
      ),
    );
  });

  it("lets the meta key win in conditions, and reaches the model's field in data conditions", () => {
    expect(conditionOf(leaf("createdBy", "eq", "ada"))).toEqual(compare(metaFields.createdBy, "eq", "ada"));
    expect(conditionOf(leaf("created_by", "eq", "ada"))).toEqual(compare(metaFields.createdBy, "eq", "ada"));
    const dataConditions = [leaf("createdBy", "eq", 1)];
    expect(check({ isDeleted: null, dataConditions }).condition).toEqual(compare(data("createdBy", "number"), "eq", 1));
    expect(refused({ dataConditions: [leaf("createdTime", "isNull", false)] })).toEqual({
      code: "FIELD_NOT_INDEXED",
      at: "dataConditions.0.condition.fieldPath",
    });
  });

  it("accepts an operator in any of its spellings", () => {
    for (const operator of ["STARTS_WITH", "startsWith", "starts_with"]) {
      expect(conditionOf(leaf("title", operator, "a"))).toEqual(compare(title, "startsWith", "a"));
    }
    for (const operator of ["Starts_With", "match", "toString", ""]) {
      expect(refused({ conditions: [leaf("title", operator, "a")] }).code).toBe("QUERY_INVALID");
    }
  });

  it("compares lengths, of data and of meta, with the operators of a number", () => {
    const lengthLeaf = (fieldPath: string, operator: string, value: Json, transform: "LENGTH" | "length") => ({
      condition: { fieldPath, operator, value, transform },
    });
    const length = { type: "number", transform: "length" } as const;
    expect(conditionOf(lengthLeaf("title", "GT", 5, "LENGTH"))).toEqual(compare({ ...title, ...length }, "gt", 5));
    expect(conditionOf(lengthLeaf("tags", "between", [1, 2], "length"))).toEqual(
      compare({ ...data("tags", "list"), ...length }, "between", [1, 2]),
    );
    expect(conditionOf(lengthLeaf("created_by", "exists", true, "LENGTH"))).toEqual(
      compare({ ...metaFields.createdBy, ...length }, "exists", true),
    );
    expect(conditionOf(lengthLeaf("title", "eq", "5", "LENGTH"))).toEqual(constant({ ...title, ...length }, false));
    expect(conditionOf({ condition: { fieldPath: "title", operator: "eq", value: "a", transform: null } })).toEqual(
      compare(title, "eq", "a"),
    );
    expect(refused({ conditions: [lengthLeaf("title", "startsWith", "a", "LENGTH")] }).code).toBe("QUERY_INVALID");
  });

  it("nests groups; not over several is not of their and", () => {
    const [a, b] = [leaf("title", "eq", "a"), leaf("level", "eq", 1)];
    const [isA, isOne] = [compare(title, "eq", "a"), compare(level, "eq", 1)];
    const group = (operator: "AND" | "or" | "NOT", ...conditions: SearchCondition[]) => ({
      group: { operator, conditions },
    });
    expect(conditionOf(group("AND", a, b))).toEqual(and(isA, isOne));
    expect(conditionOf(group("or", a, b))).toEqual(or(isA, isOne));
    expect(conditionOf(group("NOT", a, b))).toEqual(not(and(isA, isOne)));
    expect(conditionOf(group("NOT", a))).toEqual(not(isA));
    expect(conditionOf(group("NOT"))).toEqual(not(everything));
    expect(conditionOf(group("or"))).toEqual(nothing);
    expect(conditionOf(group("or", group("NOT", group("AND", a)), b))).toEqual(or(not(and(isA)), isOne));
  });

  it("compares like a typed filter does", () => {
    expect(conditionOf(leaf("title", "eq", null))).toEqual(constant(title, false));
    expect(conditionOf(leaf("title", "ne", 0))).toEqual(constant(title, true));
    expect(conditionOf(leaf("address.city", "in", ["Bonn"]))).toEqual(
      compare(data("address.city", "text"), "in", ["Bonn"]),
    );
    expect(refused({ conditions: [leaf("title", "gt", null)] }).at).toBe("conditions.0.condition.value");
  });

  it("refuses what it does not know, instead of finding more than was asked for", () => {
    const good = { fieldPath: "title", operator: "eq", value: "a" };
    for (const query of [
      { createdBy: ["ada"] },
      { qb: "x" },
      { conditions: {} },
      { conditions: [null] },
      { conditions: [{}] },
      { conditions: [{ condition: null, group: null }] },
      { conditions: [{ condition: good, group: { operator: "AND", conditions: [] } }] },
      { conditions: [{ condition: good, x: 1 }] },
      { conditions: [{ condition: { ...good, transform: "len" } }] },
      { conditions: [{ condition: { ...good, transform: 1 } }] },
      { conditions: [{ condition: { ...good, operator: "contains", transform: "LENGTH" } }] },
      { conditions: [{ condition: { fieldPath: "title", operator: "eq" } }] },
      { conditions: [{ condition: { ...good, operator: 1 } }] },
      { conditions: [{ group: { operator: "XOR", conditions: [] } }] },
      { conditions: [{ group: { operator: "AND" } }] },
      { createdBys: "ada" },
      { createdBys: [1] },
      { createdTimeStart: "2024-01-01T00:00:00" },
      { updatedTimeEnd: 5 },
      { sorts: [{}] },
      { sorts: {} },
      { sorts: [{ meta: { key: "createdTime", direction: "UP" } }] },
      { sorts: [{ data: { fieldPath: "tags" } }] },
      { sorts: [{ data: { fieldPath: "extra" } }] },
      { sorts: [{ data: { fieldPath: "title" }, meta: { key: "createdTime" } }] },
      { limit: -1 },
      { limit: 1.5 },
      { limit: "10" },
      { offset: -1 },
      { offset: Number.MAX_SAFE_INTEGER + 1 },
    ]) {
      expect([query, refused(query).code]).toEqual([query, "QUERY_INVALID"]);
    }
    for (const query of [
      { conditions: [leaf("secret", "eq", 1)] },
      { conditions: [leaf("constructor", "eq", 1)] },
      { conditions: [{ condition: { ...good, fieldPath: 7 } }] },
      { sorts: [{ data: { fieldPath: "secret" } }] },
      { sorts: [{ data: { fieldPath: "createdTime" } }] },
      { sorts: [{ meta: { key: "title" } }] },
    ]) {
      expect([query, refused(query).code]).toEqual([query, "FIELD_NOT_INDEXED"]);
    }
  });

  it("sorts by meta keys and indexed fields, ascending unless told otherwise, each field once", () => {
    const { sort } = check({
      sorts: [
        { meta: { key: "created_time", direction: "DESC" } },
        { data: { fieldPath: "address.city" } },
        { data: { fieldPath: "level", direction: "asc" } },
        { data: { fieldPath: "createdBy" } },
        { meta: { key: "createdBy" } },
        { data: { fieldPath: "level", direction: "desc" } },
      ],
    });
    const { createdTime, createdBy } = metaFields;
    const city = data("address.city", "text");
    expect(sort).toEqual([
      by(createdTime, "desc"),
      by(city),
      by(level),
      by(data("createdBy", "number")),
      by(createdBy),
    ]);
  });

  it("takes a limit up to the greatest, 0 included", () => {
    expect(check({ limit: 0, offset: 7 })).toMatchObject({ limit: 0, offset: 7 });
    expect(check({ limit: 1000 }).limit).toBe(1000);
    expect(refused({ limit: 1001 })).toEqual({ code: "LIMIT_EXCEEDED", at: "limit" });
    expect(checkQuery(model, {}, { ...limits, maxLimit: 5 }).limit).toBe(5);
  });

  it("counts conditions of both lists and their groups together, and their depth", () => {
    const some = (n: number) => Array.from({ length: n }, () => leaf("title", "eq", "a"));
    expect(
      check({ conditions: some(400), dataConditions: [{ group: { operator: "OR", conditions: some(599) } }] }).limit,
    ).toBe(10);
    expect(refused({ conditions: some(400), dataConditions: some(601) })).toEqual({
      code: "LIMIT_EXCEEDED",
      at: "dataConditions.600.condition",
    });
    expect(refused({ conditions: [leaf("title", "regex", ".{1000}{2}")] })).toEqual({
      code: "LIMIT_EXCEEDED",
      at: "conditions.0.condition.value",
    });
    const deep = (n: number): SearchCondition =>
      n === 0 ? leaf("title", "eq", "a") : { group: { operator: "NOT", conditions: [deep(n - 1)] } };
    expect(check({ conditions: [deep(63)] }).limit).toBe(10);
    expect(refused({ conditions: [deep(64)] }).code).toBe("LIMIT_EXCEEDED");
  });
});
