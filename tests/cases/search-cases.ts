/** AutoCRUD's suites search_operators and trivalent_logic: their data, and their conditions in our words. */
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { FieldType } from "../../src/model/field.ts";
import type { Head } from "../../src/model/resource-meta.ts";
import { checkComparison } from "../../src/query/check-comparison.ts";
import type { PlainCondition } from "../../src/query/condition.ts";
import {
  dataFilterable,
  type Filterable,
  type IndexedModel,
  lengthOf,
  metaFilterableOf,
} from "../../src/query/fields.ts";
import { operatorOf } from "../../src/query/operators.ts";
import type { SearchCondition, SearchGroup } from "../../src/query/resource-query.ts";
import { createWrite, type Written } from "../conformance/meta-fixtures.ts";
import suites from "./autocrud_cases.json" with { type: "json" };
import { casesOf } from "./cases.ts";

interface Leaf {
  readonly field: string;
  readonly op: string;
  readonly value: Json | { readonly $datetime: string };
  readonly transform?: "len";
}

export type CaseCondition =
  | Leaf
  | { readonly logic: "and" | "or" | "not"; readonly conditions: readonly CaseCondition[] };

export interface SearchCase {
  readonly id: string;
  /** ANDed. */
  readonly where: readonly CaseCondition[];
  /** The values of `id`, in the order of the data. */
  readonly expect_ids: readonly string[];
}

export interface LogicCase {
  readonly id: string;
  readonly row: JsonObject;
  readonly where: CaseCondition;
  readonly expect: "true" | "false" | "unknown";
}

export const searchCases = casesOf<SearchCase>("search_operators");
export const logicCases = casesOf<LogicCase>("trivalent_logic");

const fieldTypes: Readonly<Record<string, FieldType>> = {
  id: { kind: "string" },
  str: { kind: "string" },
  int: { kind: "int" },
  float: { kind: "float" },
  bool: { kind: "boolean" },
  list_str: { kind: "list", element: { type: { kind: "string" }, isNullable: false } },
  list_int: { kind: "list", element: { type: { kind: "int" }, isNullable: false } },
  present_val: { kind: "string" },
  present_null: { kind: "string" },
};

/** The fields that the cases search by. `nope`, which two of them name, is none of them. */
export const searchModel: IndexedModel = {
  indexedFields: new Map(Object.entries(fieldTypes).map(([path, type]) => [path, { path, type, isNullable: true }])),
};

/** Creates the suite's resources under `<resourceName>:0`, `:1`, …, so that their order is the data's. */
export function searchData(resourceName: string): Written[] {
  return suites.search_operators.dataset.map((row, i) => {
    const known = createWrite(resourceName, `${resourceName}:${i}`, { indexedData: row.indexed_data as JsonObject });
    const head: Head = {
      ...known.head,
      schemaVersion: row.schema_version,
      createdTime: new Date(row.created_time),
      updatedTime: new Date(row.updated_time),
      createdBy: row.created_by,
      updatedBy: row.updated_by,
      isDeleted: row.is_deleted,
    };
    return { ...known, head, write: { ...known.write, head } };
  });
}

/** As a user writes it in `ResourceQuery.conditions`. */
export function queryConditionOf(input: CaseCondition): SearchCondition {
  if ("logic" in input) {
    const group: SearchGroup = { operator: input.logic, conditions: input.conditions.map(queryConditionOf) };
    return { group };
  }
  const { field: fieldPath, op: operator, transform } = input;
  return { condition: { fieldPath, operator, value: operandOf(input), ...(transform && { transform: "LENGTH" }) } };
}

/** As checking has it, but that fields need not be indexed: `rows` tell the type of those that the model does not know. */
export function checkedConditionOf(input: CaseCondition, rows: readonly JsonObject[] = []): PlainCondition {
  if ("logic" in input) {
    const conditions = input.conditions.map((one) => checkedConditionOf(one, rows));
    return input.logic === "not"
      ? { kind: "not", condition: { kind: "and", conditions } }
      : { kind: input.logic, conditions };
  }
  const operator = operatorOf(input.op);
  if (operator === undefined) throw new Error(`no operator ${input.op}`);
  const target = metaFilterableOf(input.field) ?? dataField(input.field, rows);
  return checkComparison(input.transform ? lengthOf(target) : target, operator, operandOf(input), []);
}

function dataField(path: string, rows: readonly JsonObject[]): Filterable {
  const indexed = dataFilterable(searchModel, path);
  if (indexed !== undefined) return indexed;
  const isText = rows.some((row) => typeof row[path] === "string");
  return {
    field: { source: "data", path, type: isText ? "text" : "number" },
    type: { kind: isText ? "string" : "float" },
  };
}

function operandOf({ value }: Leaf): Json | Date {
  const isTime = typeof value === "object" && value !== null && "$datetime" in value;
  return isTime ? new Date(String(value.$datetime)) : (value as Json);
}
