/** Relations in typed inputs: `zone: { connect | create | update }`, `monsters: { set, disconnect, add, connect, create, update }`, beside the data of a model. */
import type { InputFieldMap, InputObjectRef, InputRef } from "@pothos/core";
import { isJsonObject } from "../../../base/json.ts";
import { typeNamesOf } from "../../../model/derived-names.ts";
import type { ObjectType } from "../../../model/field.ts";
import type { Model } from "../../../resource/registry.ts";
import { type RelationInputs, writableRelations } from "../../../resource/relation-input.ts";
import type { Relation } from "../../../resource/relations.ts";
import type { GraphqlBuilder, GraphqlTypes } from "../builder.ts";
import { offeredTypes } from "../resource/offered.ts";
import type { Converters } from "./convert.ts";

type FieldBuilder = PothosSchemaTypes.InputFieldBuilder<GraphqlTypes, "InputObject">;
type Ref = InputObjectRef<GraphqlTypes, object>;

export interface RelationInputTypes {
  /** Makes the model's relations fields of its inputs. */
  add(model: Model): void;
  /** Of an input of this type. */
  fieldsOf(t: FieldBuilder, type: ObjectType): InputFieldMap;
  /** Can the field be left out, since a relation gives it? */
  isGiven(type: ObjectType, fieldName: string): boolean;
}

/** @param inputOf the input type of a model's data */
export function createRelationInputTypes(
  builder: GraphqlBuilder,
  inputOf: (type: ObjectType) => InputRef,
): RelationInputTypes {
  const models = new Map<ObjectType, Model>();
  const refs = new Map<string, Ref>();

  const typeOf = (name: string, make: (name: string) => Ref): Ref => {
    const ref = refs.get(name) ?? make(name);
    refs.set(name, ref);
    return ref;
  };

  const updateType = (other: Model) =>
    typeOf(namesOf(other).relationUpdate, (name) =>
      builder.inputType(name, {
        fields: (t) => ({
          resourceId: t.id({ required: true }),
          data: t.field({ type: inputOf(offeredTypes(other).update), required: true }),
          ifMatch: t.string(),
        }),
      }),
    );

  const nestedFields = (t: FieldBuilder, other: Model, isMany: boolean): InputFieldMap => {
    const field = (type: InputRef) => t.field({ type: isMany ? t.listRef(type, { required: true }) : type });
    return {
      ...(other.operations.has("create") && { create: field(inputOf(offeredTypes(other).create)) }),
      ...(other.operations.has("update") && { update: field(updateType(other)) }),
    };
  };

  const oneType = (other: Model, isIdsOnly: boolean) =>
    typeOf(namesOf(other)[isIdsOnly ? "relationId" : "relation"], (name) =>
      builder.inputType(name, {
        isOneOf: true,
        fields: (t) => ({ connect: t.id(), ...(isIdsOnly ? {} : nestedFields(t, other, false)) }),
      }),
    );

  const listType = (other: Model, isIdsOnly: boolean) =>
    typeOf(namesOf(other)[isIdsOnly ? "relationIds" : "relationList"], (name) =>
      builder.inputType(name, {
        description: "What is given happens in this order.",
        fields: (t) => ({
          set: t.field({
            type: t.listRef(oneType(other, isIdsOnly), { required: true }),
            description: "These, and no others of those that the actor may see.",
          }),
          disconnect: t.idList(),
          add: t.field({ type: t.listRef(oneType(other, isIdsOnly), { required: true }) }),
          connect: t.idList(),
          ...(isIdsOnly ? {} : nestedFields(t, other, true)),
        }),
      }),
    );

  return {
    add(model) {
      const { create, update } = offeredTypes(model);
      models.set(create, model);
      models.set(update, model);
    },
    fieldsOf(t, type) {
      const model = models.get(type);
      if (model === undefined) return {};
      const isIdsOnly = model.relationSwitches?.disableNestedObjects ?? false;
      return Object.fromEntries(
        relationsIn(model, type).map(({ name, kind, other }) => [
          name,
          t.field({ type: kind === "one" ? oneType(other, isIdsOnly) : listType(other, isIdsOnly) }),
        ]),
      );
    },
    isGiven(type, fieldName) {
      const model = models.get(type);
      const own = model ? relationsIn(model, type).filter(({ kind }) => kind !== "reverse") : [];
      return own.some(({ reference }) => reference.path === fieldName);
    },
  };
}

function namesOf({ definition }: Model) {
  return typeNamesOf(definition.graphqlName);
}

/** Those that inputs of this type can write. */
function relationsIn(model: Model, type: ObjectType): Relation[] {
  const { create, update } = offeredTypes(model);
  const writable = new Set([
    ...(type === create ? writableRelations(model, true) : []),
    ...(type === update ? writableRelations(model, false) : []),
  ]);
  return [...writable].filter(({ kind, reference, name }) =>
    kind === "reverse" ? !type.fields.has(name) : type.fields.has(reference.path) && !type.fields.has(name),
  );
}

/** Takes the relations out of what a typed input holds. */
export type RelationReader = (model: Model, type: ObjectType, value: unknown) => RelationInputs | null;

export function createRelationReader(converters: Converters): RelationReader {
  const nested = (other: Model, type: ObjectType, value: object): object => ({
    data: converters(type)?.(value, []) ?? value,
    relations: read(other, type, value),
  });

  const itemOf = (other: Model, item: unknown): unknown => {
    if (!isJsonObject(item)) return item;
    const { create, update } = offeredTypes(other);
    if (isJsonObject(item.create)) return { create: nested(other, create, item.create) };
    if (isJsonObject(item.update)) return { update: updateOf(other, update, item.update) };
    return item;
  };

  const updateOf = (other: Model, type: ObjectType, value: Record<string, unknown>): object => {
    const { data, resourceId, ifMatch } = value;
    const own = isJsonObject(data) ? nested(other, type, data) : { data };
    return { ...own, resourceId, ifMatch };
  };

  const listOf = (other: Model, value: Record<string, unknown>): object => {
    const { create, update } = offeredTypes(other);
    const each = (list: unknown, make: (item: never) => unknown) =>
      Array.isArray(list) ? list.map(make as never) : list;
    return {
      ...value,
      set: each(value.set, (item) => itemOf(other, item)),
      add: each(value.add, (item) => itemOf(other, item)),
      create: each(value.create, (item) => nested(other, create, item)),
      update: each(value.update, (item) => updateOf(other, update, item)),
    };
  };

  const read: RelationReader = (model, type, value) => {
    if (!isJsonObject(value)) return null;
    const found = relationsIn(model, type).flatMap(({ name, kind, other }) => {
      const given = value[name];
      if (!isJsonObject(given)) return [];
      return [[name, kind === "one" ? itemOf(other, given) : listOf(other, given)] as const];
    });
    return found.length === 0 ? null : (Object.fromEntries(found) as RelationInputs);
  };
  return read;
}
