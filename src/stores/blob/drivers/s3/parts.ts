/** A stream of bytes cut into parts of one size. Their buffers are used again, so that a blob of any size takes the room of a few. */

/** As large as what goes to S3 in one request. */
export const partSize = 8 * 1024 * 1024;

export interface Part {
  readonly bytes: Uint8Array;
  /** To be called when the bytes are not read any more. */
  readonly release: () => void;
}

/** The last part may be shorter; only that of no bytes at all is empty. Ends the source where it is ended itself. */
export async function* partsOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Part> {
  const free: Uint8Array[] = [];
  let buffer: Uint8Array = Buffer.allocUnsafeSlow(partSize);
  let filled = 0;
  const take = (): Part => {
    const full = buffer;
    const bytes = full.subarray(0, filled);
    return { bytes, release: () => free.push(full) };
  };
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      if (filled === partSize) {
        yield take();
        buffer = free.pop() ?? Buffer.allocUnsafeSlow(partSize);
        filled = 0;
      }
      const piece = chunk.subarray(at, at + partSize - filled);
      buffer.set(piece, filled);
      filled += piece.length;
      at += piece.length;
    }
  }
  yield take();
}
