/** Ranges of days around now: `today()`, `this_week()` and their kin, in the days of a time zone. */
import { canonicalDatetime } from "../../model/datetime.ts";
import type { ComparableType } from "../condition.ts";
import type { SearchCondition } from "../resource-query.ts";
import type { Parameter } from "./field-methods.ts";
import { type FieldTarget, group, leaf } from "./search.ts";
import { dayMs, instantOf, wallOf, type Zone } from "./zone.ts";

/** What conditions about time depend on. */
export interface QbContext {
  readonly now: Date;
  /** How a field compares; undefined where there is no such field. */
  typeOf(fieldPath: string): ComparableType | undefined;
}

/** Days since 1970-01-01, `until` excluded. */
export interface DayRange {
  readonly from: number;
  readonly until?: number;
}

export interface RelativeDate {
  /** `tz` and at most one integer. */
  readonly parameters: readonly Parameter[];
  /** undefined where the number has no meaning here, `today` being a day in the zone. */
  range(today: number, number: number): DayRange | undefined;
}

const tz: Parameter = { name: "tz", defaultValue: null };

export const relativeDates = {
  today: { parameters: [tz], range: (today) => ({ from: today, until: today + 1 }) },
  yesterday: { parameters: [tz], range: (today) => ({ from: today - 1, until: today }) },
  /** `week_start`: 0 for Monday to 6 for Sunday. */
  this_week: { parameters: [tz, { name: "week_start", defaultValue: 0 }], range: thisWeek },
  this_month: { parameters: [tz], range: (today) => months(today, 1) },
  this_year: { parameters: [tz], range: (today) => months(today, 12) },
  /** Today is the first of them; there is no end. */
  last_n_days: {
    parameters: [{ name: "n" }, tz],
    range: (today, n) => (n >= 1 ? { from: today - n + 1 } : undefined),
  },
} as const satisfies Record<string, RelativeDate>;

export type RelativeDateName = keyof typeof relativeDates;

export function todayIn(zone: Zone, { now }: QbContext): number {
  return Math.floor(wallOf(now.getTime(), zone) / dayMs);
}

/** Undefined where the calendar (years 1 to 9999) does not reach that far. */
export function withinDays(
  target: FieldTarget,
  { from, until }: DayRange,
  { zone, type }: { readonly zone: Zone; readonly type: ComparableType | undefined },
): SearchCondition | undefined {
  const bound = (day: number) => (type === "date" ? dateText(day) : instantText(instantOf(day * dayMs, zone)));
  const [start, end] = [bound(from), until === undefined ? undefined : bound(until)];
  if (start === undefined || (until !== undefined && end === undefined)) return undefined;
  const isBehind = leaf(target, "gte", start);
  return end === undefined ? isBehind : group("AND", [isBehind, leaf(target, "lt", end)]);
}

export function dateText(day: number): string | undefined {
  return isDay(day) ? new Date(day * dayMs).toISOString().slice(0, 10) : undefined;
}

/** RFC 3339 of an instant in milliseconds, and microseconds on top. */
export function instantText(instant: number, micros = 0): string | undefined {
  if (!isDay(Math.floor(instant / dayMs))) return undefined;
  return canonicalDatetime(`${new Date(instant).toISOString().slice(0, -1)}${String(micros).padStart(3, "0")}Z`);
}

const firstDay = Date.parse("0001-01-01T00:00:00Z") / dayMs;
const lastDay = Date.parse("9999-12-31T00:00:00Z") / dayMs;

export function isDay(day: number): boolean {
  return day >= firstDay && day <= lastDay;
}

function thisWeek(today: number, weekStart: number): DayRange | undefined {
  if (weekStart < 0 || weekStart > 6) return undefined;
  // 1970-01-01 was a Thursday: 3.
  const weekday = (((today + 3) % 7) + 7) % 7;
  const from = today - ((weekday - weekStart + 7) % 7);
  return { from, until: from + 7 };
}

/** The month of a day, or of twelve the year. */
function months(today: number, count: 1 | 12): DayRange {
  const date = new Date(today * dayMs);
  const first = count === 1 ? date.getUTCMonth() : 0;
  const dayOf = (month: number) => Date.UTC(date.getUTCFullYear(), month) / dayMs;
  return { from: dayOf(first), until: dayOf(first + count) };
}
