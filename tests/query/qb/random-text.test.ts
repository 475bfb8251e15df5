/** Random expressions: whatever the text, an answer or an error of the table; and what is printed is read back as it was meant. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WeftError } from "../../../src/base/errors.ts";
import { checkSearch } from "../../../src/query/qb/check-search.ts";
import { fieldMethods } from "../../../src/query/qb/field-methods.ts";
import { relativeDates } from "../../../src/query/qb/relative-dates.ts";
import type { SearchCondition } from "../../../src/query/resource-query.ts";
import { defaultLimits } from "../../../src/resource/limits.ts";
import { model } from "../fixture.ts";
import { conditionFor, now } from "./read-qb.ts";

const seed = 20_240_229;
const numRuns = process.env.WEFT_SOAK === "1" ? 100_000 : 3_000;

/** Is the text taken, or refused as it should be? */
function isOrderly(qb: string): boolean {
  try {
    checkSearch(model, { qb, now }, defaultLimits);
    return true;
  } catch (error) {
    const { code, details } = error as WeftError;
    const isExpected = ["QUERY_INVALID", "FIELD_NOT_INDEXED", "LIMIT_EXCEEDED"].includes(code);
    if (!isExpected) throw error;
    return Number(details.line) >= 1 && Number(details.column) >= 1 && Number(details.column) <= qb.length + 1;
  }
}

const fieldNames = ["title", "level", "tags", "due", "day", "isDone", "address.city", "big", "none"];
const members = [
  ...Object.keys(fieldMethods),
  ...Object.keys(relativeDates),
  "sort",
  "limit",
  "page",
  "length",
  "desc",
];
const vocabulary = [
  ...fieldNames.map((name) => `QB['${name}']`),
  ...members.map((name) => `.${name}(`),
  ...members.map((name) => `.${name}()`),
  ..."( ) [ ] { } , . = == != < <= > >= & | ~ + - * / % << >> ** // not and in is lambda".split(" "),
  ..."QB dt datetime timezone ZoneInfo True False None .now() .created_time() .all( .any( .timedelta( days= tz=".split(
    " ",
  ),
  ...[
    "1",
    "-1",
    "1.5",
    "10**9",
    "0x",
    "1e999",
    "'a'",
    "r'\\d'",
    "'",
    '"""',
    "'2024-01-01T00:00:00Z'",
    "\n",
    "#",
    "\\",
    "é",
  ],
];

describe("random text", () => {
  it("of any characters is taken, or refused with its place", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), isOrderly), { seed, numRuns });
  });

  it("of the language's own words is taken, or refused with its place", () => {
    const words = fc.array(fc.constantFrom(...vocabulary), { maxLength: 25 }).map((chosen) => chosen.join(" "));
    fc.assert(fc.property(words, isOrderly), { seed, numRuns });
  });

  it("of a valid expression with a piece exchanged is taken, or refused with its place", () => {
    const valid =
      "QB.all(QB['level'].between(1, 5), ~QB['title'].like('%a_') & (18 <= QB['level'] < 65)).filter(QB['due'] > datetime.now() - dt.timedelta(days=2)).sort('-level', QB['title'].asc()).page(2, 10)";
    const mutation = fc.tuple(fc.nat(valid.length), fc.nat(12), fc.constantFrom("", ...vocabulary));
    const mutated = mutation.map(([at, count, piece]) => valid.slice(0, at) + piece + valid.slice(at + count));
    expect(isOrderly(valid)).toBe(true);
    fc.assert(fc.property(mutated, isOrderly), { seed, numRuns });
  });
});

interface Meant {
  readonly text: string;
  readonly condition: SearchCondition;
}

type Scalar = string | number | boolean | null;

/** A value as Python writes it. */
function printed(value: Scalar | readonly Scalar[]): string {
  if (typeof value === "object" && value !== null) return `[${value.map(printed).join(", ")}]`;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "string" ? JSON.stringify(value) : `${value}`;
}

const scalar = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.float({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
);
const name = fc.string({ minLength: 1, maxLength: 8 });
const signs = {
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "lte",
  ">": "gt",
  ">=": "gte",
  "%": "regex",
  ">>": "contains",
};

const comparison: fc.Arbitrary<Meant> = fc
  .tuple(name, fc.constantFrom(...Object.entries(signs)), scalar, fc.boolean())
  .map(([fieldPath, [sign, operator], value, isLength]) => {
    const transform = isLength ? ({ transform: "LENGTH" } as const) : {};
    const text = `(QB[${printed(fieldPath)}]${isLength ? ".length()" : ""} ${sign} ${printed(value)})`;
    return { text, condition: { condition: { fieldPath, ...transform, operator, value } } };
  });

const membership: fc.Arbitrary<Meant> = fc
  .tuple(name, fc.array(scalar, { maxLength: 4 }))
  .map(([fieldPath, value]) => ({
    text: `QB[${printed(fieldPath)}].in_(${printed(value)})`,
    condition: { condition: { fieldPath, operator: "in", value } },
  }));

const { meant } = fc.letrec<{ meant: Meant }>((tie) => {
  const group = fc
    .tuple(fc.constantFrom("&", "|"), fc.array(tie("meant"), { minLength: 2, maxLength: 4 }), fc.boolean())
    .map(([sign, parts, isCall]): Meant => {
      const operator = sign === "&" ? "AND" : "OR";
      const texts = parts.map(({ text }) => text);
      const text = isCall ? `QB.${sign === "&" ? "all" : "any"}(${texts.join(", ")})` : `(${texts.join(` ${sign}\n`)})`;
      return { text, condition: { group: { operator, conditions: parts.map(({ condition }) => condition) } } };
    });
  const negation = tie("meant").map(
    ({ text, condition }): Meant => ({
      text: `(~${text})`,
      condition: { group: { operator: "NOT", conditions: [condition] } },
    }),
  );
  return { meant: fc.oneof({ maxDepth: 5, withCrossShrink: true }, comparison, membership, group, negation) };
});

describe("printed conditions", () => {
  it("are read back as they were meant", () => {
    fc.assert(
      fc.property(meant, ({ text, condition }) => {
        expect(conditionFor(text)).toEqual(condition);
      }),
      { seed, numRuns: numRuns / 3 },
    );
  });
});
