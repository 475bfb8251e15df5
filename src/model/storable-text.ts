/** Text that every store can hold. */

/**
 * What is wrong with a text, if anything. PostgreSQL's jsonb cannot hold U+0000, and half a surrogate pair is no Unicode text:
 * UTF-8 has no bytes for it.
 */
export function textProblem(text: string): string | undefined {
  if (text.includes("\0")) return "Must not contain the character U+0000";
  if (!(text as String2024).isWellFormed()) return "Must be well-formed Unicode: it contains half of a surrogate pair";
  return undefined;
}

/** Node has it since version 20; TypeScript's ES2023 library does not know it yet. */
type String2024 = string & { isWellFormed(): boolean };

/** Orders by Unicode code point, as the codec does: UTF-16 order differs beyond U+FFFF. */
export function byCodePoint(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const difference = one.charCodeAt(at) - other.charCodeAt(at);
    if (difference !== 0) return rank(one.charCodeAt(at)) - rank(other.charCodeAt(at));
  }
  return one.length - other.length;
}

/** Surrogates stand for code points above every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
