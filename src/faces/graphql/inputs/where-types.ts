/**
 * `TodoItemWhere` and `TodoItemOrder`: a model's indexed fields and meta as typed inputs, from the tree that the query
 * floor checks them by.
 */
import type { InputObjectRef, InputRef } from "@pothos/core";
import type { ModelDefinition } from "../../../model/definition.ts";
import { orderNameOf, whereNameOf } from "../../../model/derived-names.ts";
import { type FieldNode, fieldTree, metaFields, metaFilterable } from "../../../query/fields.ts";
import { orderedTypes } from "../../../query/operators.ts";
import type { GraphqlBuilder, GraphqlTypes } from "../builder.ts";
import type { FilterTypes } from "./filter-types.ts";

type FieldBuilder = PothosSchemaTypes.InputFieldBuilder<GraphqlTypes, "InputObject">;
type WhereRef = InputObjectRef<GraphqlTypes, object>;

export interface WhereTypes {
  where(definition: ModelDefinition): WhereRef;
  /** Of one sort key. */
  order(definition: ModelDefinition): WhereRef;
}

interface Parts {
  readonly filters: FilterTypes;
  readonly sortDirection: InputRef;
}

export function createWhereTypes(builder: GraphqlBuilder, { filters, sortDirection }: Parts): WhereTypes {
  const filtersBelow = (node: FieldNode, nameOf: (path: readonly string[]) => string, path: readonly string[] = []) => {
    const types = [...node.children].map(([key, child]): [string, InputRef] => {
      if (child.filterable) return [key, filters(child.filterable.type)];
      const below = [...path, key];
      const fields = filtersBelow(child, nameOf, below);
      return [key, builder.inputType(nameOf(below), { fields })];
    });
    return (t: FieldBuilder) => Object.fromEntries(types.map(([key, type]) => [key, t.field({ type })]));
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

  const metaWhere = builder.inputType("MetaWhere", { fields: filtersBelow(metaTree, () => "MetaWhere") });
  const metaOrder = builder.inputType("MetaOrder", { isOneOf: true, fields: ordersBelow(metaTree, () => "MetaOrder") });

  return {
    where(definition) {
      const nameOf = (path: readonly string[]) => whereNameOf(definition.graphqlName, path);
      const fields = filtersBelow(modelFields(definition), nameOf);
      const ref = builder.inputRef<object>(nameOf([]));
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
    order(definition) {
      const nameOf = (path: readonly string[]) => orderNameOf(definition.graphqlName, path);
      const fields = ordersBelow(modelFields(definition), nameOf);
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

function modelFields(definition: ModelDefinition): FieldNode {
  const { filterable, children } = fieldTree(definition);
  return { filterable, children: new Map([...children].filter(([key]) => key !== "meta")) };
}

function hasOrder({ filterable, children }: FieldNode): boolean {
  if (filterable) return orderedTypes.includes(filterable.field.type);
  return [...children.values()].some(hasOrder);
}
