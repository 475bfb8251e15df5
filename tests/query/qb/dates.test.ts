/** Times, days and spans: Python's `datetime`, zones, and the ranges around now. */
import { describe, expect, it } from "vitest";
import { conditionFor, operandFor, refusal } from "./read-qb.ts";

const times: readonly (readonly [string, string])[] = [
  ["datetime.datetime(2024, 1, 1)", "2024-01-01T00:00:00.000Z"],
  ["datetime(2024, 1, 1, 12, 30, second=5, microsecond=120)", "2024-01-01T12:30:05.00012Z"],
  ["dt.datetime(2024, 7, 1, tzinfo=ZoneInfo('Europe/Berlin'))", "2024-06-30T22:00:00.000Z"],
  ["datetime.datetime(2024, 1, 1, tzinfo='Asia/Taipei')", "2023-12-31T16:00:00.000Z"],
  ["datetime.datetime(2024, 1, 1, tzinfo=timezone.utc)", "2024-01-01T00:00:00.000Z"],
  ["datetime(2024, 1, 1, tzinfo=timezone(datetime.timedelta(hours=5, minutes=30)))", "2023-12-31T18:30:00.000Z"],
  ["datetime.now()", "2024-02-29T20:30:00.123Z"],
  ["datetime.datetime.now('Asia/Tokyo')", "2024-02-29T20:30:00.123Z"],
  ["datetime.datetime.utcnow()", "2024-02-29T20:30:00.123Z"],
  ["datetime.now() - datetime.timedelta(days=7)", "2024-02-22T20:30:00.123Z"],
  ["dt.timedelta(hours=1.5) * 2 + datetime.now()", "2024-02-29T23:30:00.123Z"],
  ["datetime.now('+8').replace(hour=0, minute=0, second=0, microsecond=0)", "2024-02-29T16:00:00.000Z"],
  ["datetime.now() - datetime.timedelta(days=3) / 2", "2024-02-28T08:30:00.123Z"],
  ["datetime.now() - 0.5 * dt.timedelta(days=1)", "2024-02-29T08:30:00.123Z"],
  ["datetime.now() - (+dt.timedelta(hours=50) % dt.timedelta(days=1))", "2024-02-29T18:30:00.123Z"],
  ["datetime.now() + (datetime(2024, 3, 1) - datetime(2024, 2, 28))", "2024-03-02T20:30:00.123Z"],
  ["datetime(2024, 1, 1).replace(tzinfo=ZoneInfo('Asia/Taipei'))", "2023-12-31T16:00:00.000Z"],
  ["datetime(2024, 1, 1, tzinfo='+8').replace(tzinfo=None)", "2024-01-01T00:00:00.000Z"],
  ["datetime(2024, 1, 1, tzinfo=timezone(datetime.timedelta(hours=8), 'CST'))", "2023-12-31T16:00:00.000Z"],
  ["datetime.fromisoformat('2024-01-01 08:00:00+08:00')", "2024-01-01T00:00:00.000Z"],
  ["datetime.fromisoformat('2024-01-01')", "2024-01-01T00:00:00.000Z"],
  ["datetime.datetime(1, 1, 1)", "0001-01-01T00:00:00.000Z"],
  ["datetime.date(2024, 2, 29)", "2024-02-29"],
  ["datetime.date.today() + datetime.timedelta(days=1)", "2024-03-01"],
  ["datetime.now('+8').date()", "2024-03-01"],
];

