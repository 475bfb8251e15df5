/** A model's indexed fields, one of every type, for tests of checking. */
import type { FieldType, IndexedField } from "../../src/model/field.ts";
import type { IndexedModel } from "../../src/query/fields.ts";
import type { QueryLimits } from "../../src/query/limits.ts";

export const color: FieldType = {
  kind: "enum",
  name: "Color",
  description: undefined,
  values: new Map([
    ["RED", "red"],
    ["LIGHT_BLUE", "light-blue"],
  ]),
};

export const rank: FieldType = {
  kind: "enum",
  name: "Rank",
  description: undefined,
  values: new Map([
    ["LOW", 1],
    ["HIGH", 2],
  ]),
};

const mixed: FieldType = {
  kind: "enum",
  name: "Mixed",
  description: undefined,
  values: new Map<string, string | number>([
    ["A", "a"],
    ["N1", 1],
  ]),
};

export function listOf(type: FieldType): FieldType {
  return { kind: "list", element: { type, isNullable: false } };
}

const types: Readonly<Record<string, FieldType>> = {
  title: { kind: "string" },
  zoneId: { kind: "reference", target: "Zone" },
  code: { kind: "id" },
  level: { kind: "int" },
  ratio: { kind: "float" },
  isDone: { kind: "boolean" },
  big: { kind: "bigint", holds: "bigint" },
  wide: { kind: "bigint", holds: "number" },
  due: { kind: "datetime", holds: "Date" },
  day: { kind: "date" },
  color,
  rank,
  mixed,
  tags: listOf({ kind: "string" }),
  times: listOf({ kind: "datetime", holds: "string" }),
  grid: listOf(listOf({ kind: "int" })),
  extra: { kind: "json" },
  "address.city": { kind: "string" },
  "address.geo.lat": { kind: "float" },
  "meta.and": { kind: "int" },
  or: { kind: "string" },
  not: { kind: "boolean" },
  createdBy: { kind: "int" },
};

export const model: IndexedModel = {
  indexedFields: new Map<string, IndexedField>(
    Object.entries(types).map(([path, type]) => [path, { path, type, isNullable: true }]),
  ),
};

export const limits: QueryLimits = { defaultLimit: 10, maxLimit: 1000, maxConditions: 1000 };

/** The code and place of the WeftError that `run` throws. */
export function refusal(run: () => unknown): { readonly code: unknown; readonly at: string } {
  try {
    run();
  } catch (error) {
    const { code, details } = error as { code?: unknown; details?: { at?: readonly unknown[] } };
    return { code, at: (details?.at ?? []).join(".") };
  }
  throw new Error("Nothing was thrown");
}
