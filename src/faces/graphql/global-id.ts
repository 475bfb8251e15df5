/**
 * Global ids (https://relay.dev/graphql/objectidentification.htm): opaque to clients, base64 of a type's name and an id
 * of that type.
 */
import { invalid } from "../../base/errors.ts";

export interface GlobalId {
  readonly typename: string;
  readonly id: string;
}

export function encodeGlobalId(typename: string, id: string): string {
  return Buffer.from(`${typename}:${id}`).toString("base64");
}

/** @throws VALIDATION_FAILED for what this API has never given out */
export function decodeGlobalId(globalId: string): { typename: string; id: string } {
  const bytes = Buffer.from(globalId, "base64");
  const match = /^([_A-Za-z][_0-9A-Za-z]*):(.+)$/s.exec(bytes.toString());
  const [, typename, id] = match ?? [];
  // Node decodes leniently: only what comes back the same is an id.
  if (typename === undefined || id === undefined || bytes.toString("base64") !== globalId) {
    throw invalid(["id"], "Not a global id: take it from a field `id` as it is");
  }
  return { typename, id };
}
