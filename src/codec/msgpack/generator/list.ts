/** Functions that read the elements of a list: all of them, or those that one selector picks. */
import type { ElementSelector } from "../../selection.ts";
import type { Source } from "./source.ts";

/** Adds the function (cursor, offset of the first element, length, depth). @param element lines that read one at `p` into `v` */
export function emitWholeList(source: Source, name: string, element: readonly string[]): void {
  source.add([
    `function ${name}(c, p, n, d) {`,
    "if (d > maxDepth) { c.at = p; return readList(c, n, d); }",
    "const b = c.bytes, w = c.view, end = c.end;",
    `const list = ${newList("n")};`,
    "let x = 0, y = 0, q = 0, v;",
    "for (let i = 0; i < n; i++) {",
    ...element,
    "list[i] = v;",
    "}",
    "c.at = p;",
    "return list;",
    "}",
  ]);
}

export interface PickedList {
  readonly selector: ElementSelector;
  /** Lines that read the element at `p` into `v`; `isLast` is an expression. */
  element(isLast: string): readonly string[];
}

/** Adds the function (cursor, offset of the first element, length, isLast). */
export function emitPickedList(source: Source, name: string, { selector, element }: PickedList): void {
  const { range, step } = rangeOf(source, selector);
  source.add([
    `function ${name}(c, p, n, last) {`,
    "const b = c.bytes, w = c.view, end = c.end;",
    "let x = 0, y = 0, q = 0, v;",
    ...range,
    `const list = from === 0 ? ${newList("to + 1")} : [];`,
    "if (to < from) { if (!last) p = skip(c, p, n); c.at = p; setListLength(list, n); return list; }",
    "if (from > 0) p = skip(c, p, from);",
    `for (let i = from; i <= to; i += ${step}) {`,
    ...(step === 1 ? [] : [`if (i > from) p = skip(c, p, ${step - 1});`]),
    ...element("last && i === to"),
    "list[i] = v;",
    "}",
    "if (!last && to + 1 < n) p = skip(c, p, n - 1 - to);",
    "c.at = p;",
    "if (list.length !== n) setListLength(list, n);",
    "return list;",
    "}",
  ]);
}

/**
 * An expression that makes a list with room for so many elements: a fifth faster than to let it grow. Only where the
 * room takes no more memory than the bytes that are left, so that a length which is a lie costs nothing.
 */
function newList(length: string): string {
  return `(${length}) * 8 <= end - p ? new Array(${length}) : []`;
}

/** Lines that make `from` and `to`, first and last index of the elements picked; `to` is less where none is. */
function rangeOf(source: Source, selector: ElementSelector): { range: readonly string[]; step: number } {
  if ("index" in selector) {
    const { index } = selector;
    const at = index < 0 ? `n - ${-index}` : `${index}`;
    return { range: [`const from = ${at}, to = from >= 0 && from < n ? from : from - 1;`], step: 1 };
  }
  const { start = 0, stop, step } = selector;
  if (step === 1 && start >= 0 && (stop === undefined || stop >= 0)) {
    const to = stop === undefined ? "n - 1" : `(n < ${stop} ? n : ${stop}) - 1`;
    return { range: [`const from = ${start}, to = ${to};`], step: 1 };
  }
  const range = `elementRange(${source.constant(selector)}, n)`;
  return { range: [`const range = ${range}, from = range.first, to = range.last;`], step: Math.abs(step) };
}
