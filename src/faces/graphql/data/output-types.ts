/** GraphQL output types of models' data: what a document holds, field by field. Their parents are (parts of) documents. */
import type { FieldMap, ObjectRef, OutputRef } from "@pothos/core";
import type { JsonObject } from "../../../base/json.ts";
import type { Field, FieldType, ListElement, ObjectType, UnionType } from "../../../model/field.ts";
import type { GraphqlBuilder, GraphqlTypes } from "../builder.ts";
import { described, type EnumTypes } from "./enum-types.ts";
import { type Referable, referenceFields } from "./reference-fields.ts";
import { listResolver, propertyResolver } from "./resolvers.ts";
import { scalarNameOf } from "./scalar-names.ts";

export interface OutputTypes {
  object(type: ObjectType): ObjectRef<GraphqlTypes, JsonObject>;
  /** For a field of another type: what it may have as its own type. */
  param(t: Pick<FieldBuilder, "listRef">, type: FieldType): OutputParam;
}

interface Parts {
  readonly enums: EnumTypes;
  readonly binary: OutputRef;
  readonly referable: (modelName: string) => Referable | undefined;
}

type FieldBuilder = PothosSchemaTypes.ObjectFieldBuilder<GraphqlTypes, JsonObject>;
type OutputParam = keyof GraphqlTypes["Scalars"] | OutputRef;

/** Types are made when they are first asked for; fields when the schema is built, so that types may contain themselves. */
export function createOutputTypes(builder: GraphqlBuilder, { enums, binary, referable }: Parts): OutputTypes {
  const objects = new Map<ObjectType, ObjectRef<GraphqlTypes, JsonObject>>();
  const unions = new Map<UnionType, OutputRef>();

  const object = (type: ObjectType) => {
    const known = objects.get(type);
    if (known) return known;
    const ref = builder.objectRef<JsonObject>(type.name);
    objects.set(type, ref);
    ref.implement({
      ...described(type),
      fields: (t) =>
        ({
          ...Object.fromEntries([...type.fields.values()].map((field) => [field.name, fieldOf(t, field)])),
          ...referenceFields(t, type, referable),
        }) as FieldMap,
    });
    return ref;
  };

  const union = (type: UnionType) => {
    const known = unions.get(type);
    if (known) return known;
    const ref = builder.unionType(type.name, {
      ...described(type),
      types: [...new Set(type.members.values())].map(object),
      resolveType: (document: JsonObject) => type.members.get(String(document[type.discriminator]))?.name,
    });
    unions.set(type, ref);
    return ref;
  };

  const fieldOf = (t: FieldBuilder, field: Field) => {
    const shared = {
      nullable: field.isNullable,
      ...described(field),
      ...(field.deprecationReason === undefined ? {} : { deprecationReason: field.deprecationReason }),
    };
    if (field.type.kind !== "list") {
      return t.field({ ...shared, type: leafOf(field.type), resolve: propertyResolver(field.name) });
    }
    return t.field({
      ...shared,
      type: listOf(t, field.type.element),
      args: {
        slice: t.arg.string({
          description: "Which elements: an index, or start:stop:step as in Python; -1 is the last.",
        }),
      },
      resolve: listResolver(field.name),
    });
  };

  const listOf = (t: Pick<FieldBuilder, "listRef">, { type, isNullable }: ListElement): OutputRef =>
    t.listRef(type.kind === "list" ? listOf(t, type.element) : leafOf(type), {
      nullable: isNullable,
    }) as unknown as OutputRef;

  const leafOf = (type: Exclude<FieldType, { kind: "list" }>): OutputParam => {
    if (type.kind === "object") return object(type);
    if (type.kind === "union") return union(type);
    if (type.kind === "enum") return enums(type);
    return scalarNameOf(type) ?? binary;
  };

  return { object, param: (t, type) => (type.kind === "list" ? listOf(t, type.element) : leafOf(type)) };
}
