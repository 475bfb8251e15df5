/**
 * Plans: what a selection of the gateway's schema means for a service, as text to send and as places where answers are found. Made once
 * per document (and values of its `@skip` and `@include`), used for every object.
 *
 * A plan has a service at its root. What that service does not have of an object is fetched: a look-up in another service, by a key
 * that the first, or an earlier fetch, answers. Fetches are asked for when a resolver wants them, so that what is skipped costs nothing.
 */
import type { KeyField, LookUp } from "../service/look-up.ts";
import type { Service } from "../service/service.ts";

export interface SelectionPlan {
  /** "{ name price }", as the service calls things. */
  readonly text: string;
  /** The document's variables in it. */
  readonly variables: ReadonlySet<string>;
  /** By the gateway's type names: those that the objects may have. */
  readonly objects: ReadonlyMap<string, ObjectPlan>;
  /** Where there is one only; otherwise each object says its own (`typenameKey`). */
  readonly only: ObjectPlan | undefined;
}

export interface ObjectPlan {
  readonly service: Service;
  readonly typeName: string;
  /** By response key. A field that nobody can resolve from here is not in it. */
  readonly fields: ReadonlyMap<string, FieldPlan>;
  /** What the gateway's own fields ask of this object, by the field's name. */
  readonly needs: ReadonlyMap<string, readonly KeySource[]>;
  readonly fetches: readonly FetchPlan[];
  /** Of what was looked up: where it shows its own key, so that answers in another order are matched. Empty where it does not. */
  readonly keys: readonly KeySource[];
}

export interface FieldPlan {
  /** Index of the fetch that brings it; -1: it is here. */
  readonly fetch: number;
  /** Response key in the service's answer. */
  readonly key: string;
  /** Of objects. */
  readonly below: SelectionPlan | undefined;
}

export interface FetchPlan {
  readonly service: Service;
  readonly lookUp: LookUp;
  readonly key: readonly KeySource[];
  readonly selection: SelectionPlan;
}

/** Where a field of a key is found. */
export interface KeySource {
  /** Index of the fetch; -1: in the object itself. */
  readonly fetch: number;
  readonly responseKey: string;
  readonly key: KeyField;
  /** May it be null? What a computed field needs may; what is found by null is not. */
  readonly isNullable: boolean;
}

/** Response key of `__typename` in what is sent to services. */
export const typenameKey = "__t";

/**
 * The response key that services are sent for one of the client's. Those that begin with "_" are the planner's own, and names that every
 * JavaScript object has would be found where a service leaves them out.
 */
export function answerKey(responseKey: string): string {
  return responseKey.startsWith("_") || responseKey in Object.prototype ? `_c${responseKey}` : responseKey;
}
