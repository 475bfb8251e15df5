import { isAscii, isUtf8 } from "node:buffer";
import { canGenerateCode } from "../code-generation.ts";
import { corrupt } from "../corrupt.ts";

/** Buffer's own methods behind `toString`, which Node's types leave out; without its checks of arguments 25 ns faster. */
type Slicing = Buffer & {
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
};

/** Up to here a row of characters beats a call into C++: 20 ns for 7 and 55 for 32 against 65. */
const shortText = canGenerateCode ? 32 : 16;
/** From here on it pays to look first whether all is ASCII. */
const longText = 4096;

/** UTF-8 at [start, end), which lies inside. @throws PAYLOAD_CORRUPT where it is none */
export function readText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length <= shortText) {
    const text = shortAscii(bytes, start, length);
    if (text !== undefined) return text;
  } else if (length >= longText && isAscii(bytes.subarray(start, end))) {
    return (bytes as Slicing).latin1Slice(start, end);
  }
  const text = (bytes as Slicing).utf8Slice(start, end);
  // The decoder writes U+FFFD for what is no UTF-8; looking for it costs nothing in Latin-1 strings.
  if (text.includes("\ufffd") && !isUtf8(bytes.subarray(start, end))) throw corrupt("not UTF-8");
  return text;
}

type ShortAscii = (bytes: Uint8Array, start: number, length: number) => string | undefined;

/** Undefined where a byte is not ASCII. At most `shortText` bytes. */
const shortAscii: ShortAscii = canGenerateCode ? unrolled() : looping;

function looping(bytes: Uint8Array, start: number, length: number): string | undefined {
  let text = "";
  for (let at = start; at < start + length; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** A `switch` over lengths, each with one `fromCharCode` of as many arguments: a third of what the loop takes at 8. */
function unrolled(): ShortAscii {
  const cases = ['case 0: return "";'];
  for (let length = 1; length <= shortText; length++) {
    const names = Array.from({ length }, (_, index) => `c${index}`);
    const reads = names.map((name, index) => `${name} = bytes[start + ${index}]`);
    cases.push(
      `case ${length}: { const ${reads.join(", ")};`,
      `  return (${names.join(" | ")}) < 128 ? fromCharCode(${names.join(", ")}) : undefined; }`,
    );
  }
  const source = `return function shortAscii(bytes, start, length) { switch (length) {\n${cases.join("\n")}\n} }`;
  return new Function("fromCharCode", source)(String.fromCharCode) as ShortAscii;
}
