import type { QueryField } from "./condition.ts";
import { dataFilterable, type IndexedModel } from "./fields.ts";

/** The indexed fields that are searched by parts of their texts: free text, but no ids, references or enums. */
export function substringFields(definition: IndexedModel): QueryField[] {
  return [...definition.indexedFields.values()].flatMap(({ path, type }) => {
    const field = type.kind === "string" ? dataFilterable(definition, path)?.field : undefined;
    return field === undefined ? [] : [field];
  });
}
