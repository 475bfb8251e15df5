import { defaultLimits } from "../../../resource/limits.ts";
import type { GraphqlBuilder } from "../builder.ts";
import { unsetDefault } from "../inputs/unset-default.ts";
import type { Enums } from "./enums.ts";

/** `ResourceQuery` and what it is made of: the query language in which fields are named by text. */
export function addSearchInputs(builder: GraphqlBuilder, enums: Enums) {
  const condition = addConditionInputs(builder, enums);
  const sort = addSortInputs(builder, enums);
  return builder.inputType("ResourceQuery", {
    description: "Which resources, in which order, how many. Its fields are ANDed.",
    fields: (t) => ({
      isDeleted: t.boolean({ defaultValue: unsetDefault(false), description: "null: deleted ones and others." }),
      createdTimeStart: t.field({ type: "DateTime", description: "Inclusive, like the other three." }),
      createdTimeEnd: t.field({ type: "DateTime" }),
      updatedTimeStart: t.field({ type: "DateTime" }),
      updatedTimeEnd: t.field({ type: "DateTime" }),
      createdBys: t.stringList(),
      updatedBys: t.stringList(),
      conditions: t.field({ type: [condition], description: "Over meta fields and indexed fields." }),
      dataConditions: t.field({ type: [condition], description: "Over indexed fields only." }),
      sorts: t.field({ type: [sort] }),
      limit: t.int({ defaultValue: unsetDefault(defaultLimits.defaultLimit) }),
      offset: t.int({ defaultValue: unsetDefault(0) }),
    }),
  });
}

function addConditionInputs(builder: GraphqlBuilder, { searchOperator, searchTransform, searchGroupOperator }: Enums) {
  const condition = builder.inputRef<object>("SearchCondition");
  const leaf = builder.inputType("SearchLeaf", {
    description: "One comparison.",
    fields: (t) => ({
      fieldPath: t.string({
        required: true,
        description: "A meta field (createdTime) or an indexed field (address.city).",
      }),
      operator: t.field({ type: searchOperator, required: true }),
      value: t.field({
        type: "JSON",
        description: "A list for IN, NOT_IN and BETWEEN (of two), a boolean for IS_NULL, EXISTS and ISNA.",
      }),
      transform: t.field({ type: searchTransform }),
    }),
  });
  const group = builder.inputType("SearchGroup", {
    fields: (t) => ({
      operator: t.field({ type: searchGroupOperator, required: true }),
      conditions: t.field({ type: [condition], required: true }),
    }),
  });
  return condition.implement({
    isOneOf: true,
    fields: (t) => ({ condition: t.field({ type: leaf }), group: t.field({ type: group }) }),
  });
}

function addSortInputs(builder: GraphqlBuilder, { sortDirection }: Enums) {
  const meta = builder.inputType("SearchMetaSort", {
    fields: (t) => ({
      key: t.string({ required: true, description: "A meta field such as createdTime." }),
      direction: t.field({ type: sortDirection, defaultValue: "ASC" }),
    }),
  });
  const data = builder.inputType("SearchDataSort", {
    fields: (t) => ({
      fieldPath: t.string({ required: true, description: "An indexed field." }),
      direction: t.field({ type: sortDirection, defaultValue: "ASC" }),
    }),
  });
  return builder.inputType("SearchSort", {
    isOneOf: true,
    fields: (t) => ({ meta: t.field({ type: meta }), data: t.field({ type: data }) }),
  });
}
