/**
 * One operation's requests to services. What is asked of a service in one turn of the event loop is one request: root fields and look-ups
 * side by side, keys of one place in one list.
 */
import { Kind, type OperationDefinitionNode, print, type TypeNode } from "graphql";
import type { JsonObject } from "../../../base/json.ts";
import type { FetchPlan } from "../plan/plan.ts";
import type { RemoteCaller, RemoteRequest, RemoteResult } from "../remote/remote.ts";
import { fillIn } from "../service/argument-template.ts";
import type { Service } from "../service/service.ts";
import { type ErrorNode, errorTree, lostBy, unavailable } from "./failures.ts";
import { type RemoteObject, remoteObject, shownKey } from "./remote-object.ts";
import { type PlannedRequest, plannedRequest } from "./shown-plan.ts";

export interface Call {
  readonly caller: RemoteCaller;
  /** A root field: its value in the answer, and the errors below it. @throws GraphQLError */
  root(service: Service, field: RootField): Promise<Answered>;
  /** An object by its key, null where there is none. Equal keys of one turn are looked up once. */
  find(plan: FetchPlan, key: JsonObject, operation: OperationScope): Promise<RemoteObject | null>;
}

export interface Answered {
  readonly value: unknown;
  readonly errors: ErrorNode | undefined;
}

export interface RootField {
  readonly kind: RemoteRequest["kind"];
  readonly responseKey: string;
  readonly text: string;
  readonly variables: ReadonlySet<string>;
  readonly operation: OperationScope;
}

