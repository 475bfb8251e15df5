/**
 * Subscriptions when the schema changes. One to the gateway's own changes goes on with the new schema: the log it follows is the same. One that
 * a service feeds was asked for by the schema it began with, and keeps that one until it is ended.
 */
import { type GraphQLSchema, Kind } from "graphql";
import { WeftError } from "../../../base/errors.ts";
import type { CheckedDocument, Documents } from "./documents.ts";
import type { Operation } from "./engine.ts";
import { seqOf } from "./event-stream.ts";

/** What runs, as it runs by now. */
export interface Renewing {
  /**
   * For an event. @throws WeftError GRAPHQL_VALIDATION_FAILED where the new schema does not have what was asked for, with the cursor to
   * subscribe behind for this very event
   */
  operation(event: unknown): Operation;
  /** By which it ran last. */
  readonly schema: GraphQLSchema | undefined;
  /** Must it keep the schema that it began with? */
  readonly isBound: boolean;
  /** Lets go of a schema that is served no more; the next event is looked at by the one that is served then. */
  release(): void;
}

export function createRenewing(
  begun: Operation & { readonly checked: CheckedDocument },
  { schema, documents }: { readonly schema: () => GraphQLSchema; readonly documents: Documents },
): Renewing {
  const { definition, variables } = begun;
  const isBound = isOfService(begun);
  // Nothing here holds `begun` itself: it would hold its schema for as long as the subscription lasts.
  let running: Operation | undefined = begun;
  return {
    isBound,
    get schema() {
      return running?.checked.schema;
    },
    operation(event) {
      if (running !== undefined && (isBound || schema() === running.checked.schema)) return running;
      const text = definition.loc?.source.body;
      const checked = text === undefined ? [] : documents.check(text);
      const found = "document" in checked ? checked.operations.get(definition.name?.value ?? "") : undefined;
      if (!("document" in checked) || found === undefined) throw outdated(event);
      running = { checked, definition: found, variables };
      return running;
    },
    release() {
      if (!isBound) running = undefined;
    },
  };
}

function outdated(event: unknown): WeftError {
  const hint = "The schema has changed. Subscribe anew.";
  return new WeftError("GRAPHQL_VALIDATION_FAILED", { hint, ...resumedBefore(seqOf(event)) });
}

/** The cursor to subscribe behind for the event with this one. */
export function resumedBefore(cursor: string | undefined): { readonly cursor?: string } {
  return cursor === undefined ? {} : { cursor: String(Number(cursor) - 1) };
}

/** Is the field that gives the events one of another service? */
export function isOfService({ checked, definition }: Operation): boolean {
  const [selection] = definition.selectionSet.selections;
  if (selection?.kind !== Kind.FIELD) return true;
  const field = checked.schema.getSubscriptionType()?.getFields()[selection.name.value];
  const { weft } = field?.extensions ?? {};
  return typeof weft === "object" && weft !== null && "service" in weft;
}
