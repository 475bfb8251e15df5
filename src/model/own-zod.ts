/** Tells schemas of the copy of Zod that weft runs on from those of another. */
import { z } from "zod";
import type { AnySchema } from "./unwrap.ts";

export const foreignSchema =
  "it is no schema of the copy of Zod that weft runs on (zod/mini is another); take z from weft";

// `instanceof` in Zod 4 asks for a name only, which every copy has: identity of the constructor tells copies apart.
const ownConstructors = new Set<unknown>(Object.values(z).filter((value) => typeof value === "function"));

export function isOwnSchema(schema: unknown): schema is AnySchema {
  if (typeof schema !== "object" || schema === null || !("_zod" in schema)) return false;
  return ownConstructors.has((schema as AnySchema)._zod.constr);
}
