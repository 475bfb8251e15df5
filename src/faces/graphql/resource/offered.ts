/** What of a model's data the face has: all, or what the model offers. */
import type { IndexedField } from "../../../model/field.ts";
import { holdsHidden } from "../../../resource/hidden-fields.ts";
import type { Model, OfferedTypes } from "../../../resource/registry.ts";

export function offeredTypes({ definition, offered }: Model): Pick<OfferedTypes, "data" | "create" | "update"> {
  const { type } = definition;
  return offered ?? { data: type, create: type, update: type };
}

/** What can be filtered and sorted by. */
export function offeredIndex({ definition, offered }: Model): ReadonlyMap<string, IndexedField> {
  if (offered === undefined) return definition.indexedFields;
  return new Map([...definition.indexedFields].filter(([path]) => !holdsHidden(offered.unread, path.split("."))));
}
