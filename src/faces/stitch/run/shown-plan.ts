/** How an operation was spread over services, for who holds the key: request by request, in the order in which they were sent. */
import type { RemoteRequest } from "../remote/remote.ts";
import type { Service } from "../service/service.ts";

export interface PlannedRequest {
  readonly service: string;
  readonly kind: RemoteRequest["kind"];
  /** As it was sent; of variables their names only. */
  readonly query: string;
  readonly variables: readonly string[];
  readonly batchSize: number;
}

export function plannedRequest(
  { name }: Service,
  { kind, query, variables = {}, batchSize = 1 }: RemoteRequest,
): PlannedRequest {
  return { service: name, kind, query, variables: Object.keys(variables), batchSize };
}
