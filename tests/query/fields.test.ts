import { expect, it } from "vitest";
import type { FieldType } from "../../src/model/field.ts";
import { comparableTypeOf, metaFields, metaFilterableOf, whereKeyOf } from "../../src/query/fields.ts";
import { enumNameOf, operatorNames, operatorOf, operatorsFor } from "../../src/query/operators.ts";
import { color, listOf, rank } from "./fixture.ts";

it("says how values of each type of field compare", () => {
  const object: FieldType = { kind: "object", name: "Address", description: undefined, fields: new Map() };
  const types: [FieldType, string][] = [
    [{ kind: "string" }, "text"],
    [{ kind: "id" }, "text"],
    [{ kind: "reference", target: "Zone" }, "text"],
    [color, "text"],
    [rank, "number"],
    [{ kind: "int" }, "number"],
    [{ kind: "float" }, "number"],
    [{ kind: "bigint", holds: "number" }, "number"],
    [{ kind: "bigint", holds: "bigint" }, "bigint"],
    [{ kind: "boolean" }, "boolean"],
    [{ kind: "datetime", holds: "Date" }, "time"],
    [{ kind: "date" }, "date"],
    [listOf({ kind: "string" }), "list"],
    [{ kind: "json" }, "json"],
    [{ kind: "binary" }, "json"],
    [object, "json"],
  ];
  expect(types.map(([type]) => comparableTypeOf({ type }))).toEqual(types.map(([, expected]) => expected));
});

it("knows meta keys in camelCase and snake_case, and not what cannot be compared", () => {
  expect([...metaFields.keys()].map((key) => metaFilterableOf(key)?.field.path)).toEqual([...metaFields.keys()]);
  expect(metaFilterableOf("current_revision_id")?.field).toEqual({
    source: "meta",
    path: "currentRevisionId",
    type: "text",
  });
  for (const key of ["etag", "indexedData", "payload", "Created_Time", "__proto__"])
    expect(metaFilterableOf(key)).toBe(undefined);
});

it("gives a reserved name a trailing underscore, and no other", () => {
  expect(["meta", "and", "or", "not", "title", "Not", "meta_"].map(whereKeyOf)).toEqual([
    "meta_",
    "and_",
    "or_",
    "not_",
    "title",
    "Not",
    "meta_",
  ]);
});

it("names each operator in three spellings", () => {
  for (const name of operatorNames) expect(operatorOf(enumNameOf(name))).toBe(name);
  expect(operatorNames.map(enumNameOf)).toEqual([
    ...["EQ", "NE", "GT", "GTE", "LT", "LTE", "IN", "NOT_IN", "CONTAINS", "STARTS_WITH", "IS_NULL"],
  ]);
  expect(operatorsFor("json")).toEqual(["eq", "ne", "in", "notIn", "isNull"]);
  expect(operatorsFor("list")).toEqual(["eq", "ne", "in", "notIn", "contains", "isNull"]);
});
