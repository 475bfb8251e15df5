/** Patterns as PostgreSQL reads them, on a server and on PGlite, against RE2: the same answer for every text. */
import { PGlite } from "@electric-sql/pglite";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WeftError } from "../../../src/base/errors.ts";
import { postgresRegex } from "../../../src/query/regex/postgres-regex.ts";
import { compileRegex } from "../../../src/query/regex/regex.ts";
import { postgresUrl, skippedWithoutPostgres } from "../../servers/postgres.ts";
import { patterns, texts } from "./random-patterns.ts";

/** Whether each text matches, as the database says. */
type Match = (regex: string, texts: readonly string[]) => Promise<boolean[]>;

interface Database extends AsyncDisposable {
  readonly match: Match;
}

const sql =
  "select array_agg(value ~ $1::text order by i) as matches from unnest($2::text[]) with ordinality as given(value, i)";

async function openPglite(): Promise<Database> {
  const database = await PGlite.create();
  return {
    match: async (regex, given) =>
      (await database.query<{ matches: boolean[] }>(sql, [regex, given])).rows[0]?.matches ?? [],
    [Symbol.asyncDispose]: () => database.close(),
  };
}

async function openServer(): Promise<Database> {
  const client = new pg.Client({ connectionString: (await postgresUrl()) ?? "" });
  await client.connect();
  return {
    match: async (regex, given) => (await client.query(sql, [regex, given])).rows[0].matches,
    [Symbol.asyncDispose]: () => client.end(),
  };
}

const skipped = await skippedWithoutPostgres();

describe("on PGlite", () => regexOracle(openPglite));
describe.skipIf(skipped !== "")(`on a server ${skipped}`, () => regexOracle(openServer));

/** Constructs that the two read differently, each with texts that tell them apart. */
const cases: readonly (readonly [pattern: string, ...texts: string[]])[] = [
  ["a.c", "a\nc", "abc"],
  ["(?s)a.c", "a\nc", "abc"],
  ["[^a]", "\n", "a"],
  ["^b", "a\nb", "b"],
  ["b$", "b\n", "b"],
  ["(?m)^b$", "a\nb\nc", "ab"],
  ["a\\z", "a\n", "a"],
  ["(?i)k", "K", "\u212a", "k"],
  ["(?i)[r-t]", "\u017f", "R"],
  ["(?i)i", "İ", "ı", "I"],
  ["(?i)straße", "STRA\u1e9eE", "STRASSE"],
  ["(?i)σ", "ς", "Σ"],
  ["(?i)\u{10428}", "\u{10400}"],
  ["\\w", "é", "_", "٣"],
  ["\\d", "٣", "3"],
  ["\\s", "\v", "\u00a0", "\t"],
  ["[[:space:]]", "\v", "\u00a0"],
  ["\\bé", "é", "aé"],
  ["\\b", "", "é", "a"],
  ["\\Ba", "ba", "éa"],
  ["[\\]\\\\a-]", "]", "\\", "-", "b"],
  ["[]-a]", "^", "b"],
  ["[+-[]]", "5]", "5"],
  ["[[.a.]]", ".]", "a"],
  ["[a&&b]", "&"],
  ["^.$", "\u{1f600}", "ab"],
  ["[\\x{1f600}-\\x{1f610}]", "\u{1f605}", "\ud83c\udf00"],
  ["[^\\x00-\\x{10FFFF}]", "", "a"],
  ["a|[^\\x00-\\x{10FFFF}]b", "ab", "b"],
  ["^(?:[^\\x00-\\x{10FFFF}])*$", "", "a"],
  ["(|a)(b|)", ""],
  ["()*a", "a"],
  ["(^)*a", "ba"],
  ["(a*)*b", "aab", "a"],
  ["^(?:a{2}){3}$", "aaaaaa", "aaaaa"],
  ["^a{256}$", "a".repeat(256), "a".repeat(255)],
  ["^a{300,}$", "a".repeat(300), "a".repeat(299)],
  ["^a{2,600}$", "a".repeat(600), "a".repeat(601), "a"],
  ["^a{0,1000}$", "a".repeat(1000), "a".repeat(1001)],
  ["a{,2}", "aa", "a{,2}"],
  ["x{01}", "x", "x{01}"],
  ["\\Qa.*\\E+", "a.**", "ab"],
  ["(?i)a(?-i)b", "Ab", "AB"],
  ["((?i)a|b)c", "Bc", "BC"],
  ["(?<year>\\d{4})-(?P<month>\\d\\d)", "2026-11", "26-11"],
  ["\\x41\\101\\a\\f\\t\\n\\r\\v", "AA\u0007\f\t\n\r\v"],
  ["\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\^\\$\\\\\\-\\/\\'", ".*+?()[]{}|^$\\-/'"],
  ["\\pN\\p{^L}\\P{Greek}\\p{Lu}", "½1aÉ", "½aaÉ"],
];

