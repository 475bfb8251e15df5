/**
 * A service: what the gateway knows of one remote schema. Names come in pairs everywhere: as the service calls a thing, and as the gateway
 * does once `transforms` have been applied.
 */
import type { GraphQLSchema } from "graphql";
import type { Remote } from "../remote/remote.ts";
import type { LookUp } from "./look-up.ts";
import type { Names } from "./names.ts";

export interface Service {
  readonly name: string;
  readonly remote: Remote;
  /** As the service prints it. */
  readonly schema: GraphQLSchema;
  readonly names: Names;
  /** "Type.field", as the service calls them: what its schema speaks of, but it cannot tell. */
  readonly untold: ReadonlySet<string>;
  /** By the gateway's names of types: how their objects are found here. */
  readonly lookUps: ReadonlyMap<string, readonly LookUp[]>;
  readonly maxBatchSize: number;
  /** What clients get of the service's own errors. */
  readonly errors: "mask" | "codes" | "forward";
  /** Does it take subscriptions? */
  readonly hasSubscriptions: boolean;
}
