/** Random indexed data, histories and queries. Values come from small pools, so that comparisons often meet equals. */
import fc from "fast-check";
import { WeftError } from "../../src/base/errors.ts";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { FieldType } from "../../src/model/field.ts";
import { checkComparison } from "../../src/query/check-comparison.ts";
import type {
  ComparableType,
  Condition,
  OperatorName,
  PlainCondition,
  QueryField,
  SortKey,
} from "../../src/query/condition.ts";
import { type Filterable, lengthOf } from "../../src/query/fields.ts";
import { operatorNames, operators, operatorsFor, orderedTypes } from "../../src/query/operators.ts";
import type { HistoryStep } from "./meta-history.ts";
import { and, constant, fields, isTrue, metaFields, not, or } from "./query-fixtures.ts";

export type Step = HistoryStep;

export interface QueryModel {
  readonly condition: Condition;
  readonly sort: readonly SortKey[];
  readonly page: {
    readonly limit: number;
    readonly offset: number;
    readonly fromEnd: boolean;
    /** Which of all heads in this order the page begins behind, ends before. */
    readonly after: number | undefined;
    readonly before: number | undefined;
  };
}

/** Text that every store can hold: no NUL. fast-check makes no half surrogate pairs here. */
const anyText = fc.string({ unit: "binary", maxLength: 6 }).map((text) => text.replaceAll("\0", ""));
const plainTexts = ["", "a", "A", "ab", "b", "aa", "foo bar", "null", "a\nb", "\n", "\t", " ", "2024-01-01"];
const quotingTexts = [
  "%",
  "_",
  "\\",
  "'",
  '"',
  "a'\"\\%_b",
  "\\%",
  "$1",
  "?",
  "--",
  ";",
  "{}",
  "a.b",
  "(a",
  "[",
  "^a$",
  ".*",
];
const unicodeTexts = [
  ...["🦋", "a🦋b", "ﾡ", "\ue000", "\uffff", "\u{10ffff}", "é", "e\u0301", "É", "漢"],
  ...["İ", "ı", "i", "I", "ß", "ẞ", "SS", "Σ", "σ", "ς", "ΟΔΟΣ", "K", "ſ", "𐐀", "𐐨", "ᾈ", "ᾀ", "ǅ", "Ꭰ", "ꭰ", "Ж", "ж"],
];
/** Far beyond the 2,704 bytes of an entry of a B-tree, the first one not to be compressed below them either. */
const longTexts = [`${noise(9000)}END`, "Ää".repeat(3000)];
const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...plainTexts) },
  { weight: 3, arbitrary: fc.constantFrom(...quotingTexts) },
  { weight: 3, arbitrary: fc.constantFrom(...unicodeTexts) },
  { weight: 2, arbitrary: anyText },
);
/** Letters in no order, the same in each run. */
function noise(length: number): string {
  let state = 1;
  const letters = Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(97 + (state % 26));
  });
  return letters.join("");
}

const number = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[0, -0, 1, 1.5, -1, 2, 1e21, -1e21, 5e-324, 1.7976931348623157e308, 1e308, 0.1, 0.2, 0.3, 0.1 + 0.2],
      ...[2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53)],
    ),
  },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
);
const bigint = fc.constantFrom(
  "0",
  "1",
  "-1",
  "9",
  "10",
  "9007199254740992",
  "9007199254740993",
  "-9007199254740993",
  "1000000000000000000000000",
);
const time = fc.constantFrom(
  ...[
    "2024-01-01T12:00:00.000Z",
    "2024-01-01T12:05:00.000Z",
    "2024-01-01T12:05:00.123Z",
    "2024-01-01T12:05:00.123456Z",
  ],
  ...["2024-01-01T12:05:00.1234Z", "1969-12-31T23:59:59.999Z"],
  ...["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"],
);
const date = fc.constantFrom("2024-01-01", "2024-02-29", "1969-12-31");
const leaf: fc.Arbitrary<Json> = fc.oneof(fc.constantFrom<Json>(null, true, false), text, number);
const list: fc.Arbitrary<Json> = fc.array(
  fc.oneof({ weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: fc.array(leaf, { maxLength: 2 }) }),
  { maxLength: 3 },
);
const json: fc.Arbitrary<Json> = fc
  .oneof(leaf, list, fc.dictionary(fc.constantFrom("a", "b", "c'\""), leaf, { maxKeys: 3 }))
  .filter((value) => value !== null);

const values: Record<ComparableType, fc.Arbitrary<Json>> = {
  text,
  number,
  bigint,
  boolean: fc.boolean(),
  time,
  date,
  list,
  json,
};

const dataFields = Object.values(fields) as readonly QueryField[];
const allFields: readonly QueryField[] = [...dataFields, ...Object.values(metaFields)];

/** What another type may have left behind. Text in a time field is compared as it comes, so it is left out. */
function strange(type: ComparableType): fc.Arbitrary<Json> {
  return type === "time" ? json.filter((value) => typeof value !== "string") : json;
}

