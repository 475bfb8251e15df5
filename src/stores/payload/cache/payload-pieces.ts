/** What is known of one payload: all of it, or some pieces, apart from each other and in order. Values, never changed. */
import type { ByteRange } from "../payload-store.ts";

export interface PayloadPieces {
  readonly pieces: readonly Piece[];
  /** Of the payload, where its end has been seen. */
  readonly size: number | undefined;
  readonly byteLength: number;
}

interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Beyond that, the newest are kept: finding one among many would cost what the cache saves. */
const maxPieces = 64;

export function wholePayload(bytes: Uint8Array): PayloadPieces {
  return piecesOf([{ start: 0, bytes: ownCopy(bytes) }], bytes.length);
}

/** @param parts the bytes of each range, cut at the payload's end */
export function addPieces(
  known: PayloadPieces | undefined,
  ranges: readonly ByteRange[],
  parts: readonly Uint8Array[],
): PayloadPieces {
  let size = known?.size;
  let pieces: readonly Piece[] = known?.pieces ?? [];
  const added: Piece[] = [];
  for (const [index, { start, end }] of ranges.entries()) {
    const bytes = parts[index];
    if (!bytes || bytes.length === 0) continue;
    if (bytes.length < end - start) size = start + bytes.length;
    added.push({ start, bytes });
    pieces = merge(pieces, { start, bytes });
  }
  if (pieces.length > maxPieces) pieces = added.reduce(merge, []).slice(-maxPieces);
  return piecesOf(pieces, size);
}

/** Undefined where some of it is not known. */
export function pieceAt({ pieces, size }: PayloadPieces, { start, end }: ByteRange): Uint8Array | undefined {
  const stop = size === undefined ? end : Math.min(end, size);
  if (stop <= start) return new Uint8Array();
  for (const piece of pieces) {
    if (piece.start <= start && stop <= endOf(piece))
      return piece.bytes.subarray(start - piece.start, stop - piece.start);
  }
  return undefined;
}

/** Undefined where some of it is not known. */
export function wholeOf({ pieces, size }: PayloadPieces): Uint8Array | undefined {
  const [first] = pieces;
  if (size === 0) return new Uint8Array();
  return first?.start === 0 && first.bytes.length === size ? first.bytes : undefined;
}

/** Puts a piece among the others, as one with those that it touches. */
function merge(pieces: readonly Piece[], added: Piece): readonly Piece[] {
  const stop = endOf(added);
  const touched = pieces.filter((piece) => piece.start <= stop && added.start <= endOf(piece));
  const [only] = touched;
  if (touched.length === 1 && only && only.start <= added.start && stop <= endOf(only)) return pieces;
  const start = Math.min(added.start, ...touched.map((piece) => piece.start));
  const bytes = touched.length === 0 ? ownCopy(added.bytes) : joined(start, [...touched, added]);
  const rest = pieces.filter((piece) => !touched.includes(piece));
  return [...rest, { start, bytes }].sort((left, right) => left.start - right.start);
}

function joined(start: number, pieces: readonly Piece[]): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(Math.max(...pieces.map(endOf)) - start);
  for (const piece of pieces) bytes.set(piece.bytes, piece.start - start);
  return bytes;
}

function endOf({ start, bytes }: Piece): number {
  return start + bytes.length;
}

function piecesOf(pieces: readonly Piece[], size: number | undefined): PayloadPieces {
  return { pieces, size, byteLength: pieces.reduce((sum, { bytes }) => sum + bytes.length, 0) };
}

/** Bytes are often a small view of a large buffer, which a cache would keep alive uncounted. */
function ownCopy(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer.byteLength === bytes.byteLength) return bytes;
  const copy = Buffer.allocUnsafeSlow(bytes.byteLength);
  copy.set(bytes);
  return copy;
}
