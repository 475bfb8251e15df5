/** What of a model's data the face has: all, or what the model offers. */
import type { IndexedField } from "../../../model/field.ts";
import { holdsHidden } from "../../../resource/hidden-fields.ts";
import type { Model, OfferedTypes } from "../../../resource/registry.ts";
import type { Relation } from "../../../resource/relations.ts";

export function offeredTypes({ definition, offered }: Model): Pick<OfferedTypes, "data" | "create" | "update"> {
  const { type } = definition;
  return offered ?? { data: type, create: type, update: type };
}

/** What can be filtered and sorted by. */
export function offeredIndex({ definition, offered }: Model): ReadonlyMap<string, IndexedField> {
  if (offered === undefined) return definition.indexedFields;
  return new Map([...definition.indexedFields].filter(([path]) => !holdsHidden(offered.unread, path.split("."))));
}

/** Those that are made of references which are shown, and lead to models that can be listed. */
export function offeredRelations(model: Model): Relation[] {
  return model.relations().filter(({ kind, reference, other }) => {
    const holder = kind === "reverse" ? other : model;
    const isShown = !holder.offered || !holdsHidden(holder.offered.unread, reference.path.split("."));
    return isShown && other.operations.has("page");
  });
}
