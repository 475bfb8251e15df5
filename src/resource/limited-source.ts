/** A byte source on its way to the store: looked at, counted, and cut where it is too much. */
import type { ByteSource } from "../model/byte-source.ts";
import { sniffedBytes } from "./media-type.ts";

export interface BegunSource {
  /** The first bytes, `sniffedBytes` of them where the source has as many. */
  readonly head: Uint8Array;
  /** All bytes, the first ones too. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Reads the first bytes. Whoever does not go on reading calls `end`. */
export async function beginSource(source: ByteSource): Promise<BegunSource & { end(): Promise<void> }> {
  const iterator = iteratorOf(source);
  const first: Uint8Array[] = [];
  let size = 0;
  let isOver = false;
  while (size < sniffedBytes && !isOver) {
    const { done, value } = await iterator.next();
    isOver = done === true;
    if (done) break;
    // A copy: whoever feeds a stream may use one buffer for all of it.
    first.push(Uint8Array.from(value));
    size += value.length;
  }
  const end = async () => void (await iterator.return?.());
  return { head: Buffer.concat(first).subarray(0, sniffedBytes), chunks: resume(first, iterator, isOver), end };
}

/** The same bytes; the first one too many throws what `refuse` makes. */
export async function* atMost(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  refuse: () => Error,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxBytes) throw refuse();
    yield chunk;
  }
}

async function* resume(
  first: readonly Uint8Array[],
  iterator: AsyncIterator<Uint8Array>,
  isOver: boolean,
): AsyncGenerator<Uint8Array> {
  try {
    yield* first;
    while (!isOver) {
      const { done, value } = await iterator.next();
      if (done) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}

function iteratorOf(source: ByteSource): AsyncIterator<Uint8Array> {
  if (source instanceof Uint8Array) return once(source);
  const chunks = source instanceof Blob ? source.stream() : source;
  return (chunks as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
