/**
 * Uploads that go past GraphQL: prepared with hash and size, brought by one PUT, to the store itself where it takes that and
 * else to the gateway, then completed. Between the steps nothing is kept: the upload's id is a signed ticket.
 *
 * Who completes one may use the blob. The bytes must have been brought under this very ticket: knowing the hash of somebody's
 * bytes is not having them.
 */
import { createHash } from "node:crypto";
import { invalid, WeftError } from "../base/errors.ts";
import { uuidv7 } from "../base/ids.ts";
import type { Signer } from "../base/signature.ts";
import { type BinaryValue, isMediaType } from "../model/binary.ts";
import { actorId } from "./actor.ts";
import { bringerOf, headOf } from "./blob-access.ts";
import { atMost } from "./limited-source.ts";
import { mediaTypeOf } from "./media-type.ts";
import type { OperationContext } from "./operation.ts";
import type { Services } from "./services.ts";

export const uploadsPath = "/uploads/";

export interface UploadWish {
  readonly contentType: string;
  /** In bytes. */
  readonly size: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

export interface PreparedUpload {
  readonly uploadId: string;
  /** Absolute, or a path of the gateway's. */
  readonly url: string;
  readonly method: "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly expires: Date;
}

export interface Uploads {
  /** @throws UNAUTHENTICATED, VALIDATION_FAILED, PAYLOAD_TOO_LARGE */
  prepare(context: UploadContext, wish: UploadWish): Promise<PreparedUpload>;
  /** What a PUT brings to the gateway. @throws BLOB_NOT_FOUND for what is no ticket; VALIDATION_FAILED, PAYLOAD_TOO_LARGE for other bytes, which are not kept */
  receive(services: Services, uploadId: string, source: AsyncIterable<Uint8Array>): Promise<void>;
  /** May be called again. @throws BLOB_NOT_FOUND where it is not the actor's, is over, or nothing has come yet; UNAUTHENTICATED */
  complete(context: UploadContext, uploadId: string): Promise<BinaryValue>;
}

type UploadContext = Pick<OperationContext, "services" | "session">;

export interface UploadOptions {
  readonly signer: Signer;
  readonly maxBytes: number;
  /** How long a ticket is good, for the PUT as for completing. */
  readonly expiresSeconds: number;
}

interface Ticket extends UploadWish {
  readonly actor: string;
  readonly expires: number;
  /** Names this upload in the store. */
  readonly name: string;
}

export function createUploads({ signer, maxBytes, expiresSeconds }: UploadOptions): Uploads {
  const ticketOf = (uploadId: string): Ticket => {
    const [body = "", signature = ""] = uploadId.split(".");
    if (!signer.isSigned(`upload ${body}`, signature)) throw new WeftError("BLOB_NOT_FOUND", { uploadId });
    const ticket = JSON.parse(Buffer.from(body, "base64url").toString()) as Ticket;
    if (ticket.expires <= Date.now()) throw new WeftError("BLOB_NOT_FOUND", { hint: "The upload is over.", uploadId });
    return ticket;
  };

  return {
    async prepare({ services, session }, { contentType, size, sha256 }) {
      const actor = actorId(session.actor);
      if (actor === null) throw new WeftError("UNAUTHENTICATED");
      const blobId = sha256.toLowerCase();
      checkWish({ contentType, size, sha256: blobId }, maxBytes);
      const expires = Date.now() + expiresSeconds * 1000;
      const ticket: Ticket = { contentType, size, sha256: blobId, actor, expires, name: uuidv7() };
      const body = Buffer.from(JSON.stringify(ticket)).toString("base64url");
      const uploadId = `${body}.${signer.sign(`upload ${body}`)}`;
      const request = (await services.blob.direct?.upload({
        uploadId: ticket.name,
        blob: { blobId, size },
        contentType,
        expiresSeconds,
      })) ?? { url: `${uploadsPath}${uploadId}`, method: "PUT" as const, headers: { "content-type": contentType } };
      return { uploadId, ...request, expires: new Date(expires) };
    },

    async receive(services, uploadId, source) {
      const ticket = ticketOf(uploadId);
      const { blobId } = await services.blob.put(exactly(source, ticket));
      await services.blob.holders.add(blobId, `upload/${ticket.name}`, ticket.contentType);
    },

    async complete({ services, session }, uploadId) {
      const actor = actorId(session.actor);
      const bringer = bringerOf(session.actor);
      if (actor === null || bringer === undefined) throw new WeftError("UNAUTHENTICATED");
      const ticket = ticketOf(uploadId);
      const { sha256: blobId, size, contentType } = ticket;
      const isHere = ticket.actor === actor && (await isBrought(services, ticket));
      if (!isHere) throw new WeftError("BLOB_NOT_FOUND", { hint: "Nothing was uploaded under this id.", uploadId });
      const { type } = mediaTypeOf(await headOf(services.blob, blobId), contentType);
      await services.blob.holders.add(blobId, bringer, type);
      return { fileId: blobId, size, contentType: type };
    },
  };
}

function checkWish({ contentType, size, sha256 }: UploadWish, maxBytes: number): void {
  if (!isMediaType(contentType)) throw invalid(["contentType"], "Must be a media type such as image/png");
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalid(["sha256"], "Must be 64 hexadecimal digits");
  if (!Number.isSafeInteger(size) || size < 0) throw invalid(["size"], "Must be a number of bytes");
  if (size > maxBytes) {
    throw new WeftError("PAYLOAD_TOO_LARGE", {
      hint: `At most ${maxBytes} bytes are taken.`,
      path: ["size"],
      maxBytes,
    });
  }
}

async function isBrought({ blob }: Services, { name, sha256: blobId, size }: Ticket): Promise<boolean> {
  if (blob.direct) return await blob.direct.completeUpload(name, { blobId, size });
  if ((await blob.holders.note(blobId, `upload/${name}`)) === undefined) return false;
  return (await blob.size(blobId)) === size;
}

/** The source, which fails before its end where it is not what the ticket says: the store then keeps nothing. */
async function* exactly(source: AsyncIterable<Uint8Array>, { size, sha256 }: Ticket): AsyncGenerator<Uint8Array> {
  const digest = createHash("sha256");
  let brought = 0;
  const refuse = () => new WeftError("PAYLOAD_TOO_LARGE", { hint: `${size} bytes were announced.`, maxBytes: size });
  for await (const chunk of atMost(source, size, refuse)) {
    digest.update(chunk);
    brought += chunk.length;
    yield chunk;
  }
  if (brought !== size) throw invalid(["size"], `${size} bytes were announced, ${brought} came`);
  if (digest.digest("hex") !== sha256) throw invalid(["sha256"], "Other bytes were announced");
}
