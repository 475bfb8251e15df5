/** Where the parts of an encoded document lie, found in one walk over its bytes. */
import { type Cursor, cursorOf, enterList, enterMap } from "./msgpack/cursor.ts";
import { skip } from "./msgpack/skip.ts";
import { readKey } from "./msgpack/value.ts";

/** Some fields that lie next to each other, from the first key to the end of the last value. */
export interface FieldsLayout {
  readonly kind: "fields";
  readonly names: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** A field whose value is a long list: the key and the list's header up to `elements`, then runs of `stride` elements. */
export interface ListLayout {
  readonly kind: "list";
  readonly name: string;
  readonly start: number;
  readonly elements: number;
  readonly length: number;
  readonly stride: number;
  /** Where each run ends. */
  readonly ends: readonly number[];
}

export interface DocumentLayout {
  /** Behind the map's header. */
  readonly start: number;
  /** Ascending, without gaps. */
  readonly parts: readonly (FieldsLayout | ListLayout)[];
}

export interface LayoutLimits {
  /** Lists of so many bytes have runs of their own. */
  readonly list: number;
  /** How many at most. */
  readonly listRuns: number;
  /** Fields lie in one part up to so many bytes. */
  readonly fieldRun: number;
}

/** @param bytes of a document, standard MessagePack */
export function layoutOf(bytes: Uint8Array, limits: LayoutLimits): DocumentLayout {
  const cursor = cursorOf(bytes);
  const entries = enterMap(cursor, 0);
  const start = cursor.at;
  const parts: (FieldsLayout | ListLayout)[] = [];
  let fields: { kind: "fields"; names: string[]; start: number; end: number } | undefined;
  for (let entry = 0; entry < entries; entry++) {
    const entryStart = cursor.at;
    const name = readKey(cursor);
    const valueAt = cursor.at;
    const length = enterList(cursor, valueAt);
    const elements = cursor.at;
    const stride = Math.ceil(Math.max(length, 1) / limits.listRuns);
    const ends = length > 1 ? endsOfRuns(cursor, length, stride) : [];
    const end = ends.at(-1) ?? skip(cursor, valueAt, 1);
    cursor.at = end;
    if (length > 1 && end - valueAt >= limits.list) {
      fields = undefined;
      parts.push({ kind: "list", name, start: entryStart, elements, length, stride, ends });
    } else if (fields && end - fields.start <= limits.fieldRun) {
      fields.names.push(name);
      fields.end = end;
    } else {
      fields = { kind: "fields", names: [name], start: entryStart, end };
      parts.push(fields);
    }
  }
  return { start, parts };
}

/** The cursor at the list's first element. */
function endsOfRuns(cursor: Cursor, length: number, stride: number): number[] {
  const ends: number[] = [];
  for (let at = cursor.at, index = 0; index < length; index += stride) {
    at = skip(cursor, at, Math.min(stride, length - index));
    ends.push(at);
  }
  return ends;
}

/** The same with at most so many runs a list. */
export function coarser({ start, parts }: DocumentLayout, listRuns: number): DocumentLayout {
  return { start, parts: parts.map((part) => (part.kind === "list" ? coarserList(part, listRuns) : part)) };
}

function coarserList(list: ListLayout, listRuns: number): ListLayout {
  const factor = Math.ceil(list.ends.length / listRuns);
  if (factor === 1) return list;
  const last = list.ends.length - 1;
  const ends = list.ends.filter((_, index) => index === last || (index + 1) % factor === 0);
  return { ...list, stride: list.stride * factor, ends };
}
