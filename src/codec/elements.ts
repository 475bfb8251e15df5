/** Which elements of a list of known length a selector or a list selection picks. */
import { WeftError } from "../base/errors.ts";
import type { ElementSelector, ListSelection, Selection } from "./selection.ts";
import { mergeSelections } from "./selection-merge.ts";

/** Indices first, first + step, …, last, ascending; empty where last < first. */
export interface ElementRange {
  readonly first: number;
  readonly last: number;
  /** At least 1. */
  readonly step: number;
}

export interface PickedElements {
  readonly first: number;
  /** Less than `first` where nothing is picked. */
  readonly last: number;
  /** What is wanted of an element; undefined for one that is not picked. */
  below(index: number): Selection | undefined;
}

/** Picks of overlapping selectors are merged one by one: a thousand slices of a million elements would block for seconds. */
const maxPicks = 10_000_000;

const none: ElementRange = { first: 0, last: -1, step: 1 };

export function elementRange(selector: ElementSelector, length: number): ElementRange {
  if ("index" in selector) {
    const index = selector.index < 0 ? selector.index + length : selector.index;
    return index >= 0 && index < length ? { first: index, last: index, step: 1 } : none;
  }
  const { step } = selector;
  // As CPython's PySlice_AdjustIndices: bounds run from 0 to the length forwards, from -1 to length - 1 backwards.
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const bound = (given: number | undefined, absent: number) =>
    given === undefined ? absent : Math.min(Math.max(given < 0 ? given + length : given, low), high);
  const start = bound(selector.start, step > 0 ? low : high);
  const stop = bound(selector.stop, step > 0 ? high : low);
  const count = Math.ceil((stop - start) / step);
  if (count <= 0) return none;
  const end = start + (count - 1) * step;
  return { first: Math.min(start, end), last: Math.max(start, end), step: Math.abs(step) };
}

/** @throws LIMIT_EXCEEDED where overlapping selectors pick ten million elements and more */
export function pickedElements({ parts }: ListSelection, length: number): PickedElements {
  const [only] = parts;
  if (only && parts.length === 1) {
    const { first, last, step } = elementRange(only.selector, length);
    const isPicked = (index: number) => index >= first && index <= last && (index - first) % step === 0;
    return { first, last, below: (index) => (isPicked(index) ? only.below : undefined) };
  }
  const wanted: (Selection | undefined)[] = [];
  let first = length;
  let picks = 0;
  for (const { selector, below } of parts) {
    const range = elementRange(selector, length);
    if (range.last < range.first) continue;
    picks += (range.last - range.first) / range.step + 1;
    if (picks > maxPicks)
      throw new WeftError("LIMIT_EXCEEDED", { hint: "Too many overlapping slices of a long list." });
    first = Math.min(first, range.first);
    addPart(wanted, range, below);
  }
  return { first, last: wanted.length - 1, below: (index) => wanted[index] };
}

function addPart(wanted: (Selection | undefined)[], range: ElementRange, below: Selection): void {
  // Neighbours mostly want the same, so that one merge serves a run of them.
  let known: Selection | undefined;
  let merged = below;
  for (let index = range.first; index <= range.last; index += range.step) {
    const before = wanted[index];
    if (before !== known) {
      known = before;
      merged = before === undefined ? below : mergeSelections(before, below);
    }
    wanted[index] = merged;
  }
}
