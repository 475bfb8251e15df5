/**
 * Subscriptions when the schema changes. One to the gateway's own changes goes on with the new schema: the log it follows is the same. One that
 * a service feeds was asked for by the schema it began with, and keeps that one until it is ended.
 */
import { type GraphQLSchema, Kind } from "graphql";
import { WeftError } from "../../../base/errors.ts";
import type { CheckedDocument, Documents } from "./documents.ts";
import type { Operation } from "./engine.ts";

/** What runs, as it runs by now. */
export interface Renewing {
  /** For the next event. @throws WeftError GRAPHQL_VALIDATION_FAILED where the new schema does not have what was asked for */
  operation(): Operation;
  readonly schema: GraphQLSchema;
}

export function createRenewing(
  begun: Operation & { readonly checked: CheckedDocument },
  { schema, documents }: { readonly schema: () => GraphQLSchema; readonly documents: Documents },
): Renewing {
  let running = begun;
  const isBound = isOfService(begun);
  return {
    get schema() {
      return running.checked.schema;
    },
    operation() {
      if (isBound || schema() === running.checked.schema) return running;
      const text = begun.definition.loc?.source.body;
      const checked = text === undefined ? [] : documents.check(text);
      const definition = "document" in checked ? checked.operations.get(begun.definition.name?.value ?? "") : undefined;
      if (!("document" in checked) || definition === undefined)
        throw new WeftError("GRAPHQL_VALIDATION_FAILED", { hint: "The schema has changed. Subscribe anew." });
      running = { ...begun, checked, definition };
      return running;
    },
  };
}

/** Is the field that gives the events one of another service? */
function isOfService({ checked, definition }: Operation): boolean {
  const [selection] = definition.selectionSet.selections;
  if (selection?.kind !== Kind.FIELD) return true;
  const field = checked.schema.getSubscriptionType()?.getFields()[selection.name.value];
  const { weft } = field?.extensions ?? {};
  return typeof weft === "object" && weft !== null && "service" in weft;
}
