/** Reads a selection of a document from parts of its bytes: first which, by the offset index, then what is in them. */
import { getOwn, type Json, type JsonObject, setOwn } from "../base/json.ts";
import { elementRange } from "./elements.ts";
import { listLength, setListLength } from "./list-length.ts";
import { readElementsOf, readEntriesOf } from "./msgpack/parts.ts";
import { isIntact, type LongList, type OffsetIndex, type Run } from "./offset-index.ts";
import type { ListSelection, ObjectSelection, Selection } from "./selection.ts";
import type { ObjectShape } from "./shape.ts";

/** Bytes [start, end). */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface RangedRead {
  /** What to fetch, ascending; those that lie close together are one. None where nothing of the selection is there. */
  readonly ranges: readonly Range[];
  /** Are these the bytes that the index was made of? Else the whole document has to be read, and its hash checked. @param parts the bytes of each range */
  isIntact(parts: readonly Uint8Array[]): boolean;
  /**
   * What `Encoding.decodePartial` would answer.
   * @param parts intact ones
   * @throws PAYLOAD_CORRUPT, LIMIT_EXCEEDED as `Encoding.decodePartial`
   */
  read(parts: readonly Uint8Array[]): JsonObject;
}

/** Up to here it is cheaper to fetch the bytes between two ranges than to ask twice. */
const maxGap = 4096;
/** Beyond this part of a document it is read whole, and its hash checked. */
const maxShare = 0.5;

/** A piece of the answer: the runs it needs, which lie next to each other, and how to read them. */
interface Piece {
  readonly runs: readonly Run[];
  /** What of the document is in these bytes: some of its fields, or a list with some of its elements. */
  read(bytes: Uint8Array): JsonObject;
}

/** Where the bytes of a piece are. */
interface PlacedPiece {
  readonly piece: Piece;
  readonly part: number;
  readonly start: number;
  readonly end: number;
}

/** Undefined where to read the whole document is as cheap, or the index is damaged. */
export function planRangedRead(index: OffsetIndex, selection: Selection, shape: ObjectShape): RangedRead | undefined {
  if (selection === "all" || selection.kind === "list") return undefined;
  const pieces = fieldPieces(index, selection, shape);
  for (const list of index.lists) {
    const below = selection.fields.get(list.name);
    if (below === undefined) continue;
    const runs = list.runs();
    if (runs === undefined) return undefined;
    const isList = below !== "all" && below.kind === "list" && shape.fields.get(list.name)?.kind === "list";
    if (isList) pieces.push(...elementPieces({ list, runs }, below, shape));
    else pieces.push(entriesPiece([list.header, ...runs], 1, selection, shape));
  }
  const ranges = coalesced(pieces.map(({ runs }) => boundsOf(runs)));
  const total = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  if (total > index.size * maxShare) return undefined;
  const placed = pieces.map((piece) => placedPiece(piece, ranges));
  return {
    ranges,
    isIntact: (parts) => placed.every((piece) => isPieceIntact(piece, parts)),
    read: (parts) => readPieces(placed, parts),
  };
}

function placedPiece(piece: Piece, ranges: readonly Range[]): PlacedPiece {
  const { start, end } = boundsOf(piece.runs);
  const part = ranges.findIndex((range) => range.start <= start && end <= range.end);
  const from = ranges[part]?.start ?? start;
  return { piece, part, start: start - from, end: end - from };
}

function isPieceIntact({ piece, part, start }: PlacedPiece, parts: readonly Uint8Array[]): boolean {
  const { runs } = piece;
  const origin = (runs[0]?.start ?? 0) - start;
  return runs.every((run) => isIntact(run, parts[part]?.subarray(run.start - origin, run.end - origin)));
}

function readPieces(pieces: readonly PlacedPiece[], parts: readonly Uint8Array[]): JsonObject {
  const [only] = pieces;
  if (only && pieces.length === 1) return only.piece.read(bytesOf(only, parts));
  const object: Record<string, Json> = {};
  for (const placed of pieces) {
    const read = placed.piece.read(bytesOf(placed, parts));
    for (const name of Object.keys(read)) setOwn(object, name, joined(getOwn(object, name), read[name] as Json));
  }
  return object;
}

const noBytes = new Uint8Array();

