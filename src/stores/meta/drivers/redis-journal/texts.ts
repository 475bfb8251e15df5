/**
 * How Redis, which takes UTF-8, holds any text of JavaScript so that none becomes another: `=` and the text, or `~` and the text as JSON where half
 * of a surrogate pair is in it.
 */

export function stored(text: string): string {
  return (text as String2024).isWellFormed() ? `=${text}` : `~${JSON.stringify(text)}`;
}

export function readStored(stored: string): string {
  const text = stored.slice(1);
  return stored.startsWith("=") ? text : (JSON.parse(text) as string);
}

/** Node has it since version 20; TypeScript's ES2023 library does not know it yet. */
type String2024 = string & { isWellFormed(): boolean };
