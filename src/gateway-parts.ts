/** What a gateway is made of, as its own parts know it. */

import type { Logger } from "pino";
import type { Environment } from "./environment.ts";
import type { GraphqlFace } from "./faces/graphql/face.ts";
import type { BinaryParts } from "./faces/graphql/fixed/binary-types.ts";
import type { Permissions } from "./features/permissions/permissions.ts";
import type { Metrics } from "./metrics.ts";
import type { GatewayOptions } from "./options.ts";
import type { Registry } from "./resource/registry.ts";
import type { OpenStores } from "./stores.ts";

/** What its parts are made with. */
export interface GatewayParts {
  readonly options: GatewayOptions;
  readonly environment: Environment;
  readonly log: Logger;
  readonly stores: OpenStores;
  readonly face: GraphqlFace;
  readonly registry: Registry;
  readonly binaries: BinaryParts;
  readonly permissions: Permissions;
  /** Where Prometheus may read. */
  readonly metrics: Metrics | undefined;
}

export function defaultUserOf(option: GatewayOptions["defaultUser"]): () => string | null {
  if (typeof option === "function") return option;
  const user = option === undefined ? "anonymous" : option;
  return () => user;
}