/** What the client has sent. */
export interface OperationScope {
  readonly definition: OperationDefinitionNode;
  /** As the client wrote them: what services are sent. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** A piece of a request. */
interface Part {
  /** Written once its place in the request is known. */
  write(at: number): { readonly text: string; readonly own: readonly OwnVariable[] };
  readonly variables: ReadonlySet<string>;
  readonly operation: OperationScope;
  readonly batchSize: number;
  deliver(data: JsonObject, errors: ErrorNode | undefined, at: number): void;
  fail(error: unknown): void;
}

interface OwnVariable {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
}

interface Batch {
  readonly parts: Part[];
  readonly lookUps: Map<FetchPlan, LookUpBatch>;
}

interface LookUpBatch {
  readonly keys: Map<string, Sought>;
  readonly operation: OperationScope;
}

interface Sought {
  readonly key: JsonObject;
  readonly text: string;
  readonly found: Promise<RemoteObject | null>;
  resolve(object: RemoteObject | null): void;
  reject(error: unknown): void;
}

export interface CallOptions {
  readonly caller: RemoteCaller;
  /** Hears of each service that could not be asked. */
  readonly onUnavailable: (service: Service, error: unknown) => void;
  /** Each request is written down here, where somebody may see it. */
  readonly plan?: PlannedRequest[] | undefined;
}

export function createCall(options: CallOptions): Call {
  const batches = new Map<Service, Batch>();

  const batchOf = (service: Service): Batch => {
    let batch = batches.get(service);
    if (batch === undefined) {
      batch = { parts: [], lookUps: new Map() };
      batches.set(service, batch);
      const full = batch;
      // Behind everything that is ready now: what resolves in this turn asks in this turn.
      Promise.resolve().then(() =>
        process.nextTick(() => {
          batches.delete(service);
          sendBatch(service, full, options);
        }),
      );
    }
    return batch;
  };

  return {
    caller: options.caller,
    root(service, field) {
      return new Promise((resolve, reject) => {
        const part = rootPart(field, resolve, reject);
        if (field.kind === "query") batchOf(service).parts.push(part);
        else send(service, field.kind, [part], options);
      });
    },
    find(plan, key, operation) {
      const { lookUps } = batchOf(plan.service);
      const batch = lookUps.get(plan) ?? { keys: new Map(), operation };
      lookUps.set(plan, batch);
      const text = keyText(key);
      const known = batch.keys.get(text);
      if (known !== undefined) return known.found;
      const sought = soughtBy(key, text);
      batch.keys.set(text, sought);
      return sought.found;
    },
  };
}

function soughtBy(key: JsonObject, text: string): Sought {
  let settle: Pick<Sought, "resolve" | "reject"> | undefined;
  const found = new Promise<RemoteObject | null>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { key, text, found, resolve: (object) => settle?.resolve(object), reject: (error) => settle?.reject(error) };
}

/** Services write one id as 1 and as "1". */
function keyText(key: JsonObject): string {
  const names = Object.keys(key);
  // Texts are compared within one look-up, whose keys are alike.
  const only = names.length === 1 ? key[names[0] as string] : undefined;
  if (typeof only === "string") return only;
  if (typeof only === "number") return String(only);
  return JSON.stringify(key, (_name, value) => (typeof value === "number" ? String(value) : value));
}

/** A request for all that fits into one, and one for each further chunk of keys. */
function sendBatch(service: Service, { parts, lookUps }: Batch, options: CallOptions): void {
  const first = [...parts];
  for (const [plan, { keys, operation }] of lookUps) {
    const sought = [...keys.values()];
    for (let at = 0; at < sought.length; at += service.maxBatchSize) {
      const part = lookUpPart(plan, sought.slice(at, at + service.maxBatchSize), operation);
      if (at === 0) first.push(part);
      else send(service, "query", [part], options);
    }
  }
  send(service, "query", first, options);
}

function send(service: Service, kind: RemoteRequest["kind"], parts: readonly Part[], options: CallOptions): void {
  const request = requestOf(service, kind, parts);
  options.plan?.push(plannedRequest(service, request));
  service.remote.execute(request, options.caller).then(
    ({ data, errors }) => {
      const tree = errorTree(errors, service);
      parts.forEach((part, at) => {
        part.deliver(data ?? {}, tree, at);
      });
    },
    (error) => {
      options.onUnavailable(service, error);
      const told = unavailable(service, error);
      for (const part of parts) part.fail(told);
    },
  );
}

export function requestOf(service: Service, kind: RemoteRequest["kind"], parts: readonly Part[]): RemoteRequest {
  const written = parts.map((part, at) => part.write(at));
  const own = written.flatMap((one) => one.own);
  const variables: Record<string, unknown> = {};
  const definitions: string[] = [];
  const seen = new Set<string>();
  for (const { variables: names, operation } of parts)
    for (const definition of names.size > 0 ? (operation.definition.variableDefinitions ?? []) : []) {
      const name = definition.variable.name.value;
      if (!names.has(name) || seen.has(name)) continue;
      seen.add(name);
      const fallback = definition.defaultValue ? ` = ${print(definition.defaultValue)}` : "";
      definitions.push(`$${name}: ${typeText(definition.type, service)}${fallback}`);
      if (name in operation.values) variables[name] = operation.values[name];
    }
  for (const { name, type, value } of own) {
    definitions.push(`$${name}: ${type}`);
    variables[name] = value;
  }
  const head = definitions.length > 0 ? `${kind} (${definitions.join(", ")})` : kind;
  return {
    kind,
    query: `${head} { ${written.map(({ text }) => text).join(" ")} }`,
    variables: definitions.length > 0 ? variables : undefined,
    batchSize: Math.max(...parts.map(({ batchSize }) => batchSize)),
  };
}

/** A type of the gateway, as the service calls it. */
function typeText(node: TypeNode, service: Service): string {
  if (node.kind === Kind.NON_NULL_TYPE) return `${typeText(node.type, service)}!`;
  if (node.kind === Kind.LIST_TYPE) return `[${typeText(node.type, service)}]`;
  return service.names.remoteType(node.name.value);
}

export function rootPart(
  { responseKey, text, variables, operation }: RootField,
  resolve: (answered: Answered) => void,
  reject: (error: unknown) => void,
): Part {
  return {
    write: () => ({ text, own: [] }),
    variables,
    operation,
    batchSize: 1,
    deliver(data, errors) {
      resolve({ value: data[responseKey], errors: errorsAt(errors, responseKey, data) });
    },
    fail: reject,
  };
}

/** Of one root field in an answer. */
export function answeredIn({ data, errors }: RemoteResult, responseKey: string, service: Service): Answered {
  return { value: data?.[responseKey], errors: errorsAt(errorTree(errors, service), responseKey, data ?? {}) };
}

/** Errors of a field; where it has nothing, those without a path are its own, too. */
function errorsAt(errors: ErrorNode | undefined, responseKey: string, data: JsonObject): ErrorNode | undefined {
  if (errors === undefined) return undefined;
  const own = errors.children?.get(responseKey);
  if (own !== undefined || data[responseKey] != null) return own;
  return errors.errors.length > 0 ? { ...errors, children: undefined } : undefined;
}

function lookUpPart(plan: FetchPlan, sought: readonly Sought[], operation: OperationScope): Part {
  const { lookUp, selection } = plan;
  const aliasOf = (at: number, n: number) => (lookUp.isMany ? `__f${at}` : `__f${at}_${n}`);
  return {
    write(at) {
      const fields = lookUp.isMany
        ? [
            lookUpField(
              plan,
              aliasOf(at, 0),
              sought.map(({ key }) => key),
            ),
          ]
        : sought.map(({ key }, n) => lookUpField(plan, aliasOf(at, n), [key]));
      return { text: fields.map(({ text }) => text).join(" "), own: fields.flatMap(({ own }) => own) };
    },
    variables: selection.variables,
    operation,
    batchSize: sought.length,
    deliver(data, errors, at) {
      const found = lookUp.isMany
        ? manyFound(plan, sought, { list: data[aliasOf(at, 0)], errors: errorsAt(errors, aliasOf(at, 0), data) })
        : sought.map((_, n) => {
            const alias = aliasOf(at, n);
            return { value: data[alias], errors: errorsAt(errors, alias, data) };
          });
      sought.forEach(({ resolve, reject }, n) => {
        const { value, errors: own } = found[n] ?? { value: null, errors: undefined };
        if (value !== null && value !== undefined) resolve(remoteObject(value as JsonObject, selection, own));
        else if (own === undefined) resolve(null);
        else reject(lostBy(own));
      });
    },
    fail(error) {
      for (const { reject } of sought) reject(error);
    },
  };
}

function lookUpField({ lookUp, selection }: FetchPlan, alias: string, keys: readonly JsonObject[]) {
  const given = keys.map((key) => ({ key, whole: lookUp.whole(key) }));
  const own: OwnVariable[] = lookUp.arguments.map(({ name, template, type }) => ({
    name: `${alias}_${name}`,
    type,
    value: fillIn(template, given),
  }));
  const args = lookUp.arguments.map(({ name }) => `${name}: $${alias}_${name}`).join(", ");
  return { text: `${alias}: ${lookUp.field}(${args}) ${selection.text}`, own };
}

/** Each key's own item: in the order of the keys, or wherever an item shows the key. */
function manyFound(
  { selection }: FetchPlan,
  sought: readonly Sought[],
  { list, errors }: { readonly list: unknown; readonly errors: ErrorNode | undefined },
): readonly Answered[] {
  if (!Array.isArray(list)) return sought.map(() => ({ value: null, errors }));
  const answered = list.map((value, at) => ({ value, errors: errors?.children?.get(at) }));
  const keys = selection.only?.keys ?? [];
  if (keys.length === 0) return answered;
  const shown = list.map((item) => (item === null ? undefined : keyText(shownKey(item as JsonObject, keys))));
  const wanted = sought.map(({ text }) => text);
  if (shown.length === wanted.length && shown.every((one, at) => one === undefined || one === wanted[at]))
    return answered;
  const byKey = new Map(shown.map((one, at) => [one, answered[at]]));
  return wanted.map((one) => byKey.get(one) ?? { value: null, errors: undefined });
}
