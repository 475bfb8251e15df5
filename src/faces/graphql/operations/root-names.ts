import type { ModelDefinition } from "../../../model/definition.ts";
import { rootFieldNamesOf } from "../../../model/derived-names.ts";
import { capitalise } from "../../../model/names.ts";

/** The root field of an operation: the idioms of CONTRACT §2, else the verb before the model: `archiveTodoItem`. */
export function rootFieldOf({ singular, plural }: ModelDefinition, operationName: string): string {
  const { query, subscription } = rootFieldNamesOf(singular, plural);
  const idioms: Readonly<Record<string, string>> = {
    get: query.get,
    list: query.list,
    count: query.count,
    page: query.connection,
    changes: subscription.changed,
    deletePlan: query.deletePlan,
  };
  return idioms[operationName] ?? `${operationName}${capitalise(singular)}`;
}
