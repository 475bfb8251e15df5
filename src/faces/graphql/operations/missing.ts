import { WeftError } from "../../../base/errors.ts";

/** In GraphQL, looking for what is not there is no error. */
export function nullWhereMissing(error: unknown): null {
  if (error instanceof WeftError && (error.code === "RESOURCE_NOT_FOUND" || error.code === "RESOURCE_DELETED"))
    return null;
  throw error;
}
