/** What fields of services do when graphql-js asks them. */
import { defaultTypeResolver, GraphQLError, type GraphQLResolveInfo, responsePathAsArray } from "graphql";
import type { Json, JsonObject } from "../../../base/json.ts";
import type { Composition, LocalLookUp, MergedType, Resolve, Resolvers } from "../compose/composition.ts";
import type { FetchPlan, FieldPlan, KeySource } from "../plan/plan.ts";
import { createPlanner, type Planner } from "../plan/planner.ts";
import type { RemoteResult } from "../remote/remote.ts";
import type { KeyField, LookUp } from "../service/look-up.ts";
import type { Service } from "../service/service.ts";
import { type Call, type CallOptions, createCall } from "./call.ts";
import { operationScopes, type RemoteContext } from "./context.ts";
import { lostAt, lostBy } from "./failures.ts";
import { readLocalKey, readLocalPart } from "./local-key.ts";
import { isRemoteObject, keyValue, type RemoteObject } from "./remote-object.ts";
import { answeredIn, type OperationScope, requestOf, rootPart } from "./request.ts";
import { read } from "./values.ts";

export interface ResolversOptions extends Pick<CallOptions, "onUnavailable"> {
  /** Known once it is composed, of these very resolvers. */
  readonly composition: () => Composition;
}

export interface RemoteResolvers extends Resolvers {
  /** An object of a service by its key: what links do. `key` as the service calls its parts. */
  find(target: Target, key: JsonObject, at: At): Promise<RemoteObject | Error | null>;
  /** What a field of the gateway's own, on a service's object, asked for (`AddedField.needs`). */
  keyOf(source: unknown, at: At): Promise<JsonObject | undefined>;
}

export interface Target {
  readonly service: Service;
  readonly typeName: string;
  readonly lookUp: LookUp;
}

/** Where a resolver is. */
export interface At {
  readonly context: RemoteContext;
  readonly info: GraphQLResolveInfo;
}

export function createResolvers({ composition, onUnavailable }: ResolversOptions): RemoteResolvers {
  let made: { planner: Planner; scopeOf: (info: GraphQLResolveInfo) => OperationScope } | undefined;
  const parts = () =>
    (made ??= { planner: createPlanner(composition()), scopeOf: operationScopes(composition().schema) });

  const callOf = (context: RemoteContext): Call =>
    (context.remoteCall ??= createCall({ caller: context.remoteCaller(), onUnavailable, plan: context.remotePlan }));

  const find = (plan: FetchPlan, key: JsonObject, { context, info }: At) =>
    callOf(context).find(plan, key, parts().scopeOf(info));

  const fetched = (source: RemoteObject, index: number, at: At): Promise<RemoteObject | null> => {
    source.fetched ??= [];
    const known = source.fetched[index];
    if (known !== undefined) return known;
    const plan = source.plan.fetches[index];
    if (plan === undefined) throw new Error("A plan has the fetches that its fields name.");
    const found = keyFrom(source, plan.key, at).then((key) => (key === undefined ? null : find(plan, key, at)));
    source.fetched[index] = found;
    return found;
  };

  /** Undefined where a part of the key is missing: nothing can be found by it. */
  const keyFrom = async (
    source: RemoteObject,
    sources: readonly KeySource[],
    at: At,
    nameOf: (key: KeyField) => string = ({ remoteName }) => remoteName,
  ): Promise<JsonObject | undefined> => {
    const key: Record<string, Json> = {};
    const later = sources.some(({ fetch }) => fetch >= 0);
    const places = later
      ? await Promise.all(sources.map(({ fetch }) => (fetch < 0 ? source : fetched(source, fetch, at))))
      : undefined;
    for (const [n, { responseKey, key: field, isNullable }] of sources.entries()) {
      const place = places === undefined ? source : places[n];
      const raw = place?.data[responseKey];
      const errors = place?.errors?.children?.get(responseKey);
      if (raw == null && errors !== undefined) throw lostBy(errors);
      const value = keyValue(raw, field, isNullable);
      if (value === undefined) return undefined;
      key[nameOf(field)] = value as Json;
    }
    return key;
  };

  const field: Resolve = (source, _args, context, info) => {
    const at = { context: context as RemoteContext, info };
    if (!isRemoteObject(source)) return ofLocal(source, at);
    const { key } = info.path;
    const plan = source.plan.fields.get(key as string);
    if (plan === undefined) throw unreachable(source, info);
    if (plan.fetch < 0) return readField(source, plan, info);
    return fetched(source, plan.fetch, at).then(
      (object) =>
        object === null ? nothing(source.plan.fetches[plan.fetch]?.service, info) : readField(object, plan, info),
      (error) => {
        throw lostAt(error, responsePathAsArray(info.path));
      },
    );
  };

  /** A field of a service on an object of the gateway's own. */
  const ofLocal = async (source: unknown, at: At): Promise<unknown> => {
    const { info } = at;
    const type = composition().types.get(info.parentType.name);
    for (const { service, lookUp, needs } of type ? reaching(type, info) : []) {
      const key = await readLocalKey(source, lookUp.key, at);
      if (key === undefined) continue;
      for (const need of needs) key[need.remoteName] = ((await readLocalPart(source, need, at)) ?? null) as Json;
      const plan = parts().planner.fieldOf(lookUp, service, info);
      const object = await find(plan, key, at).catch((error) => {
        throw lostAt(error, responsePathAsArray(info.path));
      });
      return object === null ? nothing(service, info) : field(object, {}, at.context, info);
    }
    return null;
  };

  const root: Resolvers["root"] = (service) => ({
    async resolve(event, _args, context, info) {
      const at = { context: context as RemoteContext, info };
      const { plan, text, variables } = parts().planner.root(service, info);
      const { key, below } = plan.fields.get(info.path.key as string) ?? { key: "", below: undefined };
      const kind = info.operation.operation;
      const operation = parts().scopeOf(info);
      const answered =
        kind === "subscription"
          ? answeredIn(event as RemoteResult, key, service)
          : await callOf(at.context).root(service, { kind, key, text, variables, operation });
      return read(info.returnType, { ...answered, below, service, path: pathOf(info) });
    },
    async subscribe(_root, _args, context, info) {
      const kind = "subscription" as const;
      const { text, variables } = parts().planner.root(service, info);
      const caller = (context as RemoteContext).remoteCaller();
      const field = { kind, key: "", text, variables, operation: parts().scopeOf(info) };
      return service.remote.subscribe(requestOf(service, kind, [rootPart(field, ignore, ignore)]), caller);
    },
  });

  const either = (local: Resolve, localLookUp: LocalLookUp | undefined): Resolve => {
    const found = new WeakMap<RemoteObject, Promise<unknown>>();
    return (source, args, context, info) => {
      if (!isRemoteObject(source)) return local(source, args, context, info);
      if (source.plan.fields.has(info.path.key as string)) return field(source, args, context, info);
      const sources = source.plan.needs.get(info.fieldName);
      if (localLookUp === undefined || sources === undefined) throw unreachable(source, info);
      const at = { context: context as RemoteContext, info };
      let own = found.get(source);
      if (own === undefined) {
        own = keyFrom(source, sources, at, ({ name }) => name).then((key) =>
          key ? localLookUp.find(key, context) : null,
        );
        found.set(source, own);
      }
      return own.then((parent) => (parent === null ? null : local(parent, args, context, info)));
    };
  };

  return {
    root,
    field,
    either,
    typeOf: (local) => (value, context, info, type) =>
      isRemoteObject(value) ? value.plan.typeName : (local ?? defaultTypeResolver)(value, context, info, type),
    async find({ service, typeName, lookUp }, key, at) {
      const plan = parts().planner.object(lookUp, { service, typeName }, at.info);
      return find(plan, key, at).catch((error) => {
        throw lostAt(error, responsePathAsArray(at.info.path));
      });
    },
    keyOf(source, at) {
      if (!isRemoteObject(source)) return Promise.resolve(undefined);
      const sources = source.plan.needs.get(at.info.fieldName);
      if (sources === undefined) throw unreachable(source, at.info);
      return keyFrom(source, sources, at, ({ name }) => name);
    },
  };
}

