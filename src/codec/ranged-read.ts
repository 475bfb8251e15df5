/** Reads a selection of a document from parts of its bytes: first which, by the offset index, then what is in them. */
import { type Json, type JsonObject, setOwn } from "../base/json.ts";
import { elementRange } from "./elements.ts";
import { setListLength } from "./list-length.ts";
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
  /**
   * What `Encoding.decodePartial` would answer. Undefined where the bytes are not those that the index was made of: read the whole then.
   * @param parts the bytes of each range
   * @throws PAYLOAD_CORRUPT, LIMIT_EXCEEDED as `Encoding.decodePartial`
   */
  read(parts: readonly Uint8Array[]): JsonObject | undefined;
}

/** Up to here it is cheaper to fetch the bytes between two ranges than to ask twice. */
const maxGap = 4096;
/** Beyond this part of a document it is read whole, and its hash checked. */
const maxShare = 0.5;

/** A piece of the answer: the runs it needs, and how to read them. They lie next to each other. */
interface Piece {
  readonly runs: readonly Run[];
  readInto(object: Record<string, Json>, bytes: Uint8Array): void;
}

/** Undefined where to read the whole document is as cheap. */
export function planRangedRead(index: OffsetIndex, selection: Selection, shape: ObjectShape): RangedRead | undefined {
  if (selection === "all" || selection.kind === "list") return undefined;
  const pieces = [...fieldPieces(index, selection, shape), ...listPieces(index, selection, shape)];
  const ranges = coalesced(pieces.map(({ runs }) => boundsOf(runs)));
  const total = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  if (total > index.size * maxShare) return undefined;
  return { ranges, read: (parts) => readPieces(pieces, ranges, parts) };
}

function readPieces(
  pieces: readonly Piece[],
  ranges: readonly Range[],
  parts: readonly Uint8Array[],
): JsonObject | undefined {
  const object: Record<string, Json> = {};
  for (const { runs, readInto } of pieces) {
    const { start, end } = boundsOf(runs);
    const at = ranges.findIndex((range) => range.start <= start && end <= range.end);
    const part = parts[at];
    const from = ranges[at]?.start ?? 0;
    if (runs.length > 0 && !part) return undefined;
    const bytesOf = (run: Range) => (part ?? new Uint8Array()).subarray(run.start - from, run.end - from);
    if (!runs.every((run) => isIntact(run, bytesOf(run)))) return undefined;
    readInto(object, bytesOf({ start, end }));
  }
  return object;
}

function fieldPieces({ fields }: OffsetIndex, selection: ObjectSelection, shape: ObjectShape): Piece[] {
  const wanted = fields.filter(({ names }) => names.some((name) => selection.fields.has(name)));
  return wanted.map((run) => entriesPiece([run], run.names.length, selection, shape));
}

function entriesPiece(runs: readonly Run[], entries: number, selection: ObjectSelection, shape: ObjectShape): Piece {
  return {
    runs,
    readInto(object, bytes) {
      const read = readEntriesOf(bytes, entries, selection, shape);
      for (const name of Object.keys(read)) setOwn(object, name, read[name]);
    },
  };
}

function listPieces({ lists }: OffsetIndex, selection: ObjectSelection, shape: ObjectShape): Piece[] {
  return lists.flatMap((list) => {
    const below = selection.fields.get(list.name);
    if (below === undefined) return [];
    const isList = below !== "all" && below.kind === "list" && shape.fields.get(list.name)?.kind === "list";
    return isList
      ? elementPieces(list, below, shape)
      : [entriesPiece([list.header, ...list.runs], 1, selection, shape)];
  });
}

/** One piece for each stretch of neighbouring runs; one without runs where no element is picked. */
function elementPieces(list: LongList, selection: ListSelection, shape: ObjectShape): Piece[] {
  const { name, length, stride, runs } = list;
  const field = shape.fields.get(name);
  const element = field?.kind === "list" ? field.element : undefined;
  const stretches = neededRuns(list, selection);
  const pieces = stretches.map(({ start, end }): Piece => {
    const first = start * stride;
    const count = Math.min(end * stride, length) - first;
    return {
      runs: runs.slice(start, end),
      readInto(object, bytes) {
        const elements = readElementsOf(bytes, count, {
          selection: within(selection, list, first, count),
          shape: element,
        });
        const known = Object.hasOwn(object, name) ? (object[name] as Json[]) : [];
        elements.forEach((value, index) => {
          known[first + index] = value;
        });
        setOwn(object, name, known);
      },
    };
  });
  const finish: Piece = {
    runs: [],
    readInto(object) {
      const known = Object.hasOwn(object, name) ? (object[name] as Json[]) : [];
      setListLength(known, length);
      setOwn(object, name, known);
    },
  };
  return [...pieces, finish];
}

/** Stretches of runs [start, end) that hold picked elements, ascending. */
function neededRuns({ length, stride, runs }: LongList, { parts }: ListSelection): Range[] {
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
