import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elementRange } from "../../src/codec/elements.ts";
import { parseSlice, sliceList } from "../../src/codec/slice.ts";
import { selectors } from "./arbitraries.ts";

const five = ["a", "b", "c", "d", "e"];
const sliced = (text: string) => sliceList(five, parseSlice(text)).join("");

describe("slice", () => {
  // The right side is what Python answers to sorted("abcde"[…]), or to "abcde"[n].
  test.each([
    ["1:3", "bc"],
    [":2", "ab"],
    ["3:", "de"],
    [":", "abcde"],
    ["::", "abcde"],
    ["::2", "ace"],
    ["1::2", "bd"],
    ["-2:", "de"],
    [":-2", "abc"],
    ["-4:-1:2", "bd"],
    ["::-1", "abcde"],
    ["3:1:-1", "cd"],
    ["::-2", "ace"],
    ["-2::-2", "bd"],
    [":1:-2", "ce"],
    ["10::-3", "be"],
    ["-10:2", "ab"],
    ["2:-10:-1", "abc"],
    ["4:2", ""],
    ["9:", ""],
    ["0", "a"],
    ["-1", "e"],
    ["-5", "a"],
    ["5", ""],
    ["-6", ""],
    ["99999999999999999999999", ""],
    [":99999999999999999999999:99999999999999999999999", "a"],
  ])("%s picks %j of abcde, in the list's own order", (text, expected) => {
    expect(sliced(text)).toBe(expected);
  });

  test.each(["", "-", "a", "1.5", "01", "+1", "1 :2", "::0", "1:2:-0", "1:2:3:4", "1:b", "٣", "1:\n2", "0x1"])(
    "%j is refused",
    (text) => {
      expect(() => parseSlice(text)).toThrow(
        expect.objectContaining({ code: "PARTIAL_PATH_INVALID", details: { slice: text } }),
      );
    },
  );

  test("a long text is refused at once, and shown in part only", () => {
    expect(() => parseSlice(`${"9".repeat(1_000_000)}x`)).toThrow(
      expect.objectContaining({ details: { slice: `${"9".repeat(100)}…` } }),
    );
  });

  test("a list with holes gives the elements it has", () => {
    const holed = new Array<string>(5);
    holed[1] = "b";
    holed[2] = "c";
    expect(sliceList(holed, parseSlice("1:3"))).toEqual(["b", "c"]);
    expect(sliceList(holed, parseSlice("0:2"))).toEqual(["b"]);
  });

  test("agrees with Array.prototype.slice for every start and stop", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.option(fc.integer()), fc.option(fc.integer()), (list, start, stop) => {
        const selector = { ...(start === null ? {} : { start }), ...(stop === null ? {} : { stop }), step: 1 };
        expect(sliceList(list, selector)).toEqual(list.slice(start ?? 0, stop ?? list.length));
      }),
    );
  });

  test("a range stays inside the list", () => {
    fc.assert(
      fc.property(selectors, fc.nat({ max: 20 }), (selector, length) => {
        const { first, last, step } = elementRange(selector, length);
        expect(step).toBeGreaterThan(0);
        if (first <= last) expect([first >= 0, last < length, (last - first) % step]).toEqual([true, true, 0]);
      }),
    );
  });
});
