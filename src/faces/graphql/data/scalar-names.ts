import type { FieldType } from "../../../model/field.ts";
import type { GraphqlTypes } from "../builder.ts";

type ScalarKind = Exclude<FieldType["kind"], "enum" | "binary" | "list" | "object" | "union">;

/** The GraphQL scalar of each kind of field that is one, in input and output alike. */
export const scalarNames = {
  string: "String",
  boolean: "Boolean",
  float: "Float",
  int: "Int",
  id: "ID",
  reference: "ID",
  json: "JSON",
  bigint: "BigInt",
  datetime: "DateTime",
  date: "Date",
} as const satisfies Record<ScalarKind, keyof GraphqlTypes["Scalars"]>;

export type ScalarTypeName = (typeof scalarNames)[ScalarKind];

export function scalarNameOf(type: FieldType): ScalarTypeName | undefined {
  return Object.hasOwn(scalarNames, type.kind) ? scalarNames[type.kind as ScalarKind] : undefined;
}
