/** GraphQL input types of models' data: the twins of the output types, nullable wherever a field may be left out. */
import type { InputFieldMap, InputObjectRef, InputRef } from "@pothos/core";
import { inputNameOf } from "../../../model/derived-names.ts";
import type { Field, FieldType, ListElement, ObjectType, UnionType } from "../../../model/field.ts";
import type { GraphqlBuilder, GraphqlTypes } from "../builder.ts";
import { described, type EnumTypes } from "../data/enum-types.ts";
import { scalarNameOf } from "../data/scalar-names.ts";
import { choicesOf } from "./convert.ts";
import { createRelationInputTypes, type RelationInputTypes } from "./relation-input-types.ts";
import { unsetDefault } from "./unset-default.ts";

export interface DataInputTypes {
  object(type: ObjectType): InputObjectRef<GraphqlTypes, object>;
  readonly relations: RelationInputTypes;
  /** The fields of a type as arguments of a field. */
  args(arg: ArgBuilder, type: ObjectType): InputFieldMap;
}

type ArgBuilder = PothosSchemaTypes.ObjectFieldBuilder<GraphqlTypes, unknown>["arg"];

interface Parts {
  readonly enums: EnumTypes;
  readonly binary: InputRef;
}

type FieldBuilder = PothosSchemaTypes.InputFieldBuilder<GraphqlTypes, "InputObject">;
type InputParam = keyof GraphqlTypes["Scalars"] | InputRef;

export function createDataInputTypes(builder: GraphqlBuilder, { enums, binary }: Parts): DataInputTypes {
  const refs = new Map<ObjectType | UnionType, InputObjectRef<GraphqlTypes, object>>();

  const refOf = (type: ObjectType | UnionType) => {
    const known = refs.get(type);
    if (known) return known;
    const ref = builder.inputRef<object>(inputNameOf(type.name));
    refs.set(type, ref);
    ref.implement({
      ...described(type),
      isOneOf: type.kind === "union",
      fields: (t) => (type.kind === "union" ? choiceFields(t, type) : objectFields(t, type)),
    });
    return ref;
  };

  const objectFields = (t: FieldBuilder, type: ObjectType) =>
    Object.fromEntries([
      ...[...type.fields.values()].map((field) => [field.name, fieldOf(t, field, relations.isGiven(type, field.name))]),
      ...Object.entries(relations.fieldsOf(t, type)),
    ]);

  const choiceFields = (t: FieldBuilder, type: UnionType) =>
    Object.fromEntries(
      [...choicesOf(type)].map(([value, name]) => {
        const member = type.members.get(value);
        return [name, member && t.field({ type: refOf(member), ...described(member) })];
      }),
    );

  const fieldOf = (t: FieldBuilder, field: Field, isGiven: boolean) => {
    const required = !field.isOptional && !field.acceptsNull && !isGiven;
    return t.field({
      type: paramOf(t, field.type),
      required,
      ...described(field),
      ...defaultOf(field),
      // A required input field cannot be deprecated (GraphQL §3.13.3).
      ...(field.deprecationReason === undefined || required ? {} : { deprecationReason: field.deprecationReason }),
    });
  };

  const listOf = (t: FieldBuilder, { type, isNullable }: ListElement): InputRef =>
    t.listRef(paramOf(t, type), { required: !isNullable });

  const paramOf = (t: FieldBuilder, type: FieldType): InputParam => {
    if (type.kind === "list") return listOf(t, type.element);
    if (type.kind === "object" || type.kind === "union") return refOf(type);
    if (type.kind === "enum") return enums(type);
    return scalarNameOf(type) ?? binary;
  };

  const relations = createRelationInputTypes(builder, refOf);
  return {
    object: refOf,
    relations,
    args(arg, type) {
      const t = { field: arg, listRef: arg.listRef } as unknown as FieldBuilder;
      return objectFields(t, type);
    },
  };
}

const printedKinds: ReadonlySet<FieldType["kind"]> = new Set(["string", "boolean", "int", "float", "enum"]);

/**
 * Simple defaults are shown in the schema, and filled in by the model, as all others: what an update leaves out may be what its actor is not to write.
 */
function defaultOf({ type, defaultValue }: Field): { defaultValue?: never } {
  if (defaultValue === undefined || defaultValue === null || !printedKinds.has(type.kind)) return {};
  if (type.kind === "enum" && ![...type.values.values()].some((value) => value === defaultValue)) return {};
  return { defaultValue: unsetDefault(defaultValue as string | number | boolean) as never };
}
