/** RE2 itself is the oracle: the same patterns, the same texts, the same answers. */
import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { WeftError } from "../../../src/base/errors.ts";
import { textProblem } from "../../../src/model/storable-text.ts";
import { compileRegex } from "../../../src/query/regex/regex.ts";
import { patterns, texts } from "./random-patterns.ts";

const runs = process.env.WEFT_SOAK ? 200_000 : 5000;

describe("a matcher", () => {
  it("answers as RE2 does", () => {
    const storable = texts.filter((text) => textProblem(text) === undefined);
    const property = fc.property(patterns, fc.array(storable, { minLength: 1, maxLength: 8 }), (pattern, given) => {
      let regex: ReturnType<typeof compileRegex>;
      try {
        regex = compileRegex(pattern);
      } catch (error) {
        if (error instanceof WeftError) return fc.pre(false);
        throw error;
      }
      const expected = RE2JS.compile(pattern);
      for (const text of given) expect([text, regex.test(text)]).toEqual([text, expected.test(text)]);
    });
    fc.assert(property, { numRuns: runs });
  });

  it.each([
    ["(a|b)*a(a|b){9}c", "abbabaabababac", true],
    ["x{2,5}y", "xxxxxxy", true],
    ["^x{2,5}y", "xxxxxxy", false],
    ["(?:a?b?){3}$", "", true],
    ["\\b", "", false],
    ["\\B", "", true],
    ["(?m)^$", "a\n\nb", true],
    ["(?:\\ba|\\Bb)+$", "ab bb", true],
    ["(?:^|a)*\\z", "ba", true],
    ["[^\\x{0}-\\x{10ffff}]", "a", false],
  ])("answers %s on %j with %j", (pattern, text, answer) => {
    expect(RE2JS.compile(pattern).test(text)).toBe(answer);
    expect(compileRegex(pattern).test(text)).toBe(answer);
  });
});

describe("any pattern that is taken", () => {
  const random = (alphabet: string) => {
    const runes = [...alphabet];
    let state = 1;
    return Array.from({ length: 100_000 }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return runes[(state >>> 16) % runes.length];
    }).join("");
  };
  const [letters, scripts] = [random("ab"), random("aäßжя中文日本語")];
  const cycle = (length: number) => `(?:${Array.from({ length }, (_, i) => `[ab]{${i % 25}}`).join("|")})*`;

  it.each([
    [".{1000}c", letters],
    ["[ab]*a[ab]{1000}[^ab]", letters],
    ["(?:a|b)*a(?:a|b){400}[^ab]", letters],
    ["a[ab]{0,1000}[^ab]", letters],
    ["(?:a?b?){60}[^ab]", letters],
    ["\\pL.{900}\\d", scripts],
    ["\\b\\w.{300}\\B[^ab]", letters],
    [`${cycle(60)}[^ab]`, letters],
    ["(?i)[a-z]{500}[^a-z]", letters],
    ["^(?:(?:a+)+|b)+$[^ab]", letters],
  ])("reads 100,000 characters in time: %s", (pattern, text) => {
    const regex = compileRegex(pattern);
    const elapsed: number[] = [];
    // The CPU's time, and the best of three: others use this machine too.
    for (let n = 0; n < 3; n++) {
      const before = process.cpuUsage();
      expect(regex.test(text)).toBe(false);
      const { user, system } = process.cpuUsage(before);
      elapsed.push((user + system) / 1000);
    }
    expect(Math.min(...elapsed)).toBeLessThan(250);
  });
});
