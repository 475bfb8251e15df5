/**
 * Who may read a blob: whoever may read a resource that holds it, or has brought its bytes by an upload. The blob store's
 * notes say where to look; the resource's own document, read under its policies, decides.
 */
import { createHash } from "node:crypto";
import { WeftError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { BinaryValue } from "../model/binary.ts";
import type { BlobStore } from "../stores/blob/blob-store.ts";
import { type Actor, actorId } from "./actor.ts";
import { executeWithin } from "./execute.ts";
import { sniffedBytes } from "./media-type.ts";
import type { OperationContext } from "./operation.ts";
import { get } from "./operations/get.ts";
import type { Model } from "./registry.ts";
import { shownDocument } from "./shown.ts";

/** Holders that are looked at for one blob, at most: beyond them, name the resource. */
const maxHolders = 100;

/** What a context needs for this: any model of the gateway will do. */
type BlobContext = Pick<OperationContext, "services" | "session"> & { readonly model: Pick<Model, "modelOf"> };

/**
 * The blob as the actor may see it: in the resource named, else from an upload of the actor's own, else in any resource that holds it now.
 * Undefined where there is none.
 */
export async function findReadable(
  context: BlobContext,
  fileId: string,
  resourceId?: string,
): Promise<BinaryValue | undefined> {
  if (resourceId !== undefined) return await findIn(context, fileId, { resourceId });
  const { holders } = context.services.blob;
  const brought = await broughtBy(context, fileId);
  if (brought) return brought;
  let looks = 0;
  for await (const holder of holders.list(fileId)) {
    if (!context.model.modelOf(holder)) continue;
    if (looks++ >= maxHolders) return undefined;
    const found = await findIn(context, fileId, { resourceId: holder });
    if (found) return found;
  }
  return undefined;
}

/** The blob as a resource refers to it, in its current revision or the one named; undefined where it does not, or the actor may not read it. */
export async function findIn(
  context: BlobContext,
  fileId: string,
  place: { readonly resourceId: string; readonly revisionId?: string | undefined },
): Promise<BinaryValue | undefined> {
  const model = context.model.modelOf(place.resourceId);
  if (!model?.definition.hasBinaries) return undefined;
  const { resourceId, revisionId } = place;
  const input = revisionId === undefined ? { resourceId } : { resourceId, revisionId };
  const { services, session } = context;
  const snapshot = await executeWithin({ services, session, model }, get, input).catch(undefinedIfHidden);
  if (!snapshot) return undefined;
  return filesOf(model, await shownDocument({ session }, snapshot)).get(fileId);
}

/** The `binary()` values of a document, by file id; of equal ids the first. */
export function filesOf(model: Model, document: JsonObject | null): Map<string, BinaryValue> {
  const files = new Map<string, BinaryValue>();
  if (document) {
    model.definition.mapBinaries(document, (value) => {
      const { fileId, size, contentType } = value as unknown as BinaryValue;
      if (!files.has(fileId)) files.set(fileId, { fileId, size, contentType });
      return value;
    });
  }
  return files;
}

/** As many of its first bytes as say what it is. */
export async function headOf(blob: BlobStore, fileId: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await blob.get(fileId, { start: 0, end: sniffedBytes })) ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** As whom the blob store notes an actor who has brought a blob; undefined for nobody. */
export function bringerOf(actor: Actor): string | undefined {
  const id = actorId(actor);
  return id === null ? undefined : `actor/${createHash("sha256").update(id).digest("hex")}`;
}

async function broughtBy({ services, session }: BlobContext, fileId: string): Promise<BinaryValue | undefined> {
  const bringer = bringerOf(session.actor);
  const contentType = bringer && (await services.blob.holders.note(fileId, bringer));
  const size = contentType ? await services.blob.size(fileId) : undefined;
  return contentType && size !== undefined ? { fileId, size, contentType } : undefined;
}

const hiding: ReadonlySet<string> = new Set([
  "RESOURCE_NOT_FOUND",
  "RESOURCE_DELETED",
  "REVISION_NOT_FOUND",
  "FORBIDDEN",
  "UNAUTHENTICATED",
  "VALIDATION_FAILED",
]);

function undefinedIfHidden(error: unknown): undefined {
  if (error instanceof WeftError && hiding.has(error.code)) return undefined;
  throw error;
}
