/** One request to a service, out of pieces: root fields and look-ups side by side. */
import { Kind, type OperationDefinitionNode, type TypeNode } from "graphql";
import type { JsonObject } from "../../../base/json.ts";
import type { RemoteRequest, RemoteResult } from "../remote/remote.ts";
import type { Service } from "../service/service.ts";
import { type ErrorNode, errorTree } from "./failures.ts";

/** What the client has sent. */
export interface OperationScope {
  readonly definition: OperationDefinitionNode;
  /** As the client wrote them, with defaults: what services are sent. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** A piece of a request. */
export interface Part {
  /** Written once its place in the request is known. */
  write(at: number): { readonly text: string; readonly own: readonly OwnVariable[] };
  readonly variables: ReadonlySet<string>;
  readonly operation: OperationScope;
  readonly batchSize: number;
  deliver(data: JsonObject, errors: ErrorNode | undefined, at: number): void;
  fail(error: unknown): void;
}

export interface OwnVariable {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
}

export function requestOf(service: Service, kind: RemoteRequest["kind"], parts: readonly Part[]): RemoteRequest {
  const written = parts.map((part, at) => part.write(at));
  const variables: Record<string, unknown> = {};
  const definitions = new Map<string, string>();
  for (const { variables: names, operation } of parts)
    for (const { variable, type } of names.size > 0 ? (operation.definition.variableDefinitions ?? []) : []) {
      const name = variable.name.value;
      if (!names.has(name) || definitions.has(name)) continue;
      const value = Object.hasOwn(operation.values, name) ? operation.values[name] : undefined;
      definitions.set(name, variableType(type, value, service));
      if (value !== undefined) variables[name] = value;
    }
  for (const { name, type, value } of written.flatMap(({ own }) => own)) {
    definitions.set(name, type);
    variables[name] = value;
  }
  const defined = [...definitions].map(([name, type]) => `$${name}: ${type}`);
  const head = defined.length > 0 ? `${kind} (${defined.join(", ")})` : kind;
  return {
    kind,
    query: `${head} { ${written.map(({ text }) => text).join(" ")} }`,
    variables: defined.length > 0 ? variables : undefined,
    batchSize: Math.max(...parts.map(({ batchSize }) => batchSize)),
  };
}

/** What is not null is declared so: the service may ask for more than the gateway, in which others take the argument as well. */
function variableType(type: TypeNode, value: unknown, service: Service): string {
  const text = typeText(type, service);
  return value === null || value === undefined || text.endsWith("!") ? text : `${text}!`;
}

/** A type of the gateway, as the service calls it. */
function typeText(node: TypeNode, service: Service): string {
  if (node.kind === Kind.NON_NULL_TYPE) return `${typeText(node.type, service)}!`;
  if (node.kind === Kind.LIST_TYPE) return `[${typeText(node.type, service)}]`;
  return service.names.remoteType(node.name.value);
}

export interface Answered {
  readonly value: unknown;
  readonly errors: ErrorNode | undefined;
}

export interface RootField {
  readonly kind: RemoteRequest["kind"];
  /** In the service's answer. */
  readonly key: string;
  readonly text: string;
  readonly variables: ReadonlySet<string>;
  readonly operation: OperationScope;
}

export function rootPart(
  { key, text, variables, operation }: RootField,
  resolve: (answered: Answered) => void,
  reject: (error: unknown) => void,
): Part {
  return {
    write: () => ({ text, own: [] }),
    variables,
    operation,
    batchSize: 1,
    deliver(data, errors) {
      resolve({ value: data[key], errors: errorsAt(errors, key, data) });
    },
    fail: reject,
  };
}

/** Of one root field in an answer. */
export function answeredIn({ data, errors }: RemoteResult, key: string, service: Service): Answered {
  return { value: data?.[key], errors: errorsAt(errorTree(errors, service), key, data ?? {}) };
}

/** Errors of a field; where it has nothing, those without a path are its own, too. */
export function errorsAt(errors: ErrorNode | undefined, key: string, data: JsonObject): ErrorNode | undefined {
  if (errors === undefined) return undefined;
  const own = errors.children?.get(key);
  if (own !== undefined || data[key] != null) return own;
  return errors.errors.length > 0 ? { ...errors, children: undefined } : undefined;
}
