/** graphql-tools' executor of one subgraph, on a `Remote`: prints what was delegated, asks on behalf of the caller, copies the answer. */
import type { getStitchedSchemaFromSupergraphSdl } from "@graphql-tools/federation";
import { type GraphQLError, print } from "graphql";
import type { Json } from "../../../base/json.ts";
import type { Remote, RemoteCaller, RemoteRequest, RemoteResult } from "../remote/remote.ts";
import { publicError, type Source, unavailable } from "../run/failures.ts";

type SupergraphOptions = Parameters<typeof getStitchedSchemaFromSupergraphSdl>[0];
export type SubgraphExecutor = Parameters<NonNullable<SupergraphOptions["onSubschemaConfig"]>>[0]["executor"];
type ExecutionRequest = Parameters<SubgraphExecutor>[0];

export interface SubgraphExecutorOptions {
  readonly remote: Remote;
  readonly callerOf: (context: unknown) => RemoteCaller;
  /** What clients get of the subgraph's own errors. */
  readonly errors: Source["errors"];
  /** Hears of each request that the subgraph did not answer. */
  readonly onUnavailable: (subgraph: string, error: unknown) => void;
}

/** What graphql-tools takes from an executor. */
interface SubgraphResult {
  readonly data?: Json | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
}

export function createSubgraphExecutor(options: SubgraphExecutorOptions): SubgraphExecutor {
  const { remote, callerOf, onUnavailable } = options;
  const source: Source = { name: remote.name, errors: options.errors };
  /**
   * graphql-tools writes into what it is given: symbols that say where an object came from, and merged fields. What a remote answers may
   * be shared with others, so each operation gets a copy.
   */
  const owned = ({ data, errors }: RemoteResult): SubgraphResult => ({
    ...(data !== undefined && { data: copied(data) }),
    ...(errors !== undefined &&
      errors.length > 0 && { errors: errors.map((error) => publicError(error, source, error.path)) }),
  });

  const executor = async (request: ExecutionRequest) => {
    const caller = callerOf(request.context);
    const asked = requestOf(request);
    if (asked.kind === "subscription") return owning(remote.subscribe(asked, caller), owned);
    try {
      return owned(await remote.execute(asked, caller));
    } catch (error) {
      onUnavailable(remote.name, error);
      return { data: null, errors: [unavailable(source, error)] };
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