function bytesOf({ part, start, end }: PlacedPiece, parts: readonly Uint8Array[]): Uint8Array {
  const bytes = parts[part] ?? noBytes;
  return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
}

/** Two pieces hold the same field only where it is a list, and then different elements of it. */
function joined(before: unknown, after: Json): Json {
  if (!Array.isArray(before) || !Array.isArray(after)) return after;
  const list: Json[] = before.slice();
  for (const index of Object.keys(after)) list[Number(index)] = after[Number(index)] as Json;
  setListLength(list, listLength(after));
  return list;
}

function fieldPieces({ fields }: OffsetIndex, selection: ObjectSelection, shape: ObjectShape): Piece[] {
  const wanted = fields.filter(({ names }) => names.some((name) => selection.fields.has(name)));
  return wanted.map((run) => entriesPiece([run], run.names.length, selection, shape));
}

function entriesPiece(runs: readonly Run[], entries: number, selection: ObjectSelection, shape: ObjectShape): Piece {
  return { runs, read: (bytes) => readEntriesOf(bytes, entries, selection, shape) };
}

/** A list whose runs have been read. */
interface OpenList {
  readonly list: LongList;
  readonly runs: readonly Run[];
}

/** One piece for each stretch of neighbouring runs; one without runs where no element is picked. */
function elementPieces(open: OpenList, selection: ListSelection, shape: ObjectShape): Piece[] {
  const { list, runs } = open;
  const { name, length, stride } = list;
  const field = shape.fields.get(name);
  const element = field?.kind === "list" ? field.element : undefined;
  const stretches = neededRuns(open, selection);
  if (stretches.length === 0) stretches.push({ start: 0, end: 0 });
  return stretches.map(({ start, end }) => {
    const first = start * stride;
    const count = Math.min(end * stride, length) - first;
    const wanted = within(selection, list, first, count);
    return {
      runs: runs.slice(start, end),
      read(bytes) {
        const read = readElementsOf(bytes, count, { selection: wanted, shape: element });
        const elements: Json[] = [];
        for (const index of Object.keys(read)) elements[first + Number(index)] = read[Number(index)] as Json;
        setListLength(elements, length);
        const object: Record<string, Json> = {};
        setOwn(object, name, elements);
        return object;
      },
    };
  });
}

/** Stretches of runs [start, end) that hold picked elements, ascending. */
function neededRuns({ list, runs }: OpenList, { parts }: ListSelection): Range[] {
  const { length, stride } = list;
  const isNeeded = new Uint8Array(runs.length);
  for (const { selector } of parts) {
    const { first, last, step } = elementRange(selector, length);
    // Elements closer than a run is long leave no run between them out.
    const pace = Math.max(step, stride);
    for (let index = first; index <= last; index += pace) isNeeded[Math.floor(index / stride)] = 1;
    if (first <= last) isNeeded[Math.floor(last / stride)] = 1;
  }
  const stretches: Range[] = [];
  for (let at = isNeeded.indexOf(1); at >= 0; ) {
    const behind = isNeeded.indexOf(0, at);
    const end = behind < 0 ? runs.length : behind;
    stretches.push({ start: at, end });
    at = isNeeded.indexOf(1, end);
  }
  return stretches;
}

/** What the selection wants of the elements [first, first + count), counted from the first of them. */
function within({ parts }: ListSelection, { length }: LongList, first: number, count: number): ListSelection {
  return {
    kind: "list",
    parts: parts.flatMap(({ selector, below }) => {
      const range = elementRange(selector, length);
      const start = range.first + Math.max(0, Math.ceil((first - range.first) / range.step)) * range.step - first;
      const stop = Math.min(range.last - first + 1, count);
      return start < stop ? [{ selector: { start, stop, step: range.step }, below }] : [];
    }),
  };
}

function boundsOf(runs: readonly Run[]): Range {
  return { start: runs[0]?.start ?? 0, end: runs.at(-1)?.end ?? 0 };
}

function coalesced(ranges: readonly Range[]): Range[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    if (start === end) continue;
    const before = merged.at(-1);
    if (before && start - before.end <= maxGap) before.end = Math.max(before.end, end);
    else merged.push({ start, end });
  }
  return merged;
}
