import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { behindPrefix } from "../../src/query/text-prefix.ts";

const points = (text: string) => Array.from(text, (character) => character.codePointAt(0) ?? 0);
function compare(a: string, b: string): number {
  const [left, right] = [points(a), points(b)];
  const i = left.findIndex((point, at) => point !== right[at]);
  return i < 0 ? left.length - right.length : (left[i] ?? 0) - (right[i] ?? -1);
}

describe("the text behind all that begin with a prefix", () => {
  test.each([
    ["ab", "ac"],
    ["a\u{10ffff}", "b"],
    ["\ud7ff", "\ue000"],
    ["", undefined],
    ["\u{10ffff}\u{10ffff}", undefined],
  ])("of %j is %j", (prefix, behind) => {
    expect(behindPrefix(prefix)).toBe(behind);
  });

  test("parts those that begin with it from the rest", () => {
    const text = fc.string({ unit: "binary", maxLength: 4 });
    fc.assert(
      fc.property(text, text, (prefix, other) => {
        const behind = behindPrefix(prefix);
        const isBetween = compare(other, prefix) >= 0 && (behind === undefined || compare(other, behind) < 0);
        expect(isBetween).toBe(other.startsWith(prefix));
      }),
    );
  });
});
