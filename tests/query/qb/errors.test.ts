/** Where an error lies in an expression, whoever found it; and that hostile ones are refused at once. */
import { describe, expect, it } from "vitest";
import { checkSearch } from "../../../src/query/qb/check-search.ts";
import { defaultLimits } from "../../../src/resource/limits.ts";
import { model } from "../fixture.ts";
import { now, refusal } from "./read-qb.ts";

function check(qb: string) {
  return checkSearch(model, { qb, now }, defaultLimits);
}

const places: readonly (readonly [string, string])[] = [
  ["", "QUERY_INVALID 1:1"],
  ["QB", "QUERY_INVALID 1:1"],
  ["5", "QUERY_INVALID 1:1"],
  ["QB['title'].eq('a') QB", "QUERY_INVALID 1:21"],
  ["QB['title'] == QB['code']", "QUERY_INVALID 1:16"],
  ["QB['level'] > 1 & QB['level'] < 5", "QUERY_INVALID 1:17"],
  ["(QB['level'] > 1) & 5", "QUERY_INVALID 1:21"],
  ["QB.all(\n  QB['level'] > 1,\n  os.system('x'))", "QUERY_INVALID 3:3"],
  ["QB['level'].eq(1, 2)", "QUERY_INVALID 1:19"],
  ["QB['level'].eq(1, value=2)", "QUERY_INVALID 1:19"],
  ["QB['level'].eq(nonsense=2)", "QUERY_INVALID 1:16"],
  ["QB['level'].between(1)", "QUERY_INVALID 1:13"],
  ["QB['level'].length().desc()", "QUERY_INVALID 1:22"],
  ["QB['level'].gt", "QUERY_INVALID 1:1"],
  ["QB['level']()", "QUERY_INVALID 1:12"],
  ["QB.all().sort(5)", "QUERY_INVALID 1:15"],
  ["QB.any()", "QUERY_INVALID 1:4"],
  // What only the check against the model finds.
  ["(QB['level'] > 1) & (QB['secret'] == 2)", "FIELD_NOT_INDEXED 1:22"],
  ["QB['level'].between(1, 'b')", "QUERY_INVALID 1:24"],
  ["(QB['title'] == 'a') | ~(QB['level'] > 'x')", "QUERY_INVALID 1:40"],
  ["QB['level'] << [1, 2,\n 'x']", "QUERY_INVALID 2:2"],
  ["QB['level'] << [None, 1, 'x']", "QUERY_INVALID 1:26"],
  ["QB['level'] << 5", "QUERY_INVALID 1:16"],
  ["QB['title'].regex('(')", "QUERY_INVALID 1:19"],
  ["QB['isDone'].contains('a')", "QUERY_INVALID 1:23"],
  ["QB['due'] > '2024-01-01'", "QUERY_INVALID 1:13"],
  ["QB['title'].eq('a').sort('level', '-secret')", "FIELD_NOT_INDEXED 1:35"],
  ["QB['title'].eq('a').sort(QB['tags'].asc())", "QUERY_INVALID 1:26"],
  ["QB['title'].eq('a').limit(1001)", "LIMIT_EXCEEDED 1:27"],
  ["QB['title'].eq('a').page(1, 1001)", "LIMIT_EXCEEDED 1:29"],
];

describe("places", () => {
  for (const [text, at] of places) it(JSON.stringify(text), () => expect(refusal(() => check(text)).at).toBe(at));

  it("count lines by any line break, and columns in UTF-16 units as GraphQL does", () => {
    expect(refusal(() => check("QB['title']\r\n\r.eq('😀', @)")).at).toBe("QUERY_INVALID 3:11");
  });

  it("keep the hint of the check", () => {
    expect(refusal(() => check("QB['level'] > 'x'")).message).toContain('"x" is no value to compare this field with.');
  });
});

const big = 1_048_576;
const full = defaultLimits.maxQbLength;
const hostile: Readonly<Record<string, string>> = {
  "one megabyte of letters": "a".repeat(big),
  "one megabyte of text": `QB['title'].eq('${"a".repeat(big)}')`,
  "10,000 brackets": "(".repeat(10_000),
  "10,000 lists": "[".repeat(10_000),
  "10,000 negations": `${"~".repeat(10_000)}QB['title']`,
  "10,000 calls": "QB.all(".repeat(2_000),
  "10,000 signs": `QB['level'] > ${"-".repeat(10_000)}1`,
  "a thousand million letters": "QB['title'].eq('a'*10**9)",
  "a thousand million letters, repeated": "QB['title'].eq('a'*1000000000)",
  "an endless number": `QB['level'].eq(${"9".repeat(full - 20)})`,
  "a shift far to the left": "QB['level'].eq(1 << 1000000000000)",
  "too many literals": `QB['level'].in_([${"1,".repeat(full / 2 - 20)}])`,
  "too many conditions": "QB['ratio']|".repeat(full / 12 - 1).concat("QB['ratio']"),
  "conditions too deep": "(QB['level']&(QB['level']|".repeat(32).concat("QB['level']", "))".repeat(32)),
  "too many time zones": Array.from({ length: 99 }, (_, i) => `QB.created_time().today(${i - 14})`).join("|"),
  "a module": "dt.sys.modules",
  "a class": "QB.__class__.__mro__[1].__subclasses__()",
  "a prototype": "QB.__proto__.polluted",
  "a constructor": "QB['title'].constructor.constructor('return process')()",
  "a member of Object": "QB['title'].hasOwnProperty('x')",
  "a builtin": "__import__('os').system('true')",
  "a field with quotes and semicolons": `QB['a"; DROP TABLE "head"; --'].eq(1)`,
  "a sort with a sub-select": "QB.all().sort('-(select 1)')",
  "a negative limit": "QB.all().limit(-1)",
  "a pattern that repeats too much": "QB['title'].regex('(a{1000}){1000}')",
  "nothing but blanks": " ".repeat(full),
  "nothing but a comment": "#".repeat(full),
  "half a character": "\ud800",
  "a NUL": "QB['title']\0",
};

describe("hostile expressions are refused in less than 50 ms, with their place", () => {
  check("QB['title'].eq('the first one loads the code').sort('level')");
  for (const [name, text] of Object.entries(hostile)) {
    it(name, () => {
      const started = process.cpuUsage();
      const { at } = refusal(() => check(text));
      expect(at).toMatch(/^(QUERY_INVALID|LIMIT_EXCEEDED|FIELD_NOT_INDEXED) [1-9]\d*:[1-9]\d*$/);
      expect(process.cpuUsage(started).user / 1000).toBeLessThan(50);
    });
  }

  it("takes what is legal and large", () => {
    const chain = `QB['title'].eq('a')${".filter(QB['level']>1)".repeat(490)}`;
    const group = Array.from({ length: 600 }, (_, i) => `(QB['level']!=${i})`).join("&");
    expect([chain, group].map((text) => check(text).condition.kind)).toEqual(["and", "and"]);
  });
});
