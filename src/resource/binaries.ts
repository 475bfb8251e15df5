/**
 * `binary()` values on their way in: bytes go to the blob store, and what the document keeps is where they lie. A bare
 * `fileId` may only name a file that the same resource holds already: an id must not open other people's files.
 */
import { WeftError } from "../base/errors.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import type { OperationContext } from "./operation.ts";

const defaultContentType = "application/octet-stream";

/**
 * @param held gives the resource's present document; not called where no value is a bare `fileId`
 * @throws BLOB_NOT_FOUND
 */
export async function storeBinaries(
  { model, services }: OperationContext,
  document: JsonObject,
  held: () => Promise<JsonObject | null>,
): Promise<JsonObject> {
  if (!model.definition.hasBinaries) return document;
  const values: JsonObject[] = [];
  model.definition.mapBinaries(document, (value) => {
    values.push(value);
    return value;
  });
  let known: Map<string, JsonObject> | undefined;
  const stored: JsonObject[] = [];
  for (const value of values) {
    const bytes = value.base64;
    if (isJsonObject(bytes)) {
      stored.push(await storeBytes(services.blob, bytes));
    } else {
      known ??= filesOf(model.definition.mapBinaries, await held());
      const file = known.get(String(value.fileId));
      if (!file) throw new WeftError("BLOB_NOT_FOUND", { fileId: value.fileId });
      stored.push(file);
    }
  }
  let next = 0;
  return model.definition.mapBinaries(document, () => stored[next++] as JsonObject);
}

async function storeBytes(
  blob: OperationContext["services"]["blob"],
  input: Record<string, unknown>,
): Promise<JsonObject> {
  const bytes = Buffer.from(String(input.data), "base64");
  const contentType = typeof input.contentType === "string" ? input.contentType : defaultContentType;
  return { fileId: await blob.put(bytes), size: bytes.length, contentType };
}

function filesOf(
  mapBinaries: OperationContext["model"]["definition"]["mapBinaries"],
  document: JsonObject | null,
): Map<string, JsonObject> {
  const files = new Map<string, JsonObject>();
  if (document) {
    mapBinaries(document, (value) => {
      files.set(String(value.fileId), value);
      return value;
    });
  }
  return files;
}