/** Absent, null, a value of the field's type, or rarely one that another type left behind. */
const indexedData: fc.Arbitrary<JsonObject> = fc
  .tuple(
    ...dataFields.map(({ path, type }) =>
      fc.oneof(
        { weight: 10, arbitrary: values[type].map((value) => ({ [path]: value })) },
        { weight: 3, arbitrary: fc.constant({ [path]: null }) },
        { weight: 1, arbitrary: strange(type).map((value) => ({ [path]: value })) },
        { weight: 3, arbitrary: fc.constant({}) },
      ),
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as JsonObject);

export const authorNames = ["ada", "Bob", "böb", "a'\"%_\\", "🦋"] as const;

const authors = fc.constantFrom(...authorNames);

/** As above, and rarely a text far longer than an entry of an index may be. */
export const heavyIndexedData: fc.Arbitrary<JsonObject> = fc
  .tuple(
    indexedData,
    fc.oneof(
      { weight: 40, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...longTexts) },
    ),
  )
  .map(([data, long]) =>
    long === undefined ? data : { ...data, [fields.title.path]: long, [fields.extra.path]: long },
  );

const stepWrite = fc.record({
  resource: fc.nat({ max: 15 }),
  action: fc.constantFrom("update", "update", "modify", "switch", "flag", "purge"),
  isStale: fc.nat({ max: 11 }).map((n) => n === 0),
  indexedData,
  by: authors,
  at: fc.nat({ max: 6 }),
});

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ writes: fc.array(stepWrite, { minLength: 1, maxLength: 6 }) }),
  { minLength: 4, maxLength: 16 },
);

const fieldTypes: Record<ComparableType, FieldType> = {
  text: { kind: "string" },
  number: { kind: "float" },
  bigint: { kind: "bigint", holds: "bigint" },
  boolean: { kind: "boolean" },
  time: { kind: "datetime", holds: "string" },
  date: { kind: "date" },
  list: { kind: "list", element: { type: { kind: "json" }, isNullable: true } },
  json: { kind: "json" },
};

const targets: readonly Filterable[] = allFields.map((field) => ({ field, type: fieldTypes[field.type] }));
const lengths = targets.map(lengthOf);

/** Values that no field can hold, or fields of some other type only: checking must make the right thing of each. */
const strangers: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(
  ...["\0", "a\0b", "\ud83e", "a\udd8b", "\udd8b\ud83e", "'; drop table weft_head; --"],
  ...[null, true, false, 0, 1, 1.0, "1", "true", "null", [], {}, [null], { a: "\0" }, ["\ud83e"]],
);

/** What many texts have in them. */
const pieces = fc.constantFrom(
  ...["a", "b", "A", "i", "o", "ß", "Σ", "k", "%", "_", "\\", "'", "🦋", " ", "END", "\u0301", ":1", "d"],
);

const patterns = fc.oneof(
  fc.constantFrom(
    ...[
      "",
      "a",
      "^a",
      "a$",
      "^a$",
      "^$",
      ".",
      "^.$",
      "^..$",
      ".*",
      "a.b",
      "a|b",
      "(?i)A",
      "(?i)é",
      "(?i)σ",
      "(?i)k",
      "(?i)ß",
    ],
    ...[
      "[a-c]",
      "[^a-c]",
      "\\d",
      "\\D",
      "\\w",
      "\\W",
      "\\s",
      "\\S",
      "\\bfoo\\b",
      "\\Boo",
      "a{2}",
      "a{1,2}",
      "(ab)+",
      "(?:a|b)?c?",
    ],
    ...[
      "\\p{L}",
      "\\P{L}",
      "\\p{Lu}",
      "\\pN",
      "\\p{Greek}",
      "[[:alpha:]]",
      "[[:^digit:]]",
      "[[:space:]]",
      "\\x{1F98B}",
      "\\x41",
    ],
    ...[
      "🦋",
      "^🦋$",
      "[🦋漢]",
      "[ä-ü]",
      "%",
      "_",
      "\\\\",
      "'",
      '"',
      "\\.",
      "\\$1",
      "\\?",
      "\\Qa.b\\E",
      "\\^",
      "[\\]^-]",
    ],
    ...[
      "(?s)a.b",
      "a.b",
      "(?m)^b$",
      "(?m)a$",
      "\\Aa",
      "b\\z",
      "(a+)+$",
      "(a|aa)+$",
      "[^a]*END$",
      "(?U)a+",
      "a+?",
      "\\t",
      "\\n",
      "\\C",
    ],
  ),
  // Whatever it is, as itself.
  text.filter((one) => one.length < 20).map((one) => one.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&")),
);

function ownOperand({ field }: Filterable): fc.Arbitrary<Json> {
  if (field.transform === "length") return fc.constantFrom<Json[]>(0, 1, 2, 3, 1.5, -1, 6000, 9003);
  if (field.path === "createdBy" || field.path === "updatedBy") return authors;
  return values[field.type];
}

function operandOf(target: Filterable, operator: OperatorName): fc.Arbitrary<Json> {
  const own = ownOperand(target);
  switch (operators[operator].operand) {
    case "boolean":
      return fc.boolean();
    case "list":
      return fc.array(own, { maxLength: 3 });
    case "range":
      return fc.tuple(own, own).map(([low, high]) => [low, high]);
    case "pattern":
      return patterns;
    case "part":
      return target.field.type === "list"
        ? json
        : fc.oneof(
            { weight: 4, arbitrary: pieces },
            { weight: 4, arbitrary: text },
            { weight: 1, arbitrary: strangers },
          );
    default:
      return fc.oneof({ weight: 6, arbitrary: own }, { weight: 1, arbitrary: strangers });
  }
}

/** An operator first, so that each has its share, then a field that takes it. */
const comparison: fc.Arbitrary<PlainCondition> = fc.constantFrom(...operatorNames).chain((operator) => {
  const takers = [targets, lengths].map((all) =>
    all.filter(({ field }) => operatorsFor(field.type).includes(operator)),
  );
  const [own = [], ofLengths = []] = takers;
  const ofData = own.filter(({ field }) => field.source === "data");
  const target = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...(ofData.length === 0 ? own : ofData)) },
    { weight: 1, arbitrary: fc.constantFrom(...own) },
    ...(ofLengths.length === 0 ? [] : [{ weight: 1, arbitrary: fc.constantFrom(...ofLengths) }]),
  );
  return target.chain((one) => operandOf(one, operator).map((value) => checked(one, operator, value)));
});

