/** Operators between constants, as in Python; every result is bounded, so that no short text makes a large value. */

import { isTooLarge, maxIntBits } from "./number-literal.ts";
import { isDay } from "./relative-dates.ts";
import type { Datetime, Value } from "./values.ts";
import { dayMs } from "./zone.ts";

/** Characters of a text. */
const maxLength = 10_000;
/** Python's own bound of a timedelta, in microseconds. */
const maxTimedelta = 86_400_000_000n * 999_999_999n;

/** Microseconds of a day. */
export const dayMicros = BigInt(dayMs) * 1000n;

/** Why there is no result. */
export interface Refusal {
  readonly hint: string;
}

type Result = Value | undefined | Refusal;

/** The result; undefined where the operator does not take these values. */
export function calculate(operator: string, left: Value, right: Value): Result {
  const result = onNumbers(operator, left, right) ?? onTexts(operator, left, right) ?? onTimes(operator, left, right);
  const isNumber = typeof result === "bigint" || typeof result === "number";
  return isNumber && isTooLarge(result) ? tooLarge : result;
}

export function isRefusal(result: Result): result is Refusal {
  return typeof result === "object" && result !== null && "hint" in result;
}

/** `-`, `+` or `~` in front of a number. */
export function signed(operator: string, value: Value): Value | undefined {
  if (typeof value === "bigint") return operator === "-" ? -value : operator === "~" ? ~value : value;
  if (typeof value === "number" && operator !== "~") return operator === "-" ? -value : value;
  if (isKind(value, "timedelta") && operator === "-") return { ...value, micros: -value.micros };
  return undefined;
}

const tooLarge: Refusal = { hint: "The result is too large." };
const byZero: Refusal = { hint: "Division by zero." };

function onNumbers(operator: string, left: Value, right: Value): Result {
  if (typeof left === "bigint" && typeof right === "bigint") return onInts(operator, left, right);
  if (!isNumeric(left) || !isNumeric(right)) return undefined;
  const [a, b] = [Number(left), Number(right)];
  if (operator === "+") return a + b;
  if (operator === "-") return a - b;
  if (operator === "*") return a * b;
  if (operator === "/") return b === 0 ? byZero : a / b;
  // The sign of Python's remainder is the divisor's.
  if (operator === "%") return b === 0 ? byZero : a - b * Math.floor(a / b);
  return undefined;
}

function onInts(operator: string, a: bigint, b: bigint): Result {
  if (operator === "+") return a + b;
  if (operator === "-") return a - b;
  if (operator === "*") return a * b;
  if (operator === "/") return b === 0n ? byZero : Number(a) / Number(b);
  if (operator === "%") return b === 0n ? byZero : ((a % b) + b) % b;
  if (operator === "&") return a & b;
  if (operator === "|") return a | b;
  if (b < 0n) return { hint: "A shift is not negative." };
  if (operator === "<<") return b > maxIntBits ? tooLarge : a << b;
  if (operator === ">>") return b > maxIntBits ? (a < 0n ? -1n : 0n) : a >> b;
  return undefined;
}

function isNumeric(value: Value): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}

function onTexts(operator: string, left: Value, right: Value): Result {
  if (operator === "*") {
    const [text, count] = typeof left === "string" ? [left, right] : [right, left];
    if (typeof text !== "string" || typeof count !== "bigint") return undefined;
    if (count * BigInt(text.length) > maxLength) return tooLarge;
    return text.repeat(Math.max(0, text === "" ? 0 : Number(count)));
  }
  if (operator !== "+" || typeof left !== "string" || typeof right !== "string") return undefined;
  return left.length + right.length > maxLength ? tooLarge : left + right;
}

function onTimes(operator: string, left: Value, right: Value): Result {
  if (isKind(left, "timedelta") && typeof right === "bigint" && operator === "*") return timedelta(left.micros * right);
  if (typeof left === "bigint" && isKind(right, "timedelta") && operator === "*") return timedelta(left * right.micros);
  if (operator === "+" && isKind(left, "timedelta") && !isKind(right, "timedelta")) return onTimes("+", right, left);
  const sign = operator === "+" ? 1n : operator === "-" ? -1n : undefined;
  if (sign === undefined) return undefined;
  if (isKind(right, "timedelta")) {
    const micros = sign * right.micros;
    if (isKind(left, "timedelta")) return timedelta(left.micros + micros);
    if (isKind(left, "datetime")) return shifted(left, micros);
    if (!isKind(left, "date")) return undefined;
    const day = left.day + Number(floorDivide(micros, dayMicros));
    return isDay(day) ? { kind: "date", day } : outOfRange;
  }
  return undefined;
}

export function timedelta(micros: bigint): Value | Refusal {
  const isFar = micros > maxTimedelta || micros < -maxTimedelta;
  return isFar ? { hint: "A timedelta is at most 999999999 days." } : { kind: "timedelta", micros };
}

const outOfRange: Refusal = { hint: "The calendar ends with the years 1 and 9999." };

function shifted(datetime: Datetime, micros: bigint): Value | Refusal {
  const wall = datetime.wall + micros;
  return isDay(Number(floorDivide(wall, dayMicros))) ? { ...datetime, wall } : outOfRange;
}

export function floorDivide(value: bigint, divisor: bigint): bigint {
  return (value - (((value % divisor) + divisor) % divisor)) / divisor;
}

export function isKind<Kind extends string>(value: Value, kind: Kind): value is Extract<Value, { kind: Kind }> {
  return typeof value === "object" && value !== null && value.kind === kind;
}
