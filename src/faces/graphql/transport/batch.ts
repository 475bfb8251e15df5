/**
 * Several operations in one HTTP request: a JSON array of what is a request each, answered by an array in their order, as Apollo Server and
 * GraphQL Yoga do. Each has its own limits, errors and context. Where there is a mutation among them they run one behind the other, in their order.
 *
 * Off by default: a batch goes round whatever counts requests, and no client needs it that speaks HTTP/2.
 */
import type { ExecutionResult } from "graphql";
import { ConfigurationError, invalid, WeftError } from "../../../base/errors.ts";
import type { Found, GraphqlRequest, Operation } from "./engine.ts";
import { publicError } from "./errors.ts";
import { paramsOf } from "./params.ts";

export interface BatchingOptions {
  /** Operations in one request, at most. */
  readonly max: number;
}

/** @throws ConfigurationError */
export function checkBatching(options: BatchingOptions | false | undefined): BatchingOptions | undefined {
  if (!options) return undefined;
  if (!Number.isSafeInteger(options.max) || options.max < 1)
    throw new ConfigurationError("batching.max must be a whole number of operations, at least 1.");
  return options;
}

/** @throws LIMIT_EXCEEDED where there are too many, VALIDATION_FAILED where there is none */
export function checkBatch(items: readonly unknown[], batching: BatchingOptions | undefined): void {
  if (batching === undefined)
    throw new WeftError("LIMIT_EXCEEDED", { hint: "Requests are not taken in batches.", limit: "batch" });
  const { max } = batching;
  if (items.length > max)
    throw new WeftError("LIMIT_EXCEEDED", { hint: `At most ${max} requests are taken at once.`, limit: "batch", max });
  if (items.length === 0) throw invalid([], "The batch is empty");
}

export interface BatchParts {
  find(request: GraphqlRequest): Promise<Found>;
  run(operation: Operation): Promise<ExecutionResult>;
}

export async function runBatch(items: readonly unknown[], parts: BatchParts): Promise<readonly ExecutionResult[]> {
  const found = await Promise.all(items.map((item) => findItem(item, parts)));
  const run = async (operation: Found): Promise<ExecutionResult> =>
    "definition" in operation ? parts.run(operation) : { errors: operation };
  const isOrdered = found.some((one) => "definition" in one && one.definition.operation === "mutation");
  if (!isOrdered) return Promise.all(found.map(run));
  const results: ExecutionResult[] = [];
  for (const operation of found) results.push(await run(operation));
  return results;
}

async function findItem(item: unknown, { find }: BatchParts): Promise<Found> {
  try {
    return await find(paramsOf(item));
  } catch (error) {
    if (error instanceof WeftError) return [publicError(error)];
    throw error;
  }
}