const ignore = () => {};

function readField(object: RemoteObject, { key, below }: FieldPlan, info: GraphQLResolveInfo): unknown {
  const { service } = object.plan;
  const errors = object.errors?.children?.get(key);
  return read(info.returnType, { value: object.data[key], errors, below, service, path: pathOf(info) });
}

const pathOf = (info: GraphQLResolveInfo) => () => responsePathAsArray(info.path);

function unreachable({ plan }: RemoteObject, { parentType, fieldName }: GraphQLResolveInfo): GraphQLError {
  const { name } = plan.service;
  return new GraphQLError(`${parentType.name}.${fieldName} cannot be found from what the service "${name}" answers.`, {
    extensions: { code: "UPSTREAM_UNAVAILABLE", service: name },
  });
}

/** Nothing where an object was to be found. */
function nothing(service: Service | undefined, info: GraphQLResolveInfo): unknown {
  if (service === undefined) return null;
  return read(info.returnType, { value: null, errors: undefined, below: undefined, service, path: pathOf(info) });
}

interface Reaching {
  readonly service: Service;
  readonly lookUp: LookUp;
  /** What else is handed over. */
  readonly needs: readonly KeyField[];
}

/** Ways from an object of the gateway's own to a field of a service. */
function reaching({ services }: MergedType, { fieldName, fieldNodes }: GraphQLResolveInfo): readonly Reaching[] {
  const args = (fieldNodes[0]?.arguments ?? []).map(({ name }) => name.value);
  return [...services].flatMap(([service, { fields, lookUps }]) => {
    const field = fields.get(fieldName);
    if (field === undefined || !args.every((arg) => field.args.some(({ name }) => name === arg))) return [];
    const isComputed = lookUps.some(({ computed }) => computed.has(fieldName));
    return lookUps
      .filter(({ computed }) => !isComputed || computed.has(fieldName))
      .map((lookUp) => ({ service, lookUp, needs: lookUp.computed.get(fieldName) ?? [] }));
  });
}
