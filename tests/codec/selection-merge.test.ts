import { describe, expect, test } from "vitest";
import type { ListSelection, Selection } from "../../src/codec/selection.ts";
import { mergeSelections } from "../../src/codec/selection-merge.ts";

const fields = (below: Record<string, Selection>): Selection => ({
  kind: "object",
  fields: new Map(Object.entries(below)),
});
const elements = (...parts: ListSelection["parts"]): Selection => ({ kind: "list", parts });
const first = { index: 0 } as const;
const every = { step: 1 } as const;

describe("the union of two selections", () => {
  test.each<[string, Selection, Selection, Selection]>([
    ["all absorbs fields", "all", fields({ a: "all" }), "all"],
    ["all absorbs elements", elements({ selector: first, below: "all" }), "all", "all"],
    ["fields add up", fields({ a: "all" }), fields({ b: "all" }), fields({ a: "all", b: "all" })],
    [
      "a field both want gets what both want of it",
      fields({ a: fields({ x: "all" }), b: "all" }),
      fields({ a: fields({ y: "all" }), b: fields({ z: "all" }) }),
      fields({ a: fields({ x: "all", y: "all" }), b: "all" }),
    ],
    [
      "different selectors stand side by side",
      elements({ selector: first, below: "all" }),
      elements({ selector: every, below: fields({ x: "all" }) }),
      elements({ selector: first, below: "all" }, { selector: every, below: fields({ x: "all" }) }),
    ],
    [
      "equal selectors become one",
      elements({ selector: { start: 1, step: 2 }, below: fields({ x: "all" }) }),
      elements({ selector: { start: 1, step: 2 }, below: fields({ y: "all" }) }),
      elements({ selector: { start: 1, step: 2 }, below: fields({ x: "all", y: "all" }) }),
    ],
    ["fields and elements of one value become all", fields({ a: "all" }), elements(), "all"],
    ["nothing adds nothing", fields({}), fields({ a: "all" }), fields({ a: "all" })],
  ])("%s", (_rule, a, b, union) => {
    expect(mergeSelections(a, b)).toEqual(union);
  });

  test("changes neither", () => {
    const a = fields({ a: fields({ x: "all" }) });
    const b = fields({ a: fields({ y: "all" }) });
    mergeSelections(a, b);
    expect([a, b]).toEqual([fields({ a: fields({ x: "all" }) }), fields({ a: fields({ y: "all" }) })]);
  });
});
