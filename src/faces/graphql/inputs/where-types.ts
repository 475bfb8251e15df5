/**
 * `TodoItemWhere` and `TodoItemOrder`: a model's indexed fields and meta as typed inputs, from the tree that the query
 * floor checks them by.
 */
import type { InputObjectRef, InputRef } from "@pothos/core";
import { orderNameOf, typeNamesOf, whereNameOf } from "../../../model/derived-names.ts";
import { type FieldNode, fieldTree, metaFields, metaFilterable } from "../../../query/fields.ts";
import { orderedTypes } from "../../../query/operators.ts";
import type { Model } from "../../../resource/registry.ts";
import type { GraphqlBuilder, GraphqlTypes } from "../builder.ts";
import { offeredIndex, offeredRelations } from "../resource/offered.ts";
import type { FilterTypes } from "./filter-types.ts";

type FieldBuilder = PothosSchemaTypes.InputFieldBuilder<GraphqlTypes, "InputObject">;
type WhereRef = InputObjectRef<GraphqlTypes, object>;

export interface WhereTypes {
  where(model: Model): WhereRef;
  /** Of one sort key. */
  order(model: Model): WhereRef;
}

interface Below {
  readonly path?: readonly string[];
  /** Whose fields these are; undefined: the same for all models. */
  readonly model?: Model | undefined;
}

interface Parts {
  readonly filters: FilterTypes;
  readonly sortDirection: InputRef;
}

export function createWhereTypes(builder: GraphqlBuilder, { filters, sortDirection }: Parts): WhereTypes {
  const wheres = new Map<Model, WhereRef>();
  const relationFilters = new Map<Model, InputRef>();

  /** `some`, `every` and `none` of the model's resources. */
  function relationFilterOf(model: Model, where: InputRef): InputRef {
    const known = relationFilters.get(model);
    if (known !== undefined) return known;
    const filter = builder.inputType(typeNamesOf(model.definition.graphqlName).relationFilter, {
      description: "Of living resources that the reader may list.",
      fields: (t) => ({
        some: t.field({ type: where, description: "There is one that satisfies it." }),
        every: t.field({ type: where, description: "There is none that does not satisfy it." }),
        none: t.field({ type: where, description: "There is none that satisfies it." }),
      }),
    });
    relationFilters.set(model, filter);
    return filter;
  }

  /** Those whose names stand at these keys. Of models that are there when the schema is built. */
  function relationsAt(model: Model, path: readonly string[]): [string, InputRef][] {
    return offeredRelations(model).flatMap(({ keys, other, isMany }): [string, InputRef][] => {
      const [key = "", ...below] = keys.toReversed();
      const where = wheres.get(other);
      if (where === undefined || below.reverse().join(".") !== path.join(".")) return [];
      return [[key, isMany ? relationFilterOf(other, where) : where]];
    });
  }

  const filtersBelow = (node: FieldNode, nameOf: (path: readonly string[]) => string, { path = [], model }: Below) => {
    const types = [...node.children].map(([key, child]): [string, InputRef] => {
      if (child.filterable) return [key, filters(child.filterable.type)];
      const below = [...path, key];
      const fields = filtersBelow(child, nameOf, { path: below, model });
      return [key, builder.inputType(nameOf(below), { fields })];
    });
    return (t: FieldBuilder) => {
      const relations = model === undefined ? [] : relationsAt(model, path);
      return Object.fromEntries([...types, ...relations].map(([key, type]) => [key, t.field({ type })]));
    };
  };

  const ordersBelow = (node: FieldNode, nameOf: (path: readonly string[]) => string, path: readonly string[] = []) => {
    const types = [...node.children].flatMap(([key, child]): [string, InputRef][] => {
      if (child.filterable) return orderedTypes.includes(child.filterable.field.type) ? [[key, sortDirection]] : [];
      const below = [...path, key];
      if (!hasOrder(child)) return [];
      return [[key, builder.inputType(nameOf(below), { isOneOf: true, fields: ordersBelow(child, nameOf, below) })]];
    });
    return (t: FieldBuilder) => Object.fromEntries(types.map(([key, type]) => [key, t.field({ type })]));
  };

  const metaWhere = builder.inputType("MetaWhere", { fields: filtersBelow(metaTree, () => "MetaWhere", {}) });
  const metaOrder = builder.inputType("MetaOrder", { isOneOf: true, fields: ordersBelow(metaTree, () => "MetaOrder") });

  return {
    where(model) {
      const { definition } = model;
      const nameOf = (path: readonly string[]) => whereNameOf(definition.graphqlName, path);
      const fields = filtersBelow(modelFields(model), nameOf, { model });
      const ref = builder.inputRef<object>(nameOf([]));
      wheres.set(model, ref);
      return ref.implement({
        description: "Its fields are ANDed.",
        fields: (t) => ({
          ...fields(t),
          meta: t.field({ type: metaWhere }),
          and: t.field({ type: [ref], description: "All of them; of none: true." }),
          or: t.field({ type: [ref], description: "At least one of them; of none: false." }),
          not: t.field({ type: ref }),
        }),
      });
    },
    order(model) {
      const { definition } = model;
      const nameOf = (path: readonly string[]) => orderNameOf(definition.graphqlName, path);
      const fields = ordersBelow(modelFields(model), nameOf);
      return builder.inputType(nameOf([]), {
        description: "One sort key.",
        isOneOf: true,
        fields: (t) => ({ ...fields(t), meta: t.field({ type: metaOrder }) }),
      });
    },
  };
}

/** The meta fields, which are the same for every model and so have types of their own. */
const metaTree: FieldNode = {
  filterable: undefined,
  children: new Map(
    [...metaFields.keys()].map((key) => [key, { filterable: metaFilterable(key), children: new Map() }]),
  ),
};

function modelFields(model: Model): FieldNode {
  const { filterable, children } = fieldTree({ indexedFields: offeredIndex(model) });
  return { filterable, children: new Map([...children].filter(([key]) => key !== "meta")) };
}

function hasOrder({ filterable, children }: FieldNode): boolean {
  if (filterable) return orderedTypes.includes(filterable.field.type);
  return [...children.values()].some(hasOrder);
}
