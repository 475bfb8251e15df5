/** A service, from its configuration and its schema. */
import { type GraphQLSchema, isObjectType } from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import type { RemoteOptions } from "../options.ts";
import type { Remote } from "../remote/remote.ts";
import { federationLookUps, hiddenFields, untoldFields } from "./federation-look-ups.ts";
import { type LookUp, readLookUps } from "./look-up.ts";
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
  const untold = new Set(isSubgraph ? untoldFields(schema) : []);
  const hidden = isSubgraph ? hiddenFields(schema) : [];
  const names = createNames(schema, { ...transforms, exclude: [...(transforms.exclude ?? []), ...untold, ...hidden] });
  const scope = { service: name, schema, names };
  const told = isSubgraph ? federationLookUps(scope) : stitchingLookUps(scope);
  const lookUps = new Map<string, readonly LookUp[]>();
  for (const [typeName, found] of told) lookUps.set(names.type(typeName), found);
  // What is said of an interface holds for the types behind it of which nothing is said.
  const isOfObjects = ([typeName]: readonly [string, unknown]) => Number(isObjectType(schema.getType(typeName)));
  for (const [typeName, given] of Object.entries(merge).sort((a, b) => isOfObjects(a) - isOfObjects(b))) {
    const found = [given].flat().flatMap((one) => readLookUps(typeName, one, scope));
    for (const [name] of found) lookUps.delete(names.type(name));
    for (const [name, lookUp] of found)
      lookUps.set(names.type(name), [...(lookUps.get(names.type(name)) ?? []), lookUp]);
  }
  if (!Number.isInteger(maxBatchSize) || maxBatchSize < 1)
    throw new ConfigurationError(`stitch "${name}": maxBatchSize must be a whole number above 0.`);
  const hasSubscriptions = options.subscriptions !== undefined || options.schema !== undefined;
  return { name, remote, schema, names, untold, lookUps, maxBatchSize, errors, hasSubscriptions };
}
