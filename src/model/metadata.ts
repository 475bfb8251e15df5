/** What `.meta()` and `.describe()` say of a schema. */
import { z } from "zod";
import type { AnySchema } from "./unwrap.ts";

export interface Metadata {
  readonly id: string | undefined;
  readonly description: string | undefined;
  readonly deprecationReason: string | undefined;
  /** `.meta({ graphql: "JSON" })`: taken as free-form JSON, whatever it is. */
  readonly isJson: boolean;
  /** Another value of `graphql`, as text. */
  readonly unknownMark: string | undefined;
}

/** GraphQL's own default reason (§3.13.3). */
const defaultReason = "No longer supported";

/** Reads wrappers from the outermost inwards; for each key the first that has it counts, since wrappers inherit nothing in Zod. */
export function metadataOf(layers: readonly AnySchema[]): Metadata {
  const first: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [key, value] of Object.entries(z.globalRegistry.get(layer) ?? {})) {
      if (value !== undefined && !Object.hasOwn(first, key)) first[key] = value;
    }
  }
  const { id, description, deprecated, graphql } = first;
  return {
    id: typeof id === "string" ? id : undefined,
    description: typeof description === "string" ? description : undefined,
    deprecationReason: typeof deprecated === "string" ? deprecated : deprecated === true ? defaultReason : undefined,
    isJson: graphql === "JSON",
    unknownMark: graphql === undefined || graphql === "JSON" ? undefined : String(JSON.stringify(graphql)),
  };
}
