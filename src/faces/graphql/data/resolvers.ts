/** Resolvers of data: plain reads of a document that is there already. */
import { getOwn, type JsonObject } from "../../../base/json.ts";
import { parseSlice, sliceList } from "../../../codec/slice.ts";

type Read = (document: JsonObject) => unknown;

/** Reads a field; a name such as `constructor`, that every object inherits, only where the document has it itself. */
export function propertyResolver(name: string): Read {
  return name in Object.prototype ? (document) => getOwn(document, name) : (document) => document[name];
}

/** A list, or what `slice` names of it. The document holds at least that, and holes in place of what nobody selected. */
export function listResolver(
  name: string,
): (document: JsonObject, args: { slice?: string | null | undefined }) => unknown {
  const read = propertyResolver(name);
  return (document, { slice }) => {
    const list = read(document);
    return typeof slice === "string" && Array.isArray(list) ? sliceList(list, parseSlice(slice)) : list;
  };
}
