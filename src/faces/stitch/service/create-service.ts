/** A service, from its configuration and its schema. */
import type { GraphQLSchema } from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import type { RemoteOptions } from "../options.ts";
import type { Remote } from "../remote/remote.ts";
import { federationLookUps, untoldFields } from "./federation-look-ups.ts";
import { type LookUp, readLookUp } from "./look-up.ts";
import { createNames } from "./names.ts";
import type { Service } from "./service.ts";
import { stitchingLookUps } from "./stitching-look-ups.ts";

export interface ServiceParts {
  readonly options: RemoteOptions;
  readonly remote: Remote;
  readonly schema: GraphQLSchema;
  /** Is the schema that of a federation subgraph, as `_service` tells it? */
  readonly isSubgraph: boolean;
}

/** @throws ConfigurationError */
export function createService({ options, remote, schema, isSubgraph }: ServiceParts): Service {
  const { name, merge = {}, transforms = {}, maxBatchSize = 100, errors = "mask" } = options;
  const untold = isSubgraph ? [...untoldFields(schema)] : [];
  const names = createNames(schema, { ...transforms, exclude: [...(transforms.exclude ?? []), ...untold] });
  const scope = { service: name, schema, names };
  const told = isSubgraph ? federationLookUps(scope) : stitchingLookUps(scope);
  const lookUps = new Map<string, readonly LookUp[]>();
  for (const [typeName, found] of told) lookUps.set(names.type(typeName), found);
  for (const [typeName, given] of Object.entries(merge)) {
    const list = Array.isArray(given) ? given : [given];
    lookUps.set(
      names.type(typeName),
      list.map((one) => readLookUp(typeName, one, scope)),
    );
  }
  if (!Number.isInteger(maxBatchSize) || maxBatchSize < 1)
    throw new ConfigurationError(`stitch "${name}": maxBatchSize must be a whole number above 0.`);
  const hasSubscriptions = options.subscriptions !== undefined || options.schema !== undefined;
  return { name, remote, schema, names, lookUps, maxBatchSize, errors, hasSubscriptions };
}
