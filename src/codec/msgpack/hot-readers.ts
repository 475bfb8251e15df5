/** Which reader serves a selection: the interpreter at first, one made for it when it has come back often enough. */
import { canGenerateCode } from "../code-generation.ts";
import type { ObjectSelection } from "../selection.ts";
import type { ObjectShape } from "../shape.ts";
import { compilePartial, compileWhole, type EntriesReader, type WholeReader } from "./generator/compile.ts";

/** To make a reader takes as long as the interpreter takes for some hundred small documents, and the engine's own compiler as much again. */
const usesBeforeCompiling = 50;

interface Known<Reader> {
  shape: ObjectShape;
  uses: number;
  reader: Reader | undefined;
}

const wholes = new WeakMap<ObjectShape, Known<WholeReader>>();
const partials = new WeakMap<ObjectSelection, Known<EntriesReader>>();

// Lists decode many documents by one selection: to remember the last one saves looking it up.
let lastSelection: ObjectSelection | undefined;
let lastPartial: Known<EntriesReader> | undefined;

/** Undefined where the interpreter serves. */
export function wholeReader(shape: ObjectShape): WholeReader | undefined {
  if (!canGenerateCode) return undefined;
  let known = wholes.get(shape);
  if (!known) {
    known = { shape, uses: 0, reader: undefined };
    wholes.set(shape, known);
  }
  if (known.uses <= usesBeforeCompiling && ++known.uses > usesBeforeCompiling) known.reader = compileWhole(shape);
  return known.reader;
}

/** Undefined where the interpreter serves. Selections are told apart by identity: callers keep those they use again. */
export function partialReader(selection: ObjectSelection, shape: ObjectShape): EntriesReader | undefined {
  if (!canGenerateCode) return undefined;
  let known = selection === lastSelection ? lastPartial : partials.get(selection);
  if (known?.shape !== shape) {
    known = { shape, uses: 0, reader: undefined };
    partials.set(selection, known);
  }
  lastSelection = selection;
  lastPartial = known;
  if (known.uses <= usesBeforeCompiling && ++known.uses > usesBeforeCompiling) {
    known.reader = compilePartial(selection, shape);
  }
  return known.reader;
}
