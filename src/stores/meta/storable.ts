/** What every store can hold. A store that is told of it later than the client is answered must not find out then. */
import { invalid, type WeftError } from "../../base/errors.ts";
import { textProblem } from "../../model/storable-text.ts";

/** @throws VALIDATION_FAILED where a text, or the name of a member, is none that every store can hold */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value);
  // Escapes that only such texts need, or that a text spells out.
  if (/\\u(0000|d[89a-f])/.test(text)) checkTexts(value);
  return text;
}

function checkTexts(value: unknown): void {
  if (typeof value === "string" && textProblem(value) !== undefined) throw unstorable();
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    checkTexts(key);
    checkTexts(member);
  }
}

/** @throws VALIDATION_FAILED where it is none, or outside the years 0 to 9999 */
export function checkTime(time: Date): void {
  const year = time.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw unstorable();
}

function unstorable(): WeftError {
  return invalid([], "Holds a value that cannot be stored: NUL, half a surrogate pair, or a time out of range");
}
