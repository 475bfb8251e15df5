/** A dotted path to a value inside a document, through objects only: `address.city`. Field names hold no dots. */
import { getOwn, isJsonObject } from "./json.ts";

export type FieldPath = string;

/** The value at the path; undefined where a segment is absent or leads through something that is no object. */
export function valueAt(document: unknown, path: FieldPath): unknown {
  let value = document;
  for (const segment of path.split(".")) {
    if (!isJsonObject(value)) return undefined;
    value = getOwn(value, segment);
  }
  return value;
}
