/** The parameters of a GraphQL request (GraphQL over HTTP §5), checked for their kinds. Unknown ones are ignored. */
import { invalid } from "../../../base/errors.ts";
import { isJsonObject } from "../../../base/json.ts";
import type { GraphqlRequest } from "./engine.ts";

/** @throws VALIDATION_FAILED */
export function paramsOf(value: unknown): GraphqlRequest {
  if (!isJsonObject(value)) throw invalid([], "The body must be a JSON object with a query");
  const { query, variables, operationName, extensions } = value;
  if (typeof query !== "string") throw invalid(["query"], "Must be a string");
  if (variables != null && !isJsonObject(variables)) throw invalid(["variables"], "Must be an object");
  if (operationName != null && typeof operationName !== "string") throw invalid(["operationName"], "Must be a string");
  if (extensions != null && !isJsonObject(extensions)) throw invalid(["extensions"], "Must be an object");
  return { query, variables: variables as GraphqlRequest["variables"], operationName };
}

/** @throws VALIDATION_FAILED */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid([], "The body is not JSON");
  }
}
