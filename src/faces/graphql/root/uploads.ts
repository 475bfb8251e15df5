/** `prepareUpload` and `completeUpload`: uploads that go past GraphQL, by a PUT. */
import type { PreparedUpload } from "../../../resource/uploads.ts";
import { absolute, type BinaryParts } from "../fixed/binary-types.ts";
import type { FaceParts } from "../model-parts.ts";

export function addUploadFields({ builder, fixed, services }: FaceParts, binaries: BinaryParts): void {
  const { uploads } = binaries;
  const prepared = builder.objectRef<PreparedUpload>("PreparedUpload").implement({
    description: "A request that brings the bytes: to be sent as it stands here, with the bytes as its body.",
    fields: (t) => ({
      uploadId: t.exposeID("uploadId", { nullable: false }),
      url: t.string({ nullable: false, resolve: ({ url }, _args, context) => absolute(url, binaries, context) }),
      method: t.exposeString("method", { nullable: false }),
      headers: t.field({
        type: "JSON",
        nullable: false,
        description: "Names and values.",
        resolve: ({ headers }) => headers,
      }),
      expires: t.expose("expires", { type: "DateTime", nullable: false }),
    }),
  });
  builder.mutationField("prepareUpload", (t) =>
    t.field({
      type: prepared,
      nullable: true,
      description: "Announces bytes, and says where to bring them.",
      args: {
        contentType: t.arg.string({ required: true, description: "Media type." }),
        size: t.arg({ type: "BigInt", required: true, description: "In bytes." }),
        sha256: t.arg.string({ required: true, description: "Of the bytes: 64 hexadecimal digits." }),
      },
      resolve: (_root, { contentType, size, sha256 }, { session }) =>
        uploads.prepare({ services: services(), session }, { contentType, size: Number(size), sha256 }),
    }),
  );
  builder.mutationField("completeUpload", (t) =>
    t.field({
      type: fixed.binary.output,
      nullable: true,
      description: "Checks what was brought. The actor may then refer to it by its fileId.",
      args: { uploadId: t.arg.id({ required: true }) },
      resolve: (_root, { uploadId }, { session }) =>
        uploads.complete({ services: services(), session }, String(uploadId)),
    }),
  );
}
