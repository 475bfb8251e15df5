/** AutoCRUD's suites qb_parse and qb_parse_relative_dates. */
import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/base/json.ts";
import { operatorOf } from "../../../src/query/operators.ts";
import type { ResourceQuery, SearchCondition, SearchSort } from "../../../src/query/resource-query.ts";
import { casesOf } from "../../cases/cases.ts";
import { conditionFor, queryFor, refusal } from "./read-qb.ts";

type CaseCondition =
  | { readonly field: string; readonly op: string; readonly value: CaseValue; readonly transform?: "len" }
  | { readonly logic: string; readonly conditions: readonly CaseCondition[] };
type CaseValue = Json | { readonly $tuple: Json } | { readonly $datetime: string };

interface ParseCase {
  readonly id: string;
  readonly expr: string;
  readonly expect:
    | { readonly error: string; readonly message_contains: string }
    | {
        readonly where: readonly CaseCondition[] | null;
        readonly limit: number;
        readonly offset: number;
        readonly sorts: readonly { readonly meta?: string; readonly data?: string; readonly dir: "+" | "-" }[];
      };
}

/** What the cases recommend to do otherwise, and CONTRACT §4 does. */
const differences: Readonly<Record<string, ResourceQuery>> = {
  "chain-compare": {
    conditions: [
      {
        group: {
          operator: "AND",
          conditions: [
            { condition: { fieldPath: "age", operator: "gte", value: 18 } },
            { condition: { fieldPath: "age", operator: "lte", value: 65 } },
          ],
        },
      },
    ],
  },
  "sort-lost-after-and": {
    conditions: [
      {
        group: {
          operator: "AND",
          conditions: [
            { condition: { fieldPath: "a", operator: "eq", value: 1 } },
            { condition: { fieldPath: "b", operator: "eq", value: 2 } },
          ],
        },
      },
    ],
    sorts: [{ data: { fieldPath: "x", direction: "DESC" } }],
    limit: 20,
  },
  "length-truthy-ignores-transform": {
    conditions: [{ condition: { fieldPath: "tags", transform: "LENGTH", operator: "ne", value: 0 } }],
  },
};

function searchCondition(input: CaseCondition): SearchCondition {
  if ("logic" in input) {
    const operator = input.logic.toUpperCase() as "AND" | "OR" | "NOT";
    return { group: { operator, conditions: input.conditions.map(searchCondition) } };
  }
  const { field: fieldPath, op, value, transform } = input;
  const operator = operatorOf(op) ?? `no operator ${op}`;
  const isLength = transform === "len";
  return { condition: { fieldPath, ...(isLength && { transform: "LENGTH" }), operator, value: plain(value) } };
}

function plain(value: CaseValue): Json {
  if (typeof value !== "object" || value === null) return value;
  if ("$tuple" in value) return value.$tuple as Json;
  // A time without a zone counts as UTC.
  if ("$datetime" in value) return `${String(value.$datetime)}.000Z`;
  return value as Json;
}

function searchSort({ meta, data, dir }: { meta?: string; data?: string; dir: "+" | "-" }): SearchSort {
  const direction = dir === "-" ? "DESC" : "ASC";
  return meta === undefined ? { data: { fieldPath: data ?? "", direction } } : { meta: { key: meta, direction } };
}

describe("AutoCRUD: qb_parse", () => {
  for (const { id, expr, expect: expected } of casesOf<ParseCase>("qb_parse")) {
    it(`${id}: ${expr}`, () => {
      const different = differences[id];
      if (different !== undefined) return void expect(queryFor(expr)).toEqual(different);
      if ("error" in expected) {
        const { at, message } = refusal(() => queryFor(expr));
        expect(at).toMatch(/^QUERY_INVALID 1:\d+$/);
        return void expect(message).toContain(expected.message_contains);
      }
      const { conditions, sorts, limit = 10, offset = 0 } = queryFor(expr);
      expect({ where: conditions ?? null, sorts: sorts ?? [], limit, offset }).toEqual({
        where: expected.where?.map(searchCondition) ?? null,
        sorts: expected.sorts.map(searchSort),
        limit: expected.limit,
        offset: expected.offset,
      });
    });
  }
});

interface DateCase {
  readonly id: string;
  readonly expr: string;
}

/** At 20:30 UTC of Thursday, February 29th, 2024 it is Friday in UTC+8. A day ends where the next begins, not a microsecond before. */
const ranges: Readonly<Record<string, readonly string[]>> = {
  "today-int-offset": ["gte 2024-02-29T16:00:00.000Z", "lt 2024-03-01T16:00:00.000Z"],
  yesterday: ["gte 2024-02-28T16:00:00.000Z", "lt 2024-02-29T16:00:00.000Z"],
  "this-week-sunday": ["gte 2024-02-25T00:00:00.000Z", "lt 2024-03-03T00:00:00.000Z"],
  "last-n-days": ["gte 2024-02-23T00:00:00.000Z"],
};

describe("AutoCRUD: qb_parse_relative_dates", () => {
  for (const { id, expr } of casesOf<DateCase>("qb_parse_relative_dates")) {
    it(`${id}: ${expr}`, () => {
      const found = conditionFor(expr);
      const leaves = found.group?.conditions ?? [found];
      expect(leaves.map(({ condition }) => `${condition?.operator} ${condition?.value}`)).toEqual(ranges[id]);
      expect(leaves.every(({ condition }) => condition?.fieldPath === "created_time")).toBe(true);
    });
  }
});
