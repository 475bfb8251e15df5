/**
 * The types that a model's fields can have: the middle between Zod and the faces. One reading of the mapping table of
 * CONTRACT §2; named types carry their GraphQL names already, claimed when the model is registered.
 */
import type { Json } from "../base/json.ts";
import type { ReferenceOptions } from "./reference.ts";

export type FieldType =
  | { readonly kind: "string" | "boolean" | "float" | "int" | "id" | "json" }
  /** An integer beyond 32 bits. `holds`: the JavaScript type on the manager's side; a document always holds decimal text for bigint, a number for number. */
  | { readonly kind: "bigint"; readonly holds: "bigint" | "number" }
  /** RFC 3339 in UTC in documents. `holds`: `z.date()` or `z.iso.datetime()`. */
  | { readonly kind: "datetime"; readonly holds: "Date" | "string" }
  | { readonly kind: "date" }
  | EnumType
  | ReferenceType
  | { readonly kind: "binary" }
  | { readonly kind: "list"; readonly element: ListElement }
  | ObjectType
  | UnionType;

export interface ListElement {
  readonly type: FieldType;
  readonly isNullable: boolean;
}

export interface EnumType {
  readonly kind: "enum";
  readonly name: string;
  readonly description: string | undefined;
  /** GraphQL name → stored value, in the schema's order. Stored values are kept; names are made valid. */
  readonly values: ReadonlyMap<string, string | number>;
}

/** `ref("Zone")`: stored as the target's id. */
export interface ReferenceType {
  readonly kind: "reference";
  readonly target: string;
  /** As declared. Nothing enforces them yet. */
  readonly options?: ReferenceOptions;
}

/** `fields` is filled after the object exists, so that types can be recursive: read it after registration only. */
export interface ObjectType {
  readonly kind: "object";
  readonly name: string;
  readonly description: string | undefined;
  readonly fields: ReadonlyMap<string, Field>;
}

export interface UnionType {
  readonly kind: "union";
  readonly name: string;
  readonly description: string | undefined;
  readonly discriminator: string;
  /** Discriminator value → member. The member's own `fields` include the discriminator. */
  readonly members: ReadonlyMap<string, ObjectType>;
}

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly description: string | undefined;
  /** Reason; empty string is possible. */
  readonly deprecationReason: string | undefined;
  /** May the output be null or absent? A default makes it never so. */
  readonly isNullable: boolean;
  /** May it be left out of an input? */
  readonly isOptional: boolean;
  /** Does the schema itself accept null? If not, null in a typed input of an optional field counts as absent. */
  readonly acceptsNull: boolean;
  /** The default as a document value, where it is a constant. */
  readonly defaultValue: Json | undefined;
}

/** What an indexed path holds, for operators and for typed filters. A list is indexed as a whole. */
export interface IndexedField {
  readonly path: string;
  readonly type: FieldType;
  readonly isNullable: boolean;
  /** Of a path that leads through a list: how many of its segments lead there. What its elements hold is indexed as one list. */
  readonly listDepth?: number;
}
