/** The parameters of a GraphQL request (GraphQL over HTTP §5), checked for their kinds. Unknown ones are ignored. */
import { invalid } from "../../../base/errors.ts";
import { isJsonObject } from "../../../base/json.ts";
import type { GraphqlRequest } from "./engine.ts";

/** @throws VALIDATION_FAILED */
export function paramsOf(value: unknown): GraphqlRequest {
  if (!isJsonObject(value)) throw invalid([], "The body must be a JSON object with a query");
  const { variables, operationName, extensions, documentId } = value;
  const names = documentId != null || extensions != null ? idsOf(documentId, extensions) : undefined;
  const query = value.query ?? (names ? "" : undefined);
  if (typeof query !== "string") throw invalid(["query"], "Must be a string");
  if (variables != null && !isJsonObject(variables)) throw invalid(["variables"], "Must be an object");
  if (operationName != null && typeof operationName !== "string") throw invalid(["operationName"], "Must be a string");
  if (extensions != null && !isJsonObject(extensions)) throw invalid(["extensions"], "Must be an object");
  const request = { query, variables: variables as GraphqlRequest["variables"], operationName };
  return names ? { ...request, ...names } : request;
}

/** The parameters as they were sent, those that are ignored apart. */
export function bodyOf({ sha256Hash, ...params }: GraphqlRequest): object {
  if (sha256Hash === undefined) return params;
  return { ...params, extensions: { persistedQuery: { version: 1, sha256Hash } } };
}

type Ids = Pick<GraphqlRequest, "documentId" | "sha256Hash">;

/** By which a request names its operation, if it does. */
function idsOf(documentId: unknown, extensions: unknown): Ids | undefined {
  if (documentId != null && typeof documentId !== "string") throw invalid(["documentId"], "Must be a string");
  const persisted = isJsonObject(extensions) ? extensions.persistedQuery : undefined;
  if (persisted == null) return documentId == null ? undefined : { documentId };
  const path = ["extensions", "persistedQuery"];
  if (!isJsonObject(persisted) || typeof persisted.sha256Hash !== "string")
    throw invalid([...path, "sha256Hash"], "Must be a string");
  if (persisted.version != null && persisted.version !== 1) throw invalid([...path, "version"], "Must be 1");
  return { sha256Hash: persisted.sha256Hash, ...(documentId != null && { documentId }) };
}

/** @throws VALIDATION_FAILED */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid([], "The body is not JSON");
  }
}
