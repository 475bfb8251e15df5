import type { BinaryValue } from "../../../model/binary.ts";
import type { GraphqlBuilder } from "../builder.ts";

export function addBinaryTypes(builder: GraphqlBuilder) {
  const output = builder.objectRef<BinaryValue>("Binary").implement({
    description: "Binary content, kept apart from the data that refers to it.",
    fields: (t) => ({
      fileId: t.exposeID("fileId", { nullable: false }),
      size: t.expose("size", { type: "BigInt", nullable: false, description: "In bytes." }),
      contentType: t.exposeString("contentType", { nullable: false }),
    }),
  });
  const bytes = builder.inputType("BinaryBytesInput", {
    fields: (t) => ({
      data: t.string({ required: true, description: "Base64 (RFC 4648 §4)." }),
      contentType: t.string({ description: "Media type. Default: application/octet-stream." }),
    }),
  });
  const input = builder.inputType("BinaryInput", {
    description: "Binary content: new bytes, or a file that the resource holds already.",
    isOneOf: true,
    fields: (t) => ({ base64: t.field({ type: bytes }), fileId: t.id() }),
  });
  return { output, input };
}
