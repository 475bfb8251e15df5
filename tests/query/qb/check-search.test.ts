/** `qb` beside the other members of a query (CONTRACT §2). */
import { describe, expect, it } from "vitest";
import { checkSearch, checkSearchCondition } from "../../../src/query/qb/check-search.ts";
import type { ResourceQuery } from "../../../src/query/resource-query.ts";
import { defaultLimits } from "../../../src/resource/limits.ts";
import { and, compare, data, metaFields, not } from "../../conformance/query-fixtures.ts";
import { model, refusal } from "../fixture.ts";
import { now, refusal as qbRefusal } from "./read-qb.ts";

const level = compare(data("level", "number"), "gt", 1);
const isLiving = compare(metaFields.isDeleted, "eq", false);

function check(qb: string | null, query: ResourceQuery | null = null) {
  return checkSearch(model, { qb, query, now }, defaultLimits);
}

describe("qb with a query", () => {
  it("stands for the conditions, and leaves the default of deletion", () => {
    expect(check("QB['level'] > 1")).toEqual({ condition: and(isLiving, level), sort: [], limit: 10, offset: 0 });
    expect(check(null)).toMatchObject({ condition: and(isLiving, and()), limit: 10 });
  });

  it("excludes conditions, dataConditions and sorts, empty ones too", () => {
    for (const member of ["conditions", "dataConditions", "sorts"]) {
      expect(refusal(() => check("QB.all()", { [member]: [] }))).toEqual({ code: "QUERY_INVALID", at: member });
    }
    expect(check("QB['level'] > 1", { conditions: null, dataConditions: null, sorts: null }).limit).toBe(10);
  });

  it("is ANDed with every other member", () => {
    const { condition } = check("QB['level'] > 1", { createdBys: ["ada"], isDeleted: null });
    expect(condition).toEqual(and(compare(metaFields.createdBy, "in", ["ada"]), level));
    const both = check("QB.is_deleted() == False", { isDeleted: true }).condition;
    expect(both).toEqual(and(compare(metaFields.isDeleted, "eq", true), isLiving));
  });

  it("says itself whether deleted ones are found where it speaks of deletion", () => {
    const isDeleted = compare(metaFields.isDeleted, "eq", true);
    expect(check("~QB.is_deleted().is_true()").condition).toEqual(not(isDeleted));
    expect(check("~QB.is_deleted().is_true()", {}).condition).toEqual(not(isDeleted));
  });

  it("gives way to an explicit limit and offset", () => {
    expect(check("QB.all().page(3, 7)")).toMatchObject({ limit: 7, offset: 14 });
    expect(check("QB.all().page(3, 7)", { limit: 2, offset: 0 })).toMatchObject({ limit: 2, offset: 0 });
    expect(check("QB.all().limit(5000)", { limit: 2 })).toMatchObject({ limit: 2 });
    expect(check("QB.all().limit(0)").limit).toBe(0);
  });

  it("counts without limit, offset and sorts", () => {
    const qb = "(QB['level'] > 1).sort('-secret').limit(5000)";
    expect(checkSearchCondition(model, { qb, now }, defaultLimits)).toEqual(and(isLiving, level));
    const query = { sorts: [], limit: -1 };
    expect(refusal(() => checkSearchCondition(model, { qb, query, now }, defaultLimits)).at).toBe("sorts");
    expect(checkSearchCondition(model, { query: { limit: -1 }, now }, defaultLimits)).toEqual(and(isLiving, and()));
  });

  it("leaves the places of the query's own members as they are", () => {
    const wrong = { createdTimeStart: "yesterday" };
    expect(refusal(() => check("QB.all()", wrong))).toEqual({ code: "QUERY_INVALID", at: "createdTimeStart" });
    expect(qbRefusal(() => check("QB.all()", { limit: 5000 })).at).toBe("LIMIT_EXCEEDED undefined:undefined");
    expect(refusal(() => check(null, { limit: 5000 })).code).toBe("LIMIT_EXCEEDED");
    expect(qbRefusal(() => check("QB['level'] > 'x'", { createdBys: ["ada"] })).at).toBe("QUERY_INVALID 1:15");
  });
});