describe("times", () => {
  for (const [text, value] of times) it(`reads ${text}`, () => expect(operandFor(text)).toBe(value));

  it("tells its parts", () => {
    expect(operandFor("datetime.now('+8').day + datetime.date(2024, 5, 6).month * 100")).toBe(501);
    expect(operandFor("(datetime.timedelta(hours=49)).days")).toBe(2);
    expect(operandFor("datetime.timedelta(hours=-1).days")).toBe(-1);
    expect(operandFor("datetime.timedelta(hours=-1).seconds")).toBe(82_800);
    expect(operandFor("datetime.timedelta(milliseconds=1.5).microseconds")).toBe(1500);
  });

  it("tells what lies between two of them", () => {
    expect(operandFor("(datetime.date(2024, 3, 1) - datetime.date(2024, 2, 1)).days")).toBe(29);
    expect(operandFor("(datetime(2024, 1, 2) - datetime(2024, 1, 1, tzinfo='+8')) / dt.timedelta(hours=1)")).toBe(32);
    const newYork = (day: string) => `datetime(${day}, tzinfo=ZoneInfo('America/New_York'))`;
    // Python compares what the clocks of one zone show, though one hour of that day is missing.
    const difference = `${newYork("2024, 3, 11")} - ${newYork("2024, 3, 10")}`;
    expect(operandFor(`(${difference}) / dt.timedelta(hours=1)`)).toBe(24);
  });

  it("knows when clocks change", () => {
    const at = (day: string) => operandFor(`datetime(${day}, tzinfo=ZoneInfo('America/New_York'))`);
    expect(at("2024, 3, 10, 1, 59")).toBe("2024-03-10T06:59:00.000Z");
    expect(at("2024, 3, 10, 2, 30")).toBe("2024-03-10T07:30:00.000Z"); // a time that no clock shows
    expect(at("2024, 3, 10, 3")).toBe("2024-03-10T07:00:00.000Z");
    expect(at("2024, 11, 3, 1, 30")).toBe("2024-11-03T05:30:00.000Z"); // shown twice: the first
  });

  it("takes a day as its first instant where the field is a time", () => {
    const { condition } = conditionFor("QB['due'] >= datetime.date(2024, 1, 2)", { typeOf: () => "time" });
    expect(condition?.value).toBe("2024-01-02T00:00:00.000Z");
  });

  it("refuses what the calendar or the world lacks", () => {
    const bad = [
      "datetime(2024, 2, 30)",
      "datetime(0, 1, 1)",
      "datetime(10000, 1, 1)",
      "datetime(2024, 1, 1, 24)",
      "datetime(2024, 1)",
      "datetime(2024, 1, 1.0)",
      "datetime(9999, 12, 31) + datetime.timedelta(days=1)",
      "datetime.timedelta(days=10 ** 9)",
      "datetime.timedelta(days=1000000000)",
      "datetime.now('Mars/Phobos')",
      "datetime.now('../../etc/passwd')",
      "ZoneInfo('UTC')",
      "datetime.now(24)",
      "datetime.timedelta(days=1)",
      "datetime.fromisoformat('yesterday')",
      "datetime.now().replace(year=0)",
      "datetime.now() - datetime.date(2024, 1, 1)",
      "datetime.timedelta(days=1) - datetime.now()",
      "datetime.timedelta(days=1) / 0",
      "datetime.timedelta(days=1) % datetime.timedelta(0)",
      "datetime.timedelta(days=999999999) * 1.5",
      "datetime.timedelta(days=1) + 1",
      "datetime.timezone.utc - 1",
    ];
    for (const text of bad) expect(refusal(() => operandFor(text)).at, text).toMatch(/^QUERY_INVALID 1:\d+$/);
  });
});

/** What the comparisons of a range say. */
function rangeOf(text: string, type?: "date", context: { readonly now?: Date } = {}): string[] {
  const condition = conditionFor(text, { typeOf: () => type, ...context });
  return (condition.group?.conditions ?? [condition]).map(
    ({ condition: leaf }) => `${leaf?.operator} ${String(leaf?.value).replace(":00.000Z", "Z")}`,
  );
}

