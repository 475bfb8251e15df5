/** Python's numbers (https://docs.python.org/3/reference/lexical_analysis.html#numeric-literals): an int is a bigint here, a float a number. */
import type { Source } from "./source.ts";

/** Ints beyond this cannot become floats, and no store holds them. */
export const maxIntBits = 1024;
const maxDigits = 400;

const float =
  /(?:[0-9](?:_?[0-9])*\.(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][-+]?[0-9](?:_?[0-9])*)?|[0-9](?:_?[0-9])*[eE][-+]?[0-9](?:_?[0-9])*/y;
const int = /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[0-9](?:_?[0-9])*/y;
const wordCharacter = /[\p{L}\p{N}_]/uy;

/** @throws QUERY_INVALID, LIMIT_EXCEEDED */
export function readNumber(source: Source, start: number): { value: number | bigint; end: number } {
  const written = matchAt(float, source.text, start) ?? matchAt(int, source.text, start) ?? "";
  const end = start + written.length;
  if (matchAt(wordCharacter, source.text, end) !== undefined) {
    throw source.refuse(start, "Syntax error: this is no number.");
  }
  if (written.length > maxDigits) throw source.tooMuch(start, maxDigits, `A number has at most ${maxDigits} digits.`);
  const digits = written.replaceAll("_", "");
  if (/^0+[1-9]/.test(digits) && !/[.eE]/.test(digits)) {
    throw source.refuse(start, "Syntax error: an integer has no leading zeros.");
  }
  const value = /^0[xXoObB]/.test(digits) || !/[.eE]/.test(digits) ? BigInt(digits) : Number(digits);
  if (isTooLarge(value)) throw source.refuse(start, "The number is too large.");
  return { value, end };
}

export function isTooLarge(value: number | bigint): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  return value >= limit || value <= -limit;
}

const limit = 1n << BigInt(maxIntBits - 1);

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