const batch = 12;
const runs = process.env.WEFT_SOAK ? 20_000 : 400;

function regexOracle(open: () => Promise<Database>): void {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const compare = async (pattern: string, given: readonly string[]) => {
    const regex = compileRegex(pattern);
    expect(await database.match(postgresRegex(pattern), given)).toEqual(given.map((text) => regex.test(text)));
  };

  it.each(cases.map(([pattern, ...given]) => ({ pattern, given })))(
    "reads $pattern as RE2 does",
    ({ pattern, given }) => compare(pattern, given),
  );

  it(`answers ${runs} random patterns like RE2`, async () => {
    const property = fc.asyncProperty(
      patterns,
      fc.array(texts, { minLength: batch, maxLength: batch }),
      async (pattern, given) => {
        fc.pre(isTaken(pattern));
        await compare(pattern, given);
      },
    );
    await fc.assert(property, { numRuns: runs });
  }, 600_000);

  it.each([
    ["^(a+)+$", `${"a".repeat(100_000)}!`],
    ["(x+x+)+y", "x".repeat(100_000)],
    ["(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)!", "x".repeat(100_000)],
    [".{1000}!", "x".repeat(100_000)],
    ["(x?){140}y", "x".repeat(100_000)],
    ["((?m)^|$|a|\\b){5}!", "a b\n".repeat(25_000)],
    [`${"(?:".repeat(30)}a${"|b)*".repeat(30)}!`, "ab".repeat(50_000)],
    ["(\\pL|\\pN|\\p{Lu})*\\p{Greek}!", "x".repeat(100_000)],
  ])("answers %s on 100,000 characters in less than a second", async (pattern, text) => {
    const startedAt = performance.now();
    expect(await database.match(postgresRegex(pattern), [text])).toEqual([false]);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
}

/** Repeats that multiply beyond a thousand are no expression to RE2, or too large for us. */
function isTaken(pattern: string): boolean {
  try {
    compileRegex(pattern);
    return true;
  } catch (error) {
    if (error instanceof WeftError && /^LIMIT_EXCEEDED|invalid repeat count/.test(`${error.code} ${error.message}`))
      return false;
    throw error;
  }
}

describe("a regular expression for PostgreSQL", () => {
  it.each([
    ["\\*\\*\\*a", "\\u002a\\u002a\\u002aa"],
    ["(?i)ab", "[Aa][Bb]"],
    ["[^\\n]", "[^\\u000a]"],
    ["a{300}", "(?:a{255}){1}a{45}"],
    ["(?i:\\Q;'\\E)", "\\u003b\\u0027"],
  ])("spells %s as %s", (pattern, expected) => {
    expect(postgresRegex(pattern)).toBe(expected);
  });

  it("is of a bounded size, whatever the pattern", () => {
    const classes = `(?i)${"\\pL".repeat(14)}`;
    expect(isTaken(classes)).toBe(true);
    expect(postgresRegex(classes).length).toBeLessThan(100_000);
  });
});
