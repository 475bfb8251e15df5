/** graphql-tools' executor of one subgraph, on a `Remote`: prints what was delegated, asks on behalf of the caller, copies the answer. */
import type { getStitchedSchemaFromSupergraphSdl } from "@graphql-tools/federation";
import { GraphQLError, print } from "graphql";
import { WeftError } from "../../../base/errors.ts";
import type { Json } from "../../../base/json.ts";
import type { Remote, RemoteCaller, RemoteError, RemoteRequest, RemoteResult } from "../remote/remote.ts";

type SupergraphOptions = Parameters<typeof getStitchedSchemaFromSupergraphSdl>[0];
export type SubgraphExecutor = Parameters<NonNullable<SupergraphOptions["onSubschemaConfig"]>>[0]["executor"];
type ExecutionRequest = Parameters<SubgraphExecutor>[0];

export interface SubgraphExecutorOptions {
  readonly remote: Remote;
  readonly callerOf: (context: unknown) => RemoteCaller;
  /** What a field of the supergraph gets for an error in a subgraph's answer. */
  readonly errorOf: (error: RemoteError, subgraph: string) => GraphQLError;
}

/** What graphql-tools takes from an executor. */
interface SubgraphResult {
  readonly data?: Json | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
}

export function createSubgraphExecutor({ remote, callerOf, errorOf }: SubgraphExecutorOptions): SubgraphExecutor {
  /**
   * graphql-tools writes into what it is given: symbols that say where an object came from, and merged fields. What a remote answers may
   * be shared with others, so each operation gets a copy.
   */
  const owned = ({ data, errors }: RemoteResult): SubgraphResult => ({
    ...(data !== undefined && { data: copied(data) }),
    ...(errors !== undefined && errors.length > 0 && { errors: errors.map((error) => errorOf(error, remote.name)) }),
  });

  const executor = async (request: ExecutionRequest) => {
    const caller = callerOf(request.context);
    const asked = requestOf(request);
    if (asked.kind === "subscription") return owning(remote.subscribe(asked, caller), owned);
    try {
      return owned(await remote.execute(asked, caller));
    } catch (error) {
      // Thrown, the errors of a batch of keys would come out without what they were made from.
      return { data: null, errors: [unavailable(error)] };
    }
  };
  return executor as SubgraphExecutor;
}

function requestOf({ document, variables, operationType }: ExecutionRequest): RemoteRequest {
  const definition = document.definitions.find((one) => one.kind === "OperationDefinition");
  const kind = operationType ?? definition?.operation ?? "query";
  const given = variables as Readonly<Record<string, unknown>> | undefined;
  return { kind, query: print(document), variables: given, batchSize: batchSizeOf(given) };
}

/** The most keys in one list; graphql-tools puts a prefix before `representations` where it joins several look-ups. */
function batchSizeOf(variables: Readonly<Record<string, unknown>> = {}): number {
  let most = 1;
  for (const name in variables) {
    const value = variables[name];
    if (name.endsWith("representations") && Array.isArray(value) && value.length > most) most = value.length;
  }
  return most;
}

/** No generator: one that waits for an event would hear of `return()` only behind it. */
function owning(
  events: AsyncIterableIterator<RemoteResult>,
  owned: (result: RemoteResult) => SubgraphResult,
): AsyncIterableIterator<SubgraphResult> {
  return {
    async next() {
      const { done, value } = await events.next();
      return done ? { done, value: undefined } : { done: false, value: owned(value) };
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Its code, and which subgraph it is, also for whoever sees the GraphQL error only as JSON. */
function unavailable(error: unknown): GraphQLError {
  if (!(error instanceof WeftError))
    return new GraphQLError("Internal error.", { originalError: error instanceof Error ? error : undefined });
  const extensions = { ...error.details, code: error.code };
  return new GraphQLError(error.message, { originalError: error, extensions });
}

function copied(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(copied);
  // A spread defines, also what is called __proto__; assigning to what is there by then is safe.
  const copy: Record<string, Json> = { ...value };
  for (const key in copy) {
    const inner = copy[key];
    if (typeof inner === "object" && inner !== null) copy[key] = copied(inner);
  }
  return copy;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
