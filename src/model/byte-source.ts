/** Bytes on their way into a `binary()` field: all at once, or as they come. Opaque to the passes that walk data. */

/** A web `ReadableStream` and Node's `Readable` are async iterables. Read at most once, and only where the rest of the input is valid. */
export type ByteSource = Uint8Array | Blob | AsyncIterable<Uint8Array>;

export function isByteSource(value: unknown): value is ByteSource {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Uint8Array || value instanceof Blob || Symbol.asyncIterator in value;
}
