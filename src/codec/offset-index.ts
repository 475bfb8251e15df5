/**
 * Where the parts of a large document lie in its bytes: runs of whole top-level fields, and of long lists among them
 * runs of elements. Kept beside the pointer to the bytes, so that a reader fetches the runs it needs and no more.
 *
 * The text is opaque to stores. Base64 of a version, the document's size, and its fields from the first byte to the last, lengths and
 * CRC-32s; behind it, for each long list among them, a dot and base64 of its runs, which only who reads of that list decodes. The content hash cannot be checked on a part of the bytes; the CRC finds damage and a
 * stale index, and whoever finds one reads the whole document, whose hash tells. Against somebody who forges stored
 * bytes only the hash of a whole read helps.
 */
import { crc32 } from "node:zlib";
import { coarser, type DocumentLayout, layoutOf } from "./document-layout.ts";
import { createVarintReader, createVarintWriter, type VarintReader, type VarintWriter } from "./varint.ts";

/** A run of bytes, and the CRC of what belongs there. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly crc: number;
}

/** Some fields that lie next to each other: keys and values. */
export interface FieldRun extends Run {
  readonly names: readonly string[];
}

/** A field whose value is a long list: the key and the list's header, then runs of `stride` elements, the last of fewer. */
export interface LongList {
  readonly name: string;
  readonly header: Run;
  readonly length: number;
  readonly stride: number;
  /** Of the elements: read on demand, as it takes longer than everything else. Undefined where the index is damaged. */
  runs(): readonly Run[] | undefined;
}

export interface OffsetIndex {
  /** Of the whole document, in bytes. */
  readonly size: number;
  readonly fields: readonly FieldRun[];
  readonly lists: readonly LongList[];
}

/** In bytes, but for `listRuns`. */
export interface OffsetIndexLimits {
  /** Smaller documents are read whole: that takes as long as to read a part of one. */
  readonly document: number;
  /** Lists from here on have runs of their own. */
  readonly list: number;
  /** Fields lie in one run up to here. */
  readonly fieldRun: number;
  /** How many runs a list has at most, descending; the first number that makes the index small enough counts. */
  readonly listRuns: readonly number[];
  /** How much smaller than the document the index is at least. */
  readonly share: number;
}

export const offsetIndexLimits: OffsetIndexLimits = {
  document: 32 * 1024,
  list: 8 * 1024,
  fieldRun: 1024,
  listRuns: [384, 192, 96, 48, 24, 8, 1],
  share: 32,
};

/** The index is read with every head: it must stay a small part of it. In characters. */
const maxTextLength = 4096;
const version = 1;

/** @param bytes of a document as `msgpackEncoding` writes it. Null for small documents, and for those with too many fields */
export function makeOffsetIndex(bytes: Uint8Array, limits = offsetIndexLimits): string | null {
  if (bytes.length < limits.document) return null;
  const most = Math.min(maxTextLength, bytes.length / limits.share);
  const [finest = 1] = limits.listRuns;
  let layout = layoutOf(bytes, { ...limits, listRuns: finest });
  for (const listRuns of limits.listRuns) {
    layout = coarser(layout, listRuns);
    // Checksums take as long as the document is large, and room they take the same.
    if (indexText(bytes, layout, () => 0).length <= most) return indexText(bytes, layout, crc32);
  }
  return null;
}

function indexText(bytes: Uint8Array, layout: DocumentLayout, checksum: (bytes: Uint8Array) => number): string {
  const writer = createVarintWriter();
  const addRun = (to: VarintWriter, start: number, end: number) => {
    to.number(end - start);
    to.word(checksum(bytes.subarray(start, end)));
  };
  const texts: string[] = [];
  writer.number(version);
  writer.number(bytes.length);
  writer.number(layout.start);
  for (const part of layout.parts) {
    if (part.kind === "fields") {
      writer.number(part.names.length);
      for (const name of part.names) writer.text(name);
      addRun(writer, part.start, part.end);
      continue;
    }
    const { start, elements, length, stride, ends } = part;
    // No fields: what follows is a list.
    writer.number(0);
    writer.text(part.name);
    addRun(writer, start, elements);
    writer.number(length);
    writer.number(stride);
    writer.number((ends.at(-1) ?? elements) - elements);
    const runs = createVarintWriter();
    for (const [i, end] of ends.entries()) addRun(runs, ends[i - 1] ?? elements, end);
    texts.push(runs.base64());
  }
  return [writer.base64(), ...texts].join(".");
}

/** Undefined for text that is no index of such a document. */
export function readOffsetIndex(text: string, size: number): OffsetIndex | undefined {
  if (text.length > maxTextLength) return undefined;
  const [main = "", ...listTexts] = text.split(".");
  const reader = createVarintReader(main);
  if (reader.number() !== version || reader.number() !== size) return undefined;
  let at = reader.number();
  const fields: FieldRun[] = [];
  const lists: LongList[] = [];
  while (!reader.isAtEnd() && !reader.isBroken()) {
    const count = reader.number();
    if (count > maxTextLength) return undefined;
    if (count === 0) {
      const list = readList(reader, at, listTexts[lists.length] ?? "");
      lists.push(list);
      at = list.end;
    } else {
      const names: string[] = [];
      while (names.length < count) names.push(reader.text());
      const { start, end, crc } = readRun(reader, at);
      fields.push({ names, start, end, crc });
      at = end;
    }
  }
  return reader.isBroken() || at !== size ? undefined : { size, fields, lists };
}

function readRun(reader: VarintReader, start: number): Run {
  return { start, end: start + reader.number(), crc: reader.word() };
}

function readList(reader: VarintReader, at: number, text: string): LongList & { readonly end: number } {
  const name = reader.text();
  const header = readRun(reader, at);
  const length = reader.number();
  const stride = reader.number();
  const end = header.end + reader.number();
  let runs: readonly Run[] | undefined;
  return {
    name,
    header,
    length,
    stride,
    end,
    runs: () => {
      runs ??= readRuns(createVarintReader(text), { start: header.end, end, count: Math.ceil(length / stride) });
      return runs;
    },
  };
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

function readRuns(reader: VarintReader, { start, end, count }: Stretch): readonly Run[] | undefined {
  if (!(count <= maxTextLength)) return undefined;
  const runs: Run[] = [];
  for (let at = start; runs.length < count; ) {
    const run = readRun(reader, at);
    runs.push(run);
    at = run.end;
  }
  return reader.isBroken() || !reader.isAtEnd() || runs.at(-1)?.end !== end ? undefined : runs;
}

/** Are these the bytes that the run was made of? */
export function isIntact(run: Run, bytes: Uint8Array | undefined): boolean {
  return bytes !== undefined && bytes.length === run.end - run.start && crc32(bytes) === run.crc;
}
