/**
 * Errors of services, at the paths of the gateway's answer. What clients get of them is the service's `errors` policy; a service that
 * could not be asked is UPSTREAM_UNAVAILABLE with its name.
 */
import { GraphQLError } from "graphql";
import { WeftError } from "../../../base/errors.ts";
import type { FieldPlan, SelectionPlan } from "../plan/plan.ts";
import type { RemoteError } from "../remote/remote.ts";
import type { Service } from "../service/service.ts";

type Key = string | number;

/** Errors of an answer, by path. */
export interface ErrorNode {
  readonly service: Service;
  /** About this very place. */
  readonly errors: RemoteError[];
  children: Map<Key, ErrorNode> | undefined;
}

/** Errors of an answer, where they are in the gateway's, and what was asked below. */
export interface ErrorPlace {
  readonly node: ErrorNode;
  readonly path: readonly Key[];
  readonly below: SelectionPlan | undefined;
}

/** An object that was looked up is not there because of these: told at each field that was to come of it. */
export type Lost = Error & { readonly lost: ErrorNode };

export function lostBy(node: ErrorNode): Lost {
  return Object.assign(new Error("A service answered with errors."), { lost: node });
}

/** What a look-up failed with, as the field at `path` throws it. */
export function lostAt(error: unknown, path: readonly Key[]): unknown {
  if (!(error instanceof Error && "lost" in error)) return error;
  return thrownAt({ node: flattened((error as Lost).lost), path, below: undefined });
}

/** All errors as if they were about the node itself. */
function flattened({ service, errors, children }: ErrorNode): ErrorNode {
  const below = [...(children?.values() ?? [])].flatMap((child) => flattened(child).errors);
  return { service, errors: [...errors, ...below], children: undefined };
}

/** Errors without a path are told at the root, where the answer has nothing. */
export function errorTree(errors: readonly RemoteError[] | undefined, service: Service): ErrorNode | undefined {
  if (errors === undefined || errors.length === 0) return undefined;
  const root: ErrorNode = { service, errors: [], children: undefined };
  for (const error of errors) {
    let node = root;
    for (const key of error.path ?? []) {
      node.children ??= new Map();
      const next: ErrorNode = node.children.get(key) ?? { service, errors: [], children: undefined };
      node.children.set(key, next);
      node = next;
    }
    node.errors.push(error);
  }
  return root;
}

/** All errors of a node and below it. What was asked there says which of its places the client knows, and by which names. */
function errorsOf({ node, path, below }: ErrorPlace): GraphQLError[] {
  const own = node.errors.map((error) => publicError(error, node.service, path));
  const others = [...(node.children ?? [])].flatMap(([key, child]) => {
    if (typeof key === "number") return errorsOf({ node: child, path: [...path, key], below });
    const [responseKey, field] = askedAs(key, below) ?? [];
    return responseKey === undefined
      ? errorsOf({ node: flattened(child), path, below: undefined })
      : errorsOf({ node: child, path: [...path, responseKey], below: field?.below });
  });
  return [...own, ...others];
}

/** The client's field of a response key of a service. */
function askedAs(key: string, below: SelectionPlan | undefined): readonly [string, FieldPlan] | undefined {
  for (const { fields } of below?.objects.values() ?? [])
    for (const [responseKey, field] of fields) if (field.fetch < 0 && field.key === key) return [responseKey, field];
  return undefined;
}

/** What a resolver throws: one error with its path, or several at once. */
export function thrownAt(place: ErrorPlace): Error {
  const errors = errorsOf(place);
  const [first] = errors;
  return first !== undefined && errors.length === 1
    ? first
    : new AggregateError(errors, "A service answered with errors.");
}

const masked = new WeftError("UPSTREAM_UNAVAILABLE").message;

/** Whose error it is, and how much of it is shown. */
export type Source = Pick<Service, "name" | "errors">;

/** What clients get of a service's own error. @param path in the gateway's answer, where it is known */
export function publicError(error: RemoteError, { name, errors }: Source, path?: readonly Key[]): GraphQLError {
  const { extensions = {} } = error;
  const { code } = extensions;
  const at = path && { path };
  if (errors === "forward") {
    const { stacktrace: _stacktrace, exception: _exception, http: _http, ...shown } = extensions;
    const forwarded = { code: "UPSTREAM_UNAVAILABLE", service: name, ...shown };
    return new GraphQLError(error.message, { ...at, extensions: forwarded });
  }
  const shownCode = errors === "codes" && typeof code === "string" ? code : "UPSTREAM_UNAVAILABLE";
  return new GraphQLError(masked, { ...at, extensions: { code: shownCode, service: name } });
}

/** What is thrown at each field that a service was asked for in vain. */
export function unavailable(service: Source, error: unknown): GraphQLError {
  const reason = error instanceof WeftError ? error.details?.reason : undefined;
  const shown = service.errors === "mask" || reason === undefined ? {} : { reason };
  return new GraphQLError(masked, { extensions: { code: "UPSTREAM_UNAVAILABLE", service: service.name, ...shown } });
}

/** An answer that is not what was asked for. */
export function malformed(service: Service): GraphQLError {
  return unavailable(service, new WeftError("UPSTREAM_UNAVAILABLE", { reason: "malformed" }));
}
