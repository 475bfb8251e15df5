/** The manager's methods for binary content. */
import { WeftError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { BinaryValue } from "../model/binary.ts";
import { findIn } from "./blob-access.ts";
import type { BlobLinks } from "./blob-links.ts";
import { dispositionOf } from "./download.ts";
import { execute } from "./execute.ts";
import type { BlobContent, BlobOptions, BlobUrlOptions } from "./manager.ts";
import type { OperationContext } from "./operation.ts";
import { get } from "./operations/get.ts";
import { shownDocument } from "./shown.ts";

/** How URLs of the gateway are made, where the store has none of its own. */
export interface BlobUrls {
  readonly links: BlobLinks;
  /** `https://example.org`, where it is known by now. */
  readonly origin: () => string | undefined;
}

export function blobMethods<In>(open: () => Promise<OperationContext>, urls: BlobUrls | undefined) {
  const find = async (resourceId: string, fileId: string, { revisionId }: BlobOptions) => {
    const context = await open();
    const isOwn = context.model.modelOf(resourceId) === context.model;
    const found = isOwn ? await findIn(context, fileId, { resourceId, revisionId }) : undefined;
    if (!found) throw new WeftError("BLOB_NOT_FOUND", { resourceId, fileId });
    return { found, blob: context.services.blob };
  };
  return {
    async getBlob(resourceId: string, fileId: string, options: BlobOptions = {}): Promise<BlobContent> {
      const { found, blob } = await find(resourceId, fileId, options);
      const bytes = await blob.get(fileId);
      if (!bytes) throw missing(found);
      return { ...found, bytes };
    },
    async getBlobUrl(resourceId: string, fileId: string, options: BlobUrlOptions = {}): Promise<string> {
      const { found, blob } = await find(resourceId, fileId, options);
      const { contentType } = found;
      const answer = { contentType, contentDisposition: dispositionOf(fileId, contentType), expiresSeconds: 3600 };
      if (blob.direct) return await blob.direct.downloadUrl(fileId, answer);
      if (!urls) throw new Error("the gateway makes no links");
      return `${urls.origin() ?? ""}${urls.links.to(found)}`;
    },
    async restoreBinary(resourceId: string, options: BlobOptions = {}): Promise<In> {
      const context = await open();
      const { model } = context;
      const { revisionId } = options;
      const snapshot = await execute(
        context,
        get,
        revisionId === undefined ? { resourceId } : { resourceId, revisionId },
      );
      const document = await shownDocument(context, snapshot);
      return model.definition.revive(await withBytes(context, document)) as In;
    },
  };
}

/** More than this belongs into a stream: base64 lies in memory as a whole. */
const maxRestoredBytes = 64 * 1024 * 1024;

async function withBytes({ model, services }: OperationContext, document: JsonObject): Promise<JsonObject> {
  const values: BinaryValue[] = [];
  model.definition.mapBinaries(document, (value) => {
    values.push(value as unknown as BinaryValue);
    return value;
  });
  if (values.reduce((sum, { size }) => sum + size, 0) > maxRestoredBytes) {
    const hint = `Its content is larger than ${maxRestoredBytes} bytes: read it by getBlob.`;
    throw new WeftError("LIMIT_EXCEEDED", { hint, limit: "maxRestoredBytes", max: maxRestoredBytes });
  }
  const inputs: JsonObject[] = [];
  for (const value of values) {
    const bytes = await services.blob.get(value.fileId);
    if (!bytes) throw missing(value);
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    inputs.push({ base64: { data: Buffer.concat(chunks).toString("base64"), contentType: value.contentType } });
  }
  let next = 0;
  return model.definition.mapBinaries(document, () => inputs[next++] ?? {});
}

function missing({ fileId }: BinaryValue): WeftError {
  return new WeftError("BLOB_NOT_FOUND", { fileId }, new Error(`blob ${fileId} is referred to and missing`));
}
