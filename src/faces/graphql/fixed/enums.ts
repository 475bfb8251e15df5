import { resourceActions } from "../../../model/change.ts";
import { enumNameOf, operatorNames } from "../../../query/operators.ts";
import type { GraphqlBuilder } from "../builder.ts";

export type Enums = ReturnType<typeof addEnums>;

export function addEnums(builder: GraphqlBuilder) {
  return {
    revisionStatus: builder.enumType("RevisionStatus", {
      description: "Whether the content of a revision is final.",
      values: {
        STABLE: { value: "stable", description: "Content cannot change while it is stable." },
        DRAFT: { value: "draft", description: "modify edits it in place." },
      },
    }),
    resourceAction: builder.enumType("ResourceAction", {
      description: "What a change did.",
      values: Object.fromEntries(resourceActions.map((action) => [action.toUpperCase(), { value: action }])),
    }),
    sortDirection: builder.enumType("SortDirection", {
      description: "Nulls come last ascending, first descending.",
      values: ["ASC", "DESC"] as const,
    }),
    searchOperator: builder.enumType("SearchOperator", {
      description:
        "How a field is compared. CONTAINS: a part of a text, or an element of a list. REGEX: RE2 syntax, anywhere in the text. " +
        "I…: whatever the letters' case. EXISTS: there, null or not. ISNA: absent or null.",
      values: operatorNames.map(enumNameOf),
    }),
    searchTransform: builder.enumType("SearchTransform", {
      description: "What of a field is compared instead of its value.",
      values: { LENGTH: { description: "Code points of a text, elements of a list, keys of an object." } },
    }),
    searchGroupOperator: builder.enumType("SearchGroupOperator", {
      description: "NOT of several conditions is not(all of them).",
      values: ["AND", "OR", "NOT"] as const,
    }),
  };
}
