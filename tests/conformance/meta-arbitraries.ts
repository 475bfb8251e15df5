/** Random indexed data, histories and queries. Values come from small pools, so that comparisons often meet equals. */
import fc from "fast-check";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { ComparableType, Condition, QueryField, SortKey } from "../../src/query/condition.ts";
import { operators, operatorsFor, orderedTypes } from "../../src/query/operators.ts";
import type { HistoryStep } from "./meta-history.ts";
import { and, compare, constant, fields, metaFields, not, or } from "./query-fixtures.ts";

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
const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "",
      "a",
      "A",
      "ab",
      "b",
      "%",
      "_",
      "\\",
      "'",
      '"',
      "a'\"\\%_b",
      "🦋",
      "ﾡ",
      "é",
      "e\u0301",
      "null",
    ),
  },
  { weight: 1, arbitrary: anyText },
);
const number = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(0, -0, 1, 1.5, -1, 2, 1e21, -1e21, 5e-324, 1.7976931348623157e308, 0.1 + 0.2),
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

const authors = fc.constantFrom("ada", "Bob", "böb", "a'\"%_\\", "🦋");

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

function operandsOf({ type, path }: QueryField): fc.Arbitrary<Json> {
  if (path === "createdBy" || path === "updatedBy") return authors;
  return values[type];
}

const comparison: fc.Arbitrary<Condition> = fc.constantFrom(...allFields).chain((field) =>
  fc.constantFrom(...operatorsFor(field.type)).chain((operator) => {
    const { operand } = operators[operator];
    const own = operandsOf(field);
    if (operand === "boolean") return fc.boolean().map((value) => compare(field, operator, value));
    if (operand === "list") return fc.array(own, { maxLength: 3 }).map((value) => compare(field, operator, value));
    const value = operand === "part" && field.type === "list" ? json : own;
    return value.map((one) => compare(field, operator, one));
  }),
);

const constants = fc.tuple(fc.constantFrom(...allFields), fc.boolean()).map(([field, value]) => constant(field, value));

const { condition } = fc.letrec<{ condition: Condition }>((tie) => {
  const group = fc.array(tie("condition"), { maxLength: 3 });
  return {
    condition: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 6, arbitrary: comparison },
      { weight: 1, arbitrary: constants },
      { weight: 2, arbitrary: group.map((conditions) => and(...conditions)) },
      { weight: 2, arbitrary: group.map((conditions) => or(...conditions)) },
      { weight: 2, arbitrary: tie("condition").map((one) => not(one)) },
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

const place = fc.option(fc.nat({ max: 20 }), { nil: undefined, freq: 2 });
const page = fc.record({
  limit: fc.constantFrom(0, 1, 2, 3, 50),
  offset: fc.constantFrom(0, 0, 0, 1, 4),
  fromEnd: fc.boolean(),
  after: place,
  before: place,
});

export const queries: fc.Arbitrary<QueryModel[]> = fc.array(fc.record({ condition, sort, page }), {
  minLength: 10,
  maxLength: 14,
});

export { condition as arbitraryCondition, indexedData as arbitraryIndexedData, sort as arbitrarySort };
