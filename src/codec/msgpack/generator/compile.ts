/** Makes readers from text. Only where `canGenerateCode`. */
import type { JsonObject } from "../../../base/json.ts";
import type { ObjectSelection } from "../../selection.ts";
import type { ObjectShape } from "../../shape.ts";
import type { Cursor } from "../cursor.ts";
import { createPartialEmitter } from "./partial.ts";
import { runtime } from "./runtime.ts";
import { createSource, type Source, SourceTooLarge } from "./source.ts";
import { createWholeEmitter } from "./whole.ts";

/** Reads so many entries of an object from an offset on; leaves the cursor behind them, or anywhere in them if `isLast`. */
export type EntriesReader = (cursor: Cursor, at: number, entries: number, isLast: boolean) => JsonObject;

/** As `EntriesReader`, for all of an object that lies so deep. */
export type WholeReader = (cursor: Cursor, at: number, entries: number, depth: number) => JsonObject;

/** Undefined for shapes that are too large. */
export function compileWhole(shape: ObjectShape): WholeReader | undefined {
  return compiled((source) => createWholeEmitter(source).object(shape)) as WholeReader | undefined;
}

/** Undefined for selections that are too large. */
export function compilePartial(selection: ObjectSelection, shape: ObjectShape): EntriesReader | undefined {
  const emit = (source: Source) => createPartialEmitter(source, createWholeEmitter(source)).object(selection, shape);
  return compiled(emit) as EntriesReader | undefined;
}

function compiled(emit: (source: Source) => string): unknown {
  const source = createSource();
  try {
    return source.run(runtime, emit(source));
  } catch (error) {
    if (error instanceof SourceTooLarge) return undefined;
    throw error;
  }
}
