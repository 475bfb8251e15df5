/** Python's literals and constants, and the bounds of what is calculated from them. */
import { describe, expect, it } from "vitest";
import { operandFor, refusal } from "./read-qb.ts";

const texts: readonly (readonly [string, string])[] = [
  [`'a"b'`, 'a"b'],
  [`"it's"`, "it's"],
  [String.raw`'it\'s'`, "it's"],
  [String.raw`'a\n\t\\\x41é\U0001F600\101\0'`, "a\n\t\\Aé😀A\0"],
  [String.raw`'\d\ '`, String.raw`\d\ `],
  [String.raw`r'\d+\n\''`, String.raw`\d+\n\'`],
  ["'a\\\nb'", "ab"],
  [`'''a\n'b' "c"'''`, `a\n'b' "c"`],
  [`"""a""" 'b' r"c"`, "abc"],
  ["u'ü漢'", "ü漢"],
];

describe("texts", () => {
  for (const [written, value] of texts) {
    it(`reads ${JSON.stringify(written)}`, () => expect(operandFor(written)).toBe(value));
  }

  it("refuses bytes, f-strings, half escapes and open quotes, at their place", () => {
    const bad = [`b'a'`, `f'{QB}'`, String.raw`'ab\x4'`, String.raw`'\N{DIGIT ONE}'`, "'abc", "'''abc'", "'a\nb'"];
    expect(bad.map((text) => refusal(() => operandFor(text)).at)).toEqual([
      "QUERY_INVALID 1:12",
      "QUERY_INVALID 1:12",
      "QUERY_INVALID 1:15",
      "QUERY_INVALID 1:13",
      "QUERY_INVALID 1:12",
      "QUERY_INVALID 1:12",
      "QUERY_INVALID 1:12",
    ]);
  });
});

const numbers: readonly (readonly [string, number | bigint])[] = [
  ["1_000", 1000],
  ["0x_ff", 255],
  ["0b101", 5],
  ["0o17", 15],
  ["00", 0],
  ["1.5", 1.5],
  [".5e1", 5],
  ["1.", 1],
  ["1E-3", 0.001],
  ["9007199254740993", 9007199254740993n],
  ["-7", -7],
  ["+7", 7],
  ["~7", -8],
  ["2 + 3 * 4 - 6 / 3", 12],
  ["(2 + 3) * 4", 20],
  ["-7 % 3", 2],
  ["7 % -3", -2],
  ["7.5 % 2", 1.5],
  ["1 << 10 | 3 & 6", 1026],
  ["1024 >> 3", 128],
];

describe("numbers", () => {
  for (const [written, value] of numbers) {
    it(`reads ${written}`, () => expect(operandFor(written)).toBe(value));
  }

  it("refuses what is none", () => {
    for (const written of ["1__0", "012", "1abc", "0x", "1j", "1e999", "1 / 0", "1 % 0", "1 << -1", "True + 1"]) {
      expect(refusal(() => operandFor(written)).at, written).toMatch(/^QUERY_INVALID 1:\d+$/);
    }
  });
});

describe("calculation", () => {
  it("adds and repeats texts", () => {
    expect(operandFor("'user' + '-' + 'admin'")).toBe("user-admin");
    expect(operandFor("'ab' * 3")).toBe("ababab");
    expect(operandFor("'ab' * -1")).toBe("");
  });

  it("joins lists, and negates constants", () => {
    expect(operandFor("[1] + [2, 'x'] + (None,)")).toEqual([1, 2, "x", null]);
    expect(["True", "None", "0", "''", "'x'"].map((text) => operandFor(`not ${text}`))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it("refuses results beyond bounds", () => {
    const huge = [
      "'a' * 1000000000",
      "10 ** 9",
      "1 << 100000000",
      `${"9".repeat(300)} * ${"9".repeat(300)}`,
      "1e308 * 10",
    ];
    for (const written of huge) expect(refusal(() => operandFor(written)).at, written).toMatch(/^QUERY_INVALID 1:\d+$/);
    expect(refusal(() => operandFor("9".repeat(500))).at).toBe("LIMIT_EXCEEDED 1:12");
  });

  it("reads constants, lists and tuples", () => {
    expect(operandFor("[True, False, None, (1, 2), (), (3,), [4,]]")).toEqual([
      true,
      false,
      null,
      [1, 2],
      [],
      [3],
      [4],
    ]);
    expect(operandFor("(5)")).toBe(5);
  });
});
