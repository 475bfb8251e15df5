/**
 * How long look-ups by key are kept. graphql-tools collects and keeps them by the object that resolvers get as their context, for as long as
 * that lives. Here each execution has an object of its own, and each root field of a mutation: what is read behind one write is
 * not what was read behind the one before.
 */
import type { GraphQLFieldResolver, GraphQLResolveInfo, GraphQLSchema } from "graphql";
import { isObjectType } from "graphql";
import type { RemoteCaller } from "../remote/remote.ts";

export interface LookUpContext {
  /** What the schema is executed with. */
  readonly given: unknown;
  /** Once it is known. */
  caller?: RemoteCaller;
}

/** Changes the resolvers of the schema, which nobody else uses yet; all they and the executors get as context is a `LookUpContext`. */
export function withLookUpContexts(schema: GraphQLSchema): GraphQLSchema {
  // graphql-js makes the object of coerced variables anew for each execution, and shows it to all of its resolvers.
  const executions = new WeakMap<object, Map<string, LookUpContext>>();
  const contextOf = (given: unknown, info: GraphQLResolveInfo): LookUpContext => {
    let contexts = executions.get(info.variableValues);
    if (contexts === undefined) {
      contexts = new Map();
      executions.set(info.variableValues, contexts);
    }
    const part = info.operation.operation === "mutation" ? rootKeyOf(info) : "";
    let context = contexts.get(part);
    if (context === undefined) {
      context = { given };
      contexts.set(part, context);
    }
    return context;
  };
  const inContext =
    (resolve: Resolver): Resolver =>
    (source, args, given, info) =>
      resolve(source, args, contextOf(given, info), info);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.resolve) field.resolve = inContext(field.resolve);
      if (field.subscribe) field.subscribe = inContext(field.subscribe);
    }
  }
  return schema;
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

function rootKeyOf({ path }: GraphQLResolveInfo): string {
  let at = path;
  while (at.prev) at = at.prev;
  return String(at.key);
}
