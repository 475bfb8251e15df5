import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalDatetime, datetimeText } from "../../src/model/datetime.ts";

describe("the canonical form of a datetime", () => {
  test.each([
    ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000Z"],
    ["2020-01-01t00:00:00z", "2020-01-01T00:00:00.000Z"],
    ["2020-01-01T00:00:00.5Z", "2020-01-01T00:00:00.500Z"],
    ["2020-01-01T00:00:00.123456Z", "2020-01-01T00:00:00.123456Z"],
    ["2020-01-01T00:00:00.1234500Z", "2020-01-01T00:00:00.12345Z"],
    ["2020-01-01T00:00:00.1200000Z", "2020-01-01T00:00:00.120Z"],
    ["2020-01-01T01:30:00+05:45", "2019-12-31T19:45:00.000Z"],
    ["2020-02-28T23:30:00.25-01:00", "2020-02-29T00:30:00.250Z"],
    ["2020-01-01T00:00:00-00:00", "2020-01-01T00:00:00.000Z"],
    ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"],
    ["0050-06-01T12:00:00+01:00", "0050-06-01T11:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("of %s is %s", (text, canonical) => {
    expect(canonicalDatetime(text)).toBe(canonical);
  });

  test("writes as many fraction digits as are demanded, and drops none that counts", () => {
    expect(canonicalDatetime("2020-01-01T00:00:00.120Z", 0)).toBe("2020-01-01T00:00:00.120Z");
    expect(canonicalDatetime("2020-01-01T00:00:00.500000Z", 3)).toBe("2020-01-01T00:00:00.500Z");
    expect(canonicalDatetime("2020-01-01T00:00:00Z", 0)).toBe("2020-01-01T00:00:00Z");
    expect(canonicalDatetime("2020-01-01T01:00:00.120000+01:00", 6)).toBe("2020-01-01T00:00:00.120000Z");
  });

  test.each([
    ["naive", "2020-01-01T00:00:00"],
    ["a date", "2020-01-01"],
    ["without seconds", "2020-01-01T00:00Z"],
    ["with a space", "2020-01-01 00:00:00Z"],
    ["30 February", "2020-02-30T00:00:00Z"],
    ["29 February of a common year", "2100-02-29T00:00:00Z"],
    ["31 April", "2020-04-31T00:00:00Z"],
    ["month 13", "2020-13-01T00:00:00Z"],
    ["day 0", "2020-01-00T00:00:00Z"],
    ["hour 24", "2020-01-01T24:00:00Z"],
    ["a leap second", "2016-12-31T23:59:60Z"],
    ["an offset of 24 hours", "2020-01-01T00:00:00+24:00"],
    ["an offset without a colon", "2020-01-01T00:00:00+0100"],
    ["a year before 0000 in UTC", "0000-01-01T00:00:00+00:01"],
    ["a year after 9999 in UTC", "9999-12-31T23:59:59-00:01"],
    ["five digits of year", "10000-01-01T00:00:00Z"],
    ["an empty fraction", "2020-01-01T00:00:00.Z"],
    ["surroundings", " 2020-01-01T00:00:00Z\n"],
  ])("does not exist of one %s", (_what, text) => {
    expect(canonicalDatetime(text)).toBeUndefined();
  });

  test("is the same for every offset of one instant, and its own canonical form", () => {
    const date = fc.date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9998-12-31T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, fc.integer({ min: -1439, max: 1439 }), (instant, offset) => {
        const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, 23);
        const two = (n: number) => String(Math.trunc(Math.abs(n))).padStart(2, "0");
        const text = `${local}${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
        expect(canonicalDatetime(text)).toBe(instant.toISOString());
        expect(canonicalDatetime(instant.toISOString())).toBe(instant.toISOString());
      }),
    );
  });
});

test("an instant outside the years 0000 to 9999 has no text", () => {
  expect(datetimeText(new Date("+010000-01-01T00:00:00Z"))).toBeUndefined();
  expect(datetimeText(new Date("-000001-01-01T00:00:00Z"))).toBeUndefined();
  expect(datetimeText(new Date(Number.NaN))).toBeUndefined();
  expect(datetimeText(new Date(0))).toBe("1970-01-01T00:00:00.000Z");
});
