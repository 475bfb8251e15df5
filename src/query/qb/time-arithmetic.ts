/** Operators between times, days and spans, as in Python: times differ by a span, and spans are multiplied and divided. */
import { isDay } from "./relative-dates.ts";
import { type Datetime, isKind, type Value } from "./values.ts";
import { dayMs, instantOf, utc } from "./zone.ts";

/** Python's own bound of a timedelta, in microseconds. */
const maxTimedelta = 86_400_000_000n * 999_999_999n;

/** Microseconds of a day. */
export const dayMicros = BigInt(dayMs) * 1000n;

/** Why there is no result. */
export interface Refusal {
  readonly hint: string;
}

/** A value; undefined where the operator does not take these values. */
export type Result = Value | undefined | Refusal;

export const byZero: Refusal = { hint: "Division by zero." };

const outOfRange: Refusal = { hint: "The calendar ends with the years 1 and 9999." };

export function onTimes(operator: string, left: Value, right: Value): Result {
  if (isKind(left, "timedelta")) return onSpan(operator, left.micros, right);
  if (isKind(right, "timedelta")) {
    if (operator === "*") return onSpan(operator, right.micros, left);
    if (operator === "+") return moved(left, right.micros);
    return operator === "-" ? moved(left, -right.micros) : undefined;
  }
  if (operator !== "-") return undefined;
  if (isKind(left, "date") && isKind(right, "date")) return timedelta(BigInt(left.day - right.day) * dayMicros);
  if (isKind(left, "datetime") && isKind(right, "datetime")) return timedelta(microsBetween(right, left));
  return undefined;
}

function onSpan(operator: string, micros: bigint, right: Value): Result {
  if (isKind(right, "timedelta")) return onSpans(operator, micros, right.micros);
  if (operator === "+") return moved(right, micros);
  if (typeof right !== "bigint" && typeof right !== "number") return undefined;
  if (operator === "*") return typeof right === "bigint" ? timedelta(micros * right) : rounded(Number(micros) * right);
  if (operator !== "/") return undefined;
  return Number(right) === 0 ? byZero : rounded(Number(micros) / Number(right));
}

function onSpans(operator: string, left: bigint, right: bigint): Result {
  if (operator === "+") return timedelta(left + right);
  if (operator === "-") return timedelta(left - right);
  if (operator !== "/" && operator !== "%") return undefined;
  if (right === 0n) return byZero;
  return operator === "/" ? Number(left) / Number(right) : timedelta(left - floorDivide(left, right) * right);
}

/** A time or a day so much later. Of a span, a day takes the whole days. */
function moved(from: Value, micros: bigint): Result {
  if (isKind(from, "date")) {
    const day = from.day + Number(floorDivide(micros, dayMicros));
    return isDay(day) ? { kind: "date", day } : outOfRange;
  }
  if (!isKind(from, "datetime")) return undefined;
  const wall = from.wall + micros;
  return isDay(Number(floorDivide(wall, dayMicros))) ? { ...from, wall } : outOfRange;
}

/** On the clocks of one zone what they show, else what has passed. */
function microsBetween(from: Datetime, to: Datetime): bigint {
  if (from.zone?.name === to.zone?.name) return to.wall - from.wall;
  return instantMicros(to) - instantMicros(from);
}

function instantMicros({ wall, zone = utc }: Datetime): bigint {
  const ms = floorDivide(wall, 1000n);
  return BigInt(instantOf(Number(ms), zone)) * 1000n + (wall - ms * 1000n);
}

/** Halves to the even side. */
function rounded(micros: number): Value | Refusal {
  if (!(Math.abs(micros) < Number(maxTimedelta))) return tooLong;
  const up = Math.round(micros);
  return timedelta(BigInt(up - micros === 0.5 && up % 2 !== 0 ? up - 1 : up));
}

const tooLong: Refusal = { hint: "A timedelta is at most 999999999 days." };

export function timedelta(micros: bigint): Value | Refusal {
  return micros > maxTimedelta || micros < -maxTimedelta ? tooLong : { kind: "timedelta", micros };
}

export function floorDivide(value: bigint, divisor: bigint): bigint {
  return (value - (((value % divisor) + divisor) % divisor)) / divisor;
}
