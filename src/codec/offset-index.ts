/**
 * Where the parts of a large document lie in its bytes: runs of whole top-level fields, and of long lists among them
 * runs of elements. Kept beside the pointer to the bytes, so that a reader fetches the runs it needs and no more.
 *
 * The text is opaque to stores: base64 of a version, the document's size, and the runs from its first byte to its last,
 * each with its length and a CRC-32. The content hash cannot be checked on a part of the bytes; the CRC finds damage and a
 * stale index, and whoever finds one reads the whole document, whose hash tells. Against somebody who forges stored
 * bytes only the hash of a whole read helps.
 */
import { crc32 } from "node:zlib";
import { cursorOf, enterList, enterMap } from "./msgpack/cursor.ts";
import { skip } from "./msgpack/skip.ts";
import { readKey } from "./msgpack/value.ts";
import { createVarintReader, createVarintWriter, type VarintReader } from "./varint.ts";

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
  readonly runs: readonly Run[];
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
  /** How many runs a list has at most; the first number that makes the index small enough counts. */
  readonly listRuns: readonly number[];
}

export const offsetIndexLimits: OffsetIndexLimits = {
  document: 32 * 1024,
  list: 8 * 1024,
  fieldRun: 1024,
  listRuns: [384, 192, 96, 24, 1],
};

/** The index is read with every head: it must stay a small part of it. In characters. */
const maxTextLength = 4096;
const version = 1;

/** @param bytes of a document as `msgpackEncoding` writes it. Null for small documents, and for those with too many fields */
export function makeOffsetIndex(bytes: Uint8Array, limits = offsetIndexLimits): string | null {
  if (bytes.length < limits.document) return null;
  for (const maxRuns of limits.listRuns) {
    const text = indexText(bytes, { ...limits, maxRuns });
    if (text.length <= maxTextLength) return text;
  }
  return null;
}

/** The document as a map of entries, and in it what lies where. */
function indexText(bytes: Uint8Array, limits: OffsetIndexLimits & { maxRuns: number }): string {
  const cursor = cursorOf(bytes);
  const writer = createIndexWriter(bytes);
  const entries = enterMap(cursor, 0);
  writer.begin(cursor.at);
  for (let entry = 0; entry < entries; entry++) {
    const start = cursor.at;
    const name = readKey(cursor);
    const valueAt = cursor.at;
    const end = skip(cursor, valueAt, 1);
    const length = end - valueAt < limits.list ? -1 : enterList(cursor, valueAt);
    if (length > 1) {
      writer.list(name, { start, elements: cursor.at, length, maxRuns: limits.maxRuns });
    } else {
      writer.field(name, { start, end, maxRun: limits.fieldRun });
    }
    cursor.at = end;
  }
  return writer.end();
}

function createIndexWriter(bytes: Uint8Array) {
  const writer = createVarintWriter();
  const cursor = cursorOf(bytes);
  let names: string[] = [];
  let [from, to] = [0, 0];

  const addRun = (start: number, end: number) => {
    writer.number(end - start);
    writer.word(crc32(bytes.subarray(start, end)));
  };
  const addFields = () => {
    if (names.length === 0) return;
    writer.number(names.length);
    for (const name of names) writer.text(name);
    addRun(from, to);
    names = [];
  };

  return {
    begin(at: number) {
      writer.number(version);
      writer.number(bytes.length);
      writer.number(at);
    },
    field(name: string, { start, end, maxRun }: { start: number; end: number; maxRun: number }) {
      if (end - from > maxRun) addFields();
      if (names.length === 0) from = start;
      names.push(name);
      to = end;
    },
    list(name: string, list: { start: number; elements: number; length: number; maxRuns: number }) {
      addFields();
      const { length, maxRuns } = list;
      const stride = Math.ceil(length / maxRuns);
      // No fields: what follows is a list.
      writer.number(0);
      writer.text(name);
      addRun(list.start, list.elements);
      writer.number(length);
      writer.number(stride);
      for (let at = list.elements, index = 0; index < length; index += stride) {
        const behind = skip(cursor, at, Math.min(stride, length - index));
        addRun(at, behind);
        at = behind;
      }
    },
    end() {
      addFields();
      return writer.base64();
    },
  };
}

/** Undefined for text that is no index of such a document. */
export function readOffsetIndex(text: string, size: number): OffsetIndex | undefined {
  if (text.length > maxTextLength) return undefined;
  const reader = createVarintReader(text);
  if (reader.number() !== version || reader.number() !== size) return undefined;
  let at = reader.number();
  const run = (): Run => {
    const start = at;
    at += reader.number();
    return { start, end: at, crc: reader.word() };
  };
  const fields: FieldRun[] = [];
  const lists: LongList[] = [];
  while (!reader.isAtEnd() && !reader.isBroken()) {
    const count = reader.number();
    if (count === 0) {
      const list = readList(reader, run);
      if (!list) return undefined;
      lists.push(list);
    } else {
      if (count > maxTextLength) return undefined;
      const names = Array.from({ length: count }, () => reader.text());
      fields.push({ names, ...run() });
    }
  }
  return reader.isBroken() || at !== size ? undefined : { size, fields, lists };
}

function readList(reader: VarintReader, run: () => Run): LongList | undefined {
  const name = reader.text();
  const header = run();
  const length = reader.number();
  const stride = reader.number();
  if (stride < 1 || length / stride > maxTextLength) return undefined;
  return { name, header, length, stride, runs: Array.from({ length: Math.ceil(length / stride) }, run) };
}

/** Are these the bytes that the run was made of? */
export function isIntact(run: Run, bytes: Uint8Array | undefined): boolean {
  return bytes !== undefined && bytes.length === run.end - run.start && crc32(bytes) === run.crc;
}