/** As checking has it; what it refuses stands for false. */
function checked(target: Filterable, operator: OperatorName, value: Json): PlainCondition {
  try {
    return checkComparison(target, operator, value, []);
  } catch (error) {
    if (error instanceof WeftError && error.code === "QUERY_INVALID") return constant(target.field, false);
    throw error;
  }
}

const constants = fc.tuple(fc.constantFrom(...allFields), fc.boolean()).map(([field, value]) => constant(field, value));

const { condition } = fc.letrec<{ condition: PlainCondition }>((tie) => {
  const group = fc.oneof(
    { weight: 6, arbitrary: fc.array(tie("condition"), { minLength: 2, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(tie("condition"), { maxLength: 1 }) },
  );
  return {
    condition: fc.oneof(
      { maxDepth: 4, depthSize: "medium", withCrossShrink: true },
      { weight: 10, arbitrary: comparison },
      { weight: 1, arbitrary: constants },
      { weight: 5, arbitrary: group.map((conditions) => and(...conditions)) },
      { weight: 5, arbitrary: group.map((conditions) => or(...conditions)) },
      { weight: 3, arbitrary: tie("condition").map((one) => not(one)) },
      { weight: 2, arbitrary: tie("condition").map((one) => isTrue(one)) },
    ),
  };
});

const sort = fc.uniqueArray(
  fc.record({
    field: fc.constantFrom(...allFields.filter(({ type }) => orderedTypes.includes(type))),
    direction: fc.constantFrom("asc", "desc"),
  }),
  { maxLength: 3, selector: ({ field }) => field.path },
);

const place = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.nat({ max: 200 }) },
);
const page = fc.record({
  limit: fc.constantFrom(0, 1, 3, 50, 50, 1000),
  offset: fc.constantFrom(0, 0, 0, 1, 4),
  fromEnd: fc.boolean(),
  after: place,
  before: place,
});

/** A proviso, before it is known what there is. */
export type Guard =
  | { readonly kind: "unchanged"; readonly resource: number; readonly etag: "current" | "another" | "none" }
  | {
      readonly kind: "none";
      readonly name: number;
      readonly condition: PlainCondition;
      readonly except: readonly number[];
    };

const resource = fc.nat({ max: 15 });
const etag = fc.constantFrom("current", "current", "current", "another", "none");
const guard: fc.Arbitrary<Guard> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unchanged"), resource, etag }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("none"),
      name: fc.nat({ max: 2 }),
      condition,
      except: fc.array(resource, { maxLength: 12 }),
    }),
  },
);

/** For the commits of a history in turn. */
export const guards: fc.Arbitrary<Guard[][]> = fc.array(fc.array(guard, { maxLength: 3 }), {
  minLength: 4,
  maxLength: 16,
});

export const query: fc.Arbitrary<QueryModel> = fc.record({ condition, sort, page });

/** The same, asked of conditions of another kind. */
export function queryOf(conditions: fc.Arbitrary<Condition>): fc.Arbitrary<QueryModel> {
  return fc.record({ condition: conditions, sort, page });
}

export const queries: fc.Arbitrary<QueryModel[]> = fc.array(query, { minLength: 10, maxLength: 14 });

export { condition as arbitraryCondition, indexedData as arbitraryIndexedData, sort as arbitrarySort };
