import { describe, expect, it } from "vitest";
import { WeftError } from "../../../src/base/errors.ts";
import { compileRegex, maxPatternLength } from "../../../src/query/regex/regex.ts";

function errorOf(pattern: string): WeftError {
  try {
    compileRegex(pattern, ["where", "title", "regex"]);
  } catch (error) {
    if (error instanceof WeftError) return error;
    throw error;
  }
  throw new Error(`${pattern} was taken`);
}

describe("a regular expression", () => {
  it("matches anywhere in the text, unless it is anchored", () => {
    expect(compileRegex("b").test("abc")).toBe(true);
    expect(compileRegex("^b").test("abc")).toBe(false);
    expect(compileRegex("").test("")).toBe(true);
  });

  it("has RE2's syntax: its anchors, flags, classes and letter cases", () => {
    expect(compileRegex("a.c").test("a\nc")).toBe(false);
    expect(compileRegex("(?s)a.c").test("a\nc")).toBe(true);
    expect(compileRegex("^b$").test("a\nb\n")).toBe(false);
    expect(compileRegex("(?m)^b$").test("a\nb\n")).toBe(true);
    expect(compileRegex("^\\p{Greek}+\\z").test("Σίσυφος")).toBe(true);
    expect(compileRegex("(?i)^kiss$").test("\u212aI\u017fS")).toBe(true);
    expect(compileRegex("(?i)^i$").test("\u0130")).toBe(false);
    expect(compileRegex("^.$").test("\u{1f600}")).toBe(true);
    expect(compileRegex("\\w").test("é")).toBe(false);
  });

  it.each([
    ["(", "missing closing )"],
    ["a**", "invalid nested repetition operator"],
    ["[b-a]", "invalid character class range"],
    ["(a)\\1", "invalid escape sequence"],
    ["(?=a)", "invalid or unsupported Perl syntax"],
    ["(?<=a)b", "invalid named capture"],
    ["a{1001}", "invalid repeat count"],
    ["*", "missing argument to repetition operator"],
  ])("is refused as %s, with RE2's reason and the place", (pattern, reason) => {
    const { code, details, message } = errorOf(pattern);
    expect(code).toBe("QUERY_INVALID");
    expect(message).toContain(reason);
    expect(details.at).toEqual(["where", "title", "regex"]);
  });
});

describe("the size of a regular expression", () => {
  it.each([
    ["as many characters as are allowed", "a".repeat(maxPatternLength)],
    ["the longest repeat", "^.{1000}$"],
    ["the longest optional repeat", "x{0,1000}y"],
    ["a text of a thousand letters in either case", `(?i)${"abcdefghij".repeat(99)}`],
    ["several large classes", "^\\p{Lu}\\pL+(?:[\\s-]\\p{Lu}\\pL+){0,9}$"],
    ["an address of mail", "^[\\w.+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.){1,8}[a-z]{2,63}$"],
    ["deep groups", `${"(".repeat(400)}a${")".repeat(400)}`],
  ])("may be %s", (_, pattern) => {
    expect(compileRegex(pattern).test("nothing")).toBeTypeOf("boolean");
  });

  it.each([
    ["of too many characters", "a".repeat(maxPatternLength + 1)],
    ["of long repeats in a row", ".{1000}".repeat(140)],
    ["of a long text repeated", `(${"a".repeat(900)}){1000}`],
    ["of repeats that could repeat nothing", "(x?){1000}"],
    ["of nested optional repeats", "((a{0,10}){0,10}){0,10}"],
    ["of nested endless choices", `${"(?:".repeat(200)}a${"|b)*".repeat(200)}`],
    ["of nothing but assertions", "^(?:|\\b){256}$"],
    ["of assertions upon assertions", "((?m)^|$|a|\\b){30}"],
    ["of many large classes", "\\pL".repeat(100)],
    ["of many large classes, all of them different", "[\\pLa][\\pLb][\\pLc][\\pLd]".repeat(20)],
    ["beyond counting", `${"(".repeat(150)}\\b|\\B|a${"){999}".repeat(150)}`],
    ["of a number beyond all", "a{99999999999999999999}"],
  ])("is refused %s, before it takes time", (_, pattern) => {
    const elapsed: number[] = [];
    // The best of three: others use this machine too.
    for (let n = 0; n < 3; n++) {
      const startedAt = performance.now();
      expect(errorOf(pattern).code).toBe("LIMIT_EXCEEDED");
      elapsed.push(performance.now() - startedAt);
    }
    expect(Math.min(...elapsed)).toBeLessThan(50);
  });
});

describe("the time of a match", () => {
  const many = 100_000;
  it.each([
    ["^(a+)+$", `${"a".repeat(many)}!`],
    ["(x+x+)+y", "x".repeat(many)],
    ["(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)!", "x".repeat(many)],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a".repeat(many)],
    ["(a|aa)+$", `${"a".repeat(many)}!`],
  ])("of %s is linear in the text", (pattern, text) => {
    const regex = compileRegex(pattern);
    const startedAt = performance.now();
    expect(regex.test(text)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
