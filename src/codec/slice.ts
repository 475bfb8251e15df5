/** Element selectors as text: `2`, `-1`, `1:3`, `::2` (Python's slice notation), in partial paths and in `slice` arguments. */
import { WeftError } from "../base/errors.ts";
import { elementRange } from "./elements.ts";
import { listLength } from "./list-length.ts";
import type { ElementSelector } from "./selection.ts";

const integer = "-?(?:0|[1-9][0-9]*)";
const indexForm = new RegExp(`^${integer}$`);
const sliceForm = new RegExp(`^(${integer})?:(${integer})?(?::(${integer})?)?$`);

/** Undefined for text that is no selector, and for a step of 0. */
export function readSelector(text: string): ElementSelector | undefined {
  if (indexForm.test(text)) return { index: toInteger(text) };
  const match = sliceForm.exec(text);
  if (!match) return undefined;
  const [, start, stop, stepText] = match;
  const step = stepText === undefined ? 1 : toInteger(stepText);
  if (step === 0) return undefined;
  return {
    ...(start === undefined ? {} : { start: toInteger(start) }),
    ...(stop === undefined ? {} : { stop: toInteger(stop) }),
    step,
  };
}

/**
 * The `slice` argument of a list field.
 * @throws PARTIAL_PATH_INVALID with the text in `details.slice`
 */
export function parseSlice(text: string): ElementSelector {
  const selector = readSelector(text);
  if (selector) return selector;
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  throw new WeftError("PARTIAL_PATH_INVALID", {
    slice: shown,
    hint: "A slice is an index, or start:stop:step with a step other than 0.",
  });
}

/** The elements that a selector picks from a list that may have been read in part, in the list's own order. */
export function sliceList<T>(list: readonly T[], selector: ElementSelector): T[] {
  const { first, last, step } = elementRange(selector, listLength(list));
  const picked: T[] = [];
  for (let index = first; index <= last; index += step) {
    const element = list[index];
    if (element !== undefined) picked.push(element);
  }
  return picked;
}

/** No list is longer than the largest exact integer: bounds beyond it mean the same as it. `+ 0` makes 0 of -0. */
function toInteger(digits: string): number {
  return Math.min(Math.max(Number(digits), -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER) + 0;
}
