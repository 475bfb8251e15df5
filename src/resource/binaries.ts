/**
 * `binary()` values on their way in: bytes go to the blob store, and what the document keeps is where they lie and what they
 * are. Who holds a blob is noted before the document that refers to it is stored.
 */
import { WeftError } from "../base/errors.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { type BinaryOptions, type BinaryValue, isMediaType } from "../model/binary.ts";
import type { ByteSource } from "../model/byte-source.ts";
import { filesOf, findReadable, headOf } from "./blob-access.ts";
import { atMost, beginSource } from "./limited-source.ts";
import { measuredBlob } from "./measured-blob.ts";
import { essenceOf, isOfTypes, mediaTypeOf } from "./media-type.ts";
import type { OperationContext } from "./operation.ts";

export interface BinaryWrite {
  readonly resourceId: string;
  readonly document: JsonObject;
  /** Gives the resource's present document; not called where no value is a bare `fileId`. */
  readonly held: () => Promise<JsonObject | null>;
}

/** One value of the document, and what its field allows. */
interface Value {
  readonly input: JsonObject;
  readonly path: readonly (string | number)[];
  readonly options: BinaryOptions;
}

/**
 * Bytes that come as they come, before the write itself: it finds them stored. Undefined where there are none.
 * @throws as `storeBinaries`
 */
export function storeFiles(context: OperationContext, document: JsonObject): Promise<undefined> | undefined {
  if (!context.model.definition.hasBinaries) return undefined;
  const files = valuesOf(context, document).filter(({ input }) => input.file !== undefined);
  if (files.length === 0) return undefined;
  return allOf(files.map((value) => storeFileOnce(context, value))).then(() => undefined);
}

/** @throws BLOB_NOT_FOUND, PAYLOAD_TOO_LARGE, VALIDATION_FAILED, each with the path of the value; what a source of bytes throws */
export async function storeBinaries(context: OperationContext, write: BinaryWrite): Promise<JsonObject> {
  const { definition } = context.model;
  if (!definition.hasBinaries) return write.document;
  const values = valuesOf(context, write.document);
  let known: Promise<Map<string, BinaryValue>> | undefined;
  const held = () => (known ??= write.held().then((document) => filesOf(context.model, document)));
  const stored = await allOf(values.map((value) => storeValue(context, value, held)));
  const holding = known ? await known : new Map<string, BinaryValue>();
  const added = new Set(stored.map(({ fileId }) => fileId).filter((fileId) => !holding.has(fileId)));
  await Promise.all([...added].map((fileId) => hold(context, fileId, write.resourceId)));
  let next = 0;
  return definition.mapBinaries(write.document, () => ({ ...stored[next++] }));
}

/** Behind this, nobody collects the blob before the write has had its time. */
async function hold({ services, isDryRun }: OperationContext, fileId: string, resourceId: string): Promise<void> {
  if (isDryRun || (await services.blob.holders.add(fileId, resourceId, ""))) return;
  throw new WeftError("BLOB_NOT_FOUND", {
    fileId,
    hint: "It was collected, since nobody referred to it. Bring it again.",
  });
}

function valuesOf({ model }: OperationContext, document: JsonObject): Value[] {
  const values: Value[] = [];
  model.definition.mapBinaries(document, (input, path, options) => {
    values.push({ input, path, options });
    return input;
  });
  return values;
}

