/** Operators between constants, as in Python; every result is bounded, so that no short text makes a large value. */

import { isTooLarge, maxIntBits } from "./number-literal.ts";
import { byZero, onTimes, type Refusal, type Result } from "./time-arithmetic.ts";
import { isKind, type Value } from "./values.ts";

/** Characters of a text. */
const maxLength = 10_000;

export function calculate(operator: string, left: Value, right: Value): Result {
  const result =
    onNumbers(operator, left, right) ??
    onTexts(operator, left, right) ??
    onLists(operator, left, right) ??
    onTimes(operator, left, right);
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
  if (isKind(value, "timedelta") && operator !== "~") {
    return operator === "-" ? { ...value, micros: -value.micros } : value;
  }
  return undefined;
}

const tooLarge: Refusal = { hint: "The result is too large." };

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

function onLists(operator: string, left: Value, right: Value): Result {
  if (operator !== "+" || !isKind(left, "list") || !isKind(right, "list")) return undefined;
  return { kind: "list", items: [...left.items, ...right.items], starts: [...left.starts, ...right.starts] };
}