describe("ranges around now", () => {
  const ranges: readonly (readonly [string, readonly string[]])[] = [
    ["today()", ["gte 2024-02-29T00:00Z", "lt 2024-03-01T00:00Z"]],
    ["today('Asia/Taipei')", ["gte 2024-02-29T16:00Z", "lt 2024-03-01T16:00Z"]],
    ["today(tz=ZoneInfo('America/New_York'))", ["gte 2024-02-29T05:00Z", "lt 2024-03-01T05:00Z"]],
    ["today('+05:30')", ["gte 2024-02-29T18:30Z", "lt 2024-03-01T18:30Z"]],
    ["today(-3.5)", ["gte 2024-02-29T03:30Z", "lt 2024-03-01T03:30Z"]],
    ["yesterday()", ["gte 2024-02-28T00:00Z", "lt 2024-02-29T00:00Z"]],
    ["this_week()", ["gte 2024-02-26T00:00Z", "lt 2024-03-04T00:00Z"]],
    ["this_week(8, 4)", ["gte 2024-02-29T16:00Z", "lt 2024-03-07T16:00Z"]],
    ["this_month()", ["gte 2024-02-01T00:00Z", "lt 2024-03-01T00:00Z"]],
    ["this_month(8)", ["gte 2024-02-29T16:00Z", "lt 2024-03-31T16:00Z"]],
    ["this_year('America/New_York')", ["gte 2024-01-01T05:00Z", "lt 2025-01-01T05:00Z"]],
    ["last_n_days(1)", ["gte 2024-02-29T00:00Z"]],
    ["last_n_days(30, tz='+8')", ["gte 2024-01-31T16:00Z"]],
  ];
  for (const [method, range] of ranges) {
    it(method, () => expect(rangeOf(`QB.created_time().${method}`)).toEqual(range));
  }

  const at: readonly (readonly [now: string, method: string, range: readonly string[]])[] = [
    // Clocks that are put forward at midnight, back at midnight, forward and back at night; a day that is left out.
    ["2018-11-04T12:00Z", "today('America/Sao_Paulo')", ["gte 2018-11-04T03:00Z", "lt 2018-11-05T02:00Z"]],
    ["2018-02-18T02:30Z", "today('America/Sao_Paulo')", ["gte 2018-02-17T02:00Z", "lt 2018-02-18T03:00Z"]],
    ["2024-03-10T12:00Z", "today('America/New_York')", ["gte 2024-03-10T05:00Z", "lt 2024-03-11T04:00Z"]],
    ["2024-11-03T12:00Z", "today('America/New_York')", ["gte 2024-11-03T04:00Z", "lt 2024-11-04T05:00Z"]],
    ["2024-03-31T12:00Z", "this_month('Europe/London')", ["gte 2024-03-01T00:00Z", "lt 2024-03-31T23:00Z"]],
    ["2024-11-05T12:00Z", "last_n_days(5, 'America/New_York')", ["gte 2024-11-01T04:00Z"]],
    ["2011-12-30T12:00Z", "today('Pacific/Apia')", ["gte 2011-12-30T10:00Z", "lt 2011-12-31T10:00Z"]],
    // The ends of months, weeks and years, here and elsewhere.
    ["2024-12-31T23:30Z", "this_year('+1')", ["gte 2024-12-31T23:00Z", "lt 2025-12-31T23:00Z"]],
    ["2024-12-31T23:30Z", "this_month('+1')", ["gte 2024-12-31T23:00Z", "lt 2025-01-31T23:00Z"]],
    ["2024-01-01T00:30Z", "this_year(-1)", ["gte 2023-01-01T01:00Z", "lt 2024-01-01T01:00Z"]],
    ["2023-02-28T23:59Z", "this_month()", ["gte 2023-02-01T00:00Z", "lt 2023-03-01T00:00Z"]],
    ["2024-12-15T00:00Z", "this_month()", ["gte 2024-12-01T00:00Z", "lt 2025-01-01T00:00Z"]],
    ["2024-01-07T12:00Z", "this_week()", ["gte 2024-01-01T00:00Z", "lt 2024-01-08T00:00Z"]],
    ["2024-01-08T00:00Z", "this_week()", ["gte 2024-01-08T00:00Z", "lt 2024-01-15T00:00Z"]],
    ["2024-01-07T12:00Z", "this_week(week_start=6)", ["gte 2024-01-07T00:00Z", "lt 2024-01-14T00:00Z"]],
    ["2024-01-06T12:00Z", "this_week(None, 6)", ["gte 2023-12-31T00:00Z", "lt 2024-01-07T00:00Z"]],
    ["2024-03-01T00:00Z", "yesterday()", ["gte 2024-02-29T00:00Z", "lt 2024-03-01T00:00Z"]],
    ["2024-03-01T00:00Z", "last_n_days(n=2)", ["gte 2024-02-29T00:00Z"]],
    ["2024-07-01T00:00Z", "today('+14')", ["gte 2024-06-30T10:00Z", "lt 2024-07-01T10:00Z"]],
    ["2024-07-01T00:00Z", "today('-12')", ["gte 2024-06-30T12:00Z", "lt 2024-07-01T12:00Z"]],
  ];
  for (const [now, method, range] of at) {
    it(`${method} at ${now}`, () => {
      expect(rangeOf(`QB.created_time().${method}`, undefined, { now: new Date(now) })).toEqual(range);
    });
  }

  it("compares days with fields that hold days", () => {
    expect(rangeOf("QB['day'].this_month()", "date")).toEqual(["gte 2024-02-01", "lt 2024-03-01"]);
  });

  it("refuses days that are none", () => {
    for (const method of [
      "last_n_days(0)",
      "last_n_days(1000000)",
      "this_week(week_start=7)",
      "today('x')",
      "last_n_days()",
    ])
      expect(refusal(() => rangeOf(`QB.created_time().${method}`)).at, method).toMatch(/^QUERY_INVALID 1:\d+$/);
  });
});
