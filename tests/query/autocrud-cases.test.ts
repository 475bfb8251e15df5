/** AutoCRUD's suites search_operators and trivalent_logic, on the evaluator itself: its fields need not be indexed. */
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { Head } from "../../src/model/resource-meta.ts";
import type { ComparableType, Condition, QueryField } from "../../src/query/condition.ts";
import { evaluate } from "../../src/query/evaluate.ts";
import { metaFilterableOf } from "../../src/query/fields.ts";
import { operatorOf } from "../../src/query/operators.ts";
import suites from "../cases/autocrud_cases.json" with { type: "json" };
import { casesOf } from "../cases/cases.ts";
import { createWrite } from "../conformance/meta-fixtures.ts";
import { compare, constant } from "../conformance/query-fixtures.ts";

type CaseValue = Json | { readonly $datetime: string };
interface Leaf {
  readonly field: string;
  readonly op: string;
  readonly value: CaseValue;
  readonly transform?: string;
}
type CaseCondition = Leaf | { readonly logic: "and" | "or" | "not"; readonly conditions: readonly CaseCondition[] };

interface SearchCase {
  readonly id: string;
  readonly where: readonly CaseCondition[];
  readonly expect_ids: readonly string[];
}

interface LogicCase {
  readonly id: string;
  readonly row: JsonObject;
  readonly where: CaseCondition;
  readonly expect: "true" | "false" | "unknown";
}

/** Why a case does not run yet: what it uses that the search issue brings. */
function missingIn(condition: CaseCondition): string | undefined {
  if ("logic" in condition) return condition.conditions.map(missingIn).find((reason) => reason !== undefined);
  if (condition.transform !== undefined)
    return `the transform "${condition.transform}" comes with the full search language`;
  return operatorOf(condition.op) ? undefined : `the operator "${condition.op}" comes with the full search language`;
}

/** The case's condition, its fields typed by what the rows hold, as checking would make it. */
function conditionOf(input: CaseCondition, rows: readonly JsonObject[]): Condition {
  if ("logic" in input) {
    const conditions = input.conditions.map((one) => conditionOf(one, rows));
    return input.logic === "not"
      ? { kind: "not", condition: { kind: "and", conditions } }
      : { kind: input.logic, conditions };
  }
  const operator = operatorOf(input.op);
  if (operator === undefined) throw new Error(`no operator ${input.op}`);
  const field = metaFilterableOf(input.field)?.field ?? dataField(input.field, rows);
  const value = plain(input.value);
  const isEquality = operator === "eq" || operator === "ne";
  if (isEquality && typeOf(value) !== field.type && field.type !== "time") return constant(field, operator === "ne");
  return compare(field, operator, value);
}

function dataField(path: string, rows: readonly JsonObject[]): QueryField {
  const sample = rows.map((row) => row[path]).find((value) => value !== undefined && value !== null);
  return { source: "data", path, type: typeOf(sample ?? 0) };
}

function typeOf(value: Json): ComparableType {
  if (Array.isArray(value)) return "list";
  return ({ string: "text", number: "number", boolean: "boolean" } as const)[typeof value as "string"] ?? "json";
}

function plain(value: CaseValue): Json {
  const isTime = typeof value === "object" && value !== null && "$datetime" in value;
  return isTime ? new Date(String(value.$datetime)).toISOString() : (value as Json);
}

/** A case, or its printed reason for not running. */
function caseOf(suite: string, id: string, missing: string | undefined, run: () => void): void {
  if (missing !== undefined) console.info(`${suite}/${id} is not run: ${missing}`);
  it(id, ({ skip }) => {
    if (missing !== undefined) skip(missing);
    run();
  });
}

describe("AutoCRUD: search_operators", () => {
  const rows = suites.search_operators.dataset;
  const indexed = rows.map((row) => row.indexed_data as JsonObject);
  const heads = rows.map((row, i): Head => {
    const { head } = createWrite("row", `row:${row.resource_id}`, {
      indexedData: indexed[i] ?? {},
      schemaVersion: row.schema_version,
    });
    const times = { createdTime: new Date(row.created_time), updatedTime: new Date(row.updated_time) };
    return { ...head, ...times, createdBy: row.created_by, updatedBy: row.updated_by, isDeleted: row.is_deleted };
  });

  for (const one of casesOf<SearchCase>("search_operators")) {
    const missing = one.where.map(missingIn).find((reason) => reason !== undefined);
    caseOf("search_operators", one.id, missing, () => {
      const condition: Condition = { kind: "and", conditions: one.where.map((where) => conditionOf(where, indexed)) };
      const found = heads.filter((head) => evaluate(condition, head) === true);
      expect(found.map(({ indexedData }) => indexedData.id)).toEqual(one.expect_ids);
    });
  }
});

describe("AutoCRUD: trivalent_logic", () => {
  for (const one of casesOf<LogicCase>("trivalent_logic")) {
    const missing = missingIn(one.where);
    caseOf("trivalent_logic", one.id, missing, () => {
      const { head } = createWrite("row", "row:1", { indexedData: one.row });
      const truth = evaluate(conditionOf(one.where, [one.row]), head);
      expect(truth === undefined ? "unknown" : String(truth)).toBe(one.expect);
    });
  }
});
