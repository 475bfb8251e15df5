import type { BinaryValue } from "../../../model/binary.ts";
import type { BlobLinks } from "../../../resource/blob-links.ts";
import type { Uploads } from "../../../resource/uploads.ts";
import type { GraphqlBuilder } from "../builder.ts";
import type { GraphqlContext } from "../context.ts";

/** What the fields of binary content are made with. */
export interface BinaryParts {
  readonly links: BlobLinks;
  readonly uploads: Uploads;
  /** Where clients reach the gateway, where that is not what they call it. */
  readonly publicUrl?: string | undefined;
}

export function addBinaryTypes(builder: GraphqlBuilder, binaries: BinaryParts) {
  const output = builder.objectRef<BinaryValue>("Binary").implement({
    description: "Binary content, kept apart from the data that refers to it.",
    fields: (t) => ({
      fileId: t.exposeID("fileId", { nullable: false }),
      size: t.expose("size", { type: "BigInt", nullable: false, description: "In bytes." }),
      contentType: t.exposeString("contentType", { nullable: false }),
      url: t.string({
        nullable: true,
        description: "Where it can be fetched by whoever has this URL, for an hour at least.",
        resolve: (value, _args, context) => absolute(binaries.links.to(value), binaries, context),
      }),
    }),
  });
  const bytes = builder.inputType("BinaryBytesInput", {
    fields: (t) => ({
      data: t.string({ required: true, description: "Base64 (RFC 4648 §4)." }),
      contentType: t.string({ description: "Media type. Default: application/octet-stream." }),
    }),
  });
  const input = builder.inputType("BinaryInput", {
    description:
      "Binary content: new bytes, a file of a multipart request, or the id of a file that the actor has uploaded or may read in some resource.",
    isOneOf: true,
    fields: (t) => ({ base64: t.field({ type: bytes }), file: t.field({ type: "Upload" }), fileId: t.id() }),
  });
  return { output, input };
}

/** A path of the gateway as a URL; as it is where nobody knows by which name the gateway is called. */
export function absolute(url: string, { publicUrl }: BinaryParts, { origin }: GraphqlContext): string {
  return url.startsWith("/") ? `${publicUrl ?? origin ?? ""}${url}` : url;
}
