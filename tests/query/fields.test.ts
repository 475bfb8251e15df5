import { expect, it } from "vitest";
import type { FieldType } from "../../src/model/field.ts";
import {
  comparableTypeOf,
  dataFilterable,
  lengthOf,
  metaFields,
  metaFilterableOf,
  substringFields,
  whereKeyOf,
} from "../../src/query/fields.ts";
import { enumNameOf, operatorNames, operatorOf, operatorsFor } from "../../src/query/operators.ts";
import { color, listOf, model, rank } from "./fixture.ts";

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

it("searches free texts by their parts, not ids, references and enums", () => {
  expect(substringFields(model).map(({ path, type }) => [path, type])).toContainEqual(["title", "text"]);
  const kinds = substringFields(model).map(({ path }) => model.indexedFields.get(path)?.type.kind);
  expect(new Set(kinds)).toEqual(new Set(["string"]));
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
    ...["EQ", "NE", "GT", "GTE", "LT", "LTE", "IN", "NOT_IN", "BETWEEN", "CONTAINS", "STARTS_WITH", "ENDS_WITH"],
    ...["ICONTAINS", "ISTARTS_WITH", "IENDS_WITH", "REGEX", "IS_NULL", "EXISTS", "ISNA"],
  ]);
  expect(operatorOf("icontains")).toBe("icontains");
  expect(operatorOf("istarts_with")).toBe("istartsWith");
  expect(operatorsFor("json")).toEqual(["eq", "ne", "in", "notIn", "isNull", "exists", "isna"]);
  expect(operatorsFor("list")).toEqual(["eq", "ne", "in", "notIn", "contains", "isNull", "exists", "isna"]);
});

it("makes the length of a text, a list or free JSON a number, and gives every other type none", () => {
  const lengthOfField = (path: string) => {
    const target = metaFilterableOf(path) ?? dataFilterable(model, path);
    return target && lengthOf(target);
  };
  const title = lengthOfField("title");
  const number = { type: "number", transform: "length" };
  expect(title).toEqual({ field: { source: "data", path: "title", ...number }, type: { kind: "int" } });
  for (const path of ["zoneId", "color", "tags", "grid", "extra", "mixed"]) {
    expect(lengthOfField(path)?.field).toEqual({ source: "data", path, ...number });
  }
  expect(lengthOfField("created_by")?.field).toEqual({ source: "meta", path: "createdBy", ...number });
  const none = { source: "meta", path: "isDeleted", ...number };
  for (const path of ["level", "big", "wide", "due", "day", "isDone", "rank", "created_time"]) {
    expect([path, lengthOfField(path)?.field]).toEqual([path, none]);
  }
  expect(title && lengthOf(title).field).toEqual(none);
});
