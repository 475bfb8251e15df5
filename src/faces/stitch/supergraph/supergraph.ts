/**
 * `supergraph`: an executable schema from an Apollo Federation 2 supergraph. Which subgraph resolves what, and by which keys, is
 * @graphql-tools/federation's to say; each request goes through a `Remote`, so that time limits, retries, the breaker and the
 * caller's headers are those of any other remote.
 *
 * `rootValue` must be absent when the schema is executed, or new: graphql-tools keeps look-ups by key with it, for everyone who shares it.
 */
import { getStitchedSchemaFromSupergraphSdl } from "@graphql-tools/federation";
import type { GraphQLSchema } from "graphql";
import { ConfigurationError, WeftError } from "../../../base/errors.ts";
import type { RemoteOptions } from "../options.ts";
import type { Remote, RemoteCaller } from "../remote/remote.ts";
import type { RemoteContext } from "../run/context.ts";
import { readJoinMap } from "./join-map.ts";
import { type LookUpContext, withLookUpContexts } from "./look-up-contexts.ts";
import { withCommonMembers } from "./partial-unions.ts";
import { withPlacedErrors } from "./placed-errors.ts";
import { createSubgraphExecutor, type SubgraphExecutor } from "./subgraph-executor.ts";
import { parseSupergraph } from "./subgraphs.ts";

export interface SupergraphOptions {
  /** What composition makes: with `join__Graph` and its directives. */
  readonly sdl: string;
  /** The remote of a subgraph, by its own name and the address that the SDL gives. Called once for each, at once. Whoever makes them closes them. */
  readonly remoteOf: (subgraph: string, url: string) => Remote;
  /** On whose behalf an operation is run, by what the schema is executed with. @default that itself, or what its `remoteCaller()` gives */
  readonly callerOf?: ((context: unknown) => RemoteCaller) | undefined;
  /** What clients get of a subgraph's own errors. @default "mask" */
  readonly errorsOf?: ((subgraph: string) => RemoteOptions["errors"]) | undefined;
  /** Hears of each request that a subgraph did not answer; must not throw. */
  readonly onUnavailable?: ((subgraph: string, error: unknown) => void) | undefined;
  /** Keys in one look-up, at most. @default 100 */
  readonly maxBatchSize?: number | undefined;
}

export interface Supergraph {
  readonly schema: GraphQLSchema;
  /** Addresses by the names of the subgraphs. */
  readonly urls: ReadonlyMap<string, string>;
}

/** @throws ConfigurationError where the SDL is no supergraph that can be served */
export function createSupergraph(options: SupergraphOptions): Supergraph {
  const { remoteOf, callerOf = givenCaller, maxBatchSize = 100 } = options;
  const { errorsOf, onUnavailable = () => undefined } = options;
  const { document, subgraphs } = parseSupergraph(options.sdl);
  const callerIn = (context: unknown) => {
    const of = context as LookUpContext;
    of.caller ??= callerOf(of.given);
    return of.caller;
  };
  const executors = new Map<string, SubgraphExecutor>();
  for (const { name, enumValue, url } of subgraphs) {
    const errors = errorsOf?.(name) ?? "mask";
    executors.set(
      enumValue,
      createSubgraphExecutor({ remote: remoteOf(name, url), callerOf: callerIn, errors, onUnavailable }),
    );
  }
  const schema = built(() =>
    getStitchedSchemaFromSupergraphSdl({
      supergraphSdl: document,
      batch: true,
      batchDelegateOptions: { maxBatchSize },
      onSubschemaConfig(subschema) {
        const executor = executors.get(subschema.name);
        if (executor === undefined)
          throw new ConfigurationError(
            `supergraph: a type names the subgraph ${subschema.name}, which join__Graph lacks.`,
          );
        subschema.executor = executor;
      },
    }),
  );
  withCommonMembers(schema, readJoinMap(document));
  return {
    schema: withLookUpContexts(withPlacedErrors(schema)),
    urls: new Map(subgraphs.map(({ name, url }) => [name, url])),
  };
}

function built(build: () => GraphQLSchema): GraphQLSchema {
  try {
    return build();
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const message = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    throw new ConfigurationError(`supergraph: no schema can be made of it: ${message}`, { cause: error });
  }
}

/** A remote in this process hands the caller itself to its schema; the gateway a context that knows who it is. */
function givenCaller(context: unknown): RemoteCaller {
  if (isObject(context) && "remoteCaller" in context) return (context as unknown as RemoteContext).remoteCaller();
  if (isObject(context) && "headers" in context) return context as unknown as RemoteCaller;
  throw new WeftError("INTERNAL", {}, new Error("The context has no caller of remotes."));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