/** All at once, since the parts of an upload come in an order that is not the document's; and to the end, so that nothing goes on behind a failure. */
async function allOf<T>(running: readonly Promise<T>[]): Promise<T[]> {
  return (await Promise.allSettled(running)).map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

async function storeValue(
  context: OperationContext,
  value: Value,
  held: () => Promise<Map<string, BinaryValue>>,
): Promise<BinaryValue> {
  const { input } = value;
  if (isJsonObject(input.base64)) return storeBytes(context, value, input.base64);
  if (input.file !== undefined) return storeFileOnce(context, value);
  return refer(context, value, held);
}

async function storeBytes(context: OperationContext, value: Value, given: Record<string, unknown>) {
  const bytes = Buffer.from(String(given.data), "base64");
  if (bytes.length > (value.options.maxBytes ?? Number.POSITIVE_INFINITY)) throw tooLarge(value);
  const contentType = typeOf(value, bytes, textOrNothing(given.contentType));
  const { blobId, size } = await keep(context, bytes);
  return { fileId: blobId, size, contentType };
}

/** What is read once: a write that is planned again, or whose input handlers have gone over, finds it stored. By its source and place. */
const storedFiles = new WeakMap<object, Map<string, Promise<BinaryValue>>>();

function storeFileOnce(context: OperationContext, value: Value): Promise<BinaryValue> {
  const source = value.input.file as unknown as object;
  const places = storedFiles.get(source) ?? new Map<string, Promise<BinaryValue>>();
  storedFiles.set(source, places);
  const place = value.path.join("/");
  const storing = places.get(place) ?? storeFile(context, value);
  places.set(place, storing);
  return storing;
}

function keep({ services, isDryRun }: OperationContext, bytes: Uint8Array | AsyncIterable<Uint8Array>) {
  return isDryRun ? measuredBlob(bytes) : services.blob.put(bytes);
}

async function storeFile(context: OperationContext, value: Value): Promise<BinaryValue> {
  const source = value.input.file as unknown as ByteSource;
  const begun = await beginSource(source);
  try {
    // What brings bytes may know their type once they have come: a Blob, a part of a multipart request.
    const claimed = textOrNothing(value.input.contentType) ?? (source as { readonly type?: unknown }).type;
    const isSane = typeof claimed === "string" && isMediaType(claimed);
    const contentType = typeOf(value, begun.head, isSane ? claimed : undefined);
    const { maxBytes } = value.options;
    const chunks = maxBytes === undefined ? begun.chunks : atMost(begun.chunks, maxBytes, () => tooLarge(value));
    const { blobId, size } = await keep(context, chunks);
    return { fileId: blobId, size, contentType };
  } catch (error) {
    await begun.end();
    throw error;
  }
}

/** A bare `fileId` may only name what the actor may read: an id must not open other people's files. */
async function refer(
  context: OperationContext,
  value: Value,
  held: () => Promise<Map<string, BinaryValue>>,
): Promise<BinaryValue> {
  const { input, options } = value;
  const fileId = String(input.fileId);
  const found = (await held()).get(fileId) ?? (await findReadable(context, fileId, textOrNothing(input.resourceId)));
  if (!found) throw new WeftError("BLOB_NOT_FOUND", { fileId, path: value.path });
  if (found.size > (options.maxBytes ?? Number.POSITIVE_INFINITY)) throw tooLarge(value);
  const claimed = textOrNothing(input.contentType) ?? found.contentType;
  if (claimed === found.contentType && !options.types) return found;
  const head = await headOf(context.services.blob, fileId);
  return { ...found, contentType: typeOf(value, head, claimed) };
}

/** @throws VALIDATION_FAILED where the field does not take the type, or the bytes are not of the type that would be taken */
function typeOf({ options, path }: Value, head: Uint8Array, claimed: string | undefined): string {
  const { type, isShown } = mediaTypeOf(head, claimed);
  if (options.types === undefined) return type;
  const message = `Must be ${options.types.join(" or ")}, not ${isShown ? essenceOf(type) : `what only says that it is ${essenceOf(type)}`}`;
  if (!isShown || !isOfTypes(type, options.types))
    throw new WeftError("VALIDATION_FAILED", { issues: [{ path, message }] });
  return type;
}

function tooLarge({ options, path }: Value): WeftError {
  const { maxBytes } = options;
  return new WeftError("PAYLOAD_TOO_LARGE", { hint: `This field takes at most ${maxBytes} bytes.`, path, maxBytes });
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
