/**
 * Errors of the supergraph: at exact paths, and what cannot be planned told apart from what has failed. graphql-tools gives an error the path of the place from which it delegated, which is not where
 * it comes out when keys of many objects were looked up at once: list indexes are lost. graphql-js keeps any path that an error has, so a
 * path that does not lie at or under the field which fails is taken away, and graphql-js sets the right one.
 *
 * graphql-tools plans while it runs. What its planner cannot do is a fault of the document, which it marks as critical: its own executor
 * answers that with no data at all, and so does weft's transport for GRAPHQL_VALIDATION_FAILED, wherever it comes up.
 */
import {
  defaultFieldResolver,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
  type ResponsePath,
} from "graphql";
import { WeftError } from "../../../base/errors.ts";

/** `CRITICAL_ERROR` of @graphql-tools/executor, which is no dependency of ours by itself. */
const criticalExtension = "CRITICAL_ERROR";

/** Changes the resolvers of the schema, which nobody else uses yet. */
export function withPlacedErrors(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) field.resolve = exact(field.resolve ?? defaultFieldResolver);
  }
  return schema;
}

function exact(resolve: GraphQLFieldResolver<unknown, unknown>): GraphQLFieldResolver<unknown, unknown> {
  return (source, args, context, info) => {
    const { path } = info;
    try {
      return placed(resolve(source, args, context, info), path);
    } catch (error) {
      throw relocated(error, path);
    }
  };
}

/** A value, or a promise of one, whose errors are relocated; lists are looked through, because each item fails by itself. */
function placed(value: unknown, path: ResponsePath): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return relocated(value, path);
  if (isPromise(value))
    return value.then(
      (resolved) => placed(resolved, path),
      (error) => {
        throw relocated(error, path);
      },
    );
  if (!Array.isArray(value)) return value;
  return value.map((item, index) =>
    typeof item === "object" && item !== null ? placed(item, { prev: path, key: index, typename: undefined }) : item,
  );
}

function relocated(error: unknown, path: ResponsePath): unknown {
  if (error instanceof AggregateError) {
    const errors = error.errors.map((one) => relocated(one, path));
    // graphql-js takes extensions from the error that it wraps, and one that is read as JSON only shows no more than these.
    const first = errors.find((one): one is GraphQLError => one instanceof GraphQLError);
    return Object.assign(new AggregateError(errors, error.message), { extensions: first?.extensions });
  }
  if (!(error instanceof GraphQLError)) return error;
  if (error.extensions[criticalExtension] === true) return unplannable(error);
  if (error.path === undefined || isUnder(error.path, path)) return error;
  const { message, extensions } = error;
  return new GraphQLError(message, { originalError: error.originalError ?? null, extensions });
}

function unplannable(error: GraphQLError): GraphQLError {
  const hint = "No subgraph answers this selection, nor can it be put together from several.";
  const refusal = new WeftError("GRAPHQL_VALIDATION_FAILED", { hint }, error);
  return new GraphQLError(refusal.message, { originalError: refusal, extensions: { code: refusal.code } });
}

function isUnder(errorPath: readonly (string | number)[], path: ResponsePath): boolean {
  let length = 0;
  for (let at: ResponsePath | undefined = path; at; at = at.prev) length += 1;
  if (errorPath.length < length) return false;
  for (let at: ResponsePath | undefined = path; at; at = at.prev) {
    length -= 1;
    if (errorPath[length] !== at.key) return false;
  }
  return true;
}

function isPromise(value: object): value is Promise<unknown> {
  return "then" in value && typeof value.then === "function";
}
