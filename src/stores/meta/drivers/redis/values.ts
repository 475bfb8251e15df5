/**
 * Values as bytes that order as the values do, for members of sorted sets whose scores are all 0: Redis orders those by memcmp. `lua/index-entries.ts`
 * makes the same bytes of what is written; a test compares the two.
 *
 * One component: a value is 01 and its bytes, null (absent, another type) 02, which is therefore greater than every value. No component is
 * the beginning of another one, so that those of an order over several fields stand one behind the other. Descending: all bits are
 * turned round.
 *
 * | Type       | Bytes                                                                                        |
 * | ---------- | -------------------------------------------------------------------------------------------- |
 * | text, date | UTF-8, 00                                                                                    |
 * | time       | the text without its last UTF-16 unit (the Z), units beyond ASCII each as UTF-8 has them, 00 |
 * | number     | IEEE 754, big-endian, the sign bit turned round; a negative one: all bits                    |
 * | bigint     | 02, the number of digits in 4 bytes, digits; a negative one: 01 and the rest turned round    |
 * | boolean    | 0 or 1                                                                                       |
 * | list, json | of a scalar only: s and text, n and number, b and boolean, or z for null                     |
 */
import type { Json } from "../../../../base/json.ts";
import { isOfType, type Scalar } from "../../../../query/compare.ts";
import type { ComparableType } from "../../../../query/condition.ts";

const end = Buffer.from([0]);
const value = Buffer.from([1]);
/** The component of null. */
export const nullComponent: Buffer = Buffer.from([2]);

/** Of a field with an order. */
export function component(type: ComparableType, scalar: Scalar | null): Buffer {
  if (!isOfType(type, scalar)) return nullComponent;
  return Buffer.concat([value, scalarBytes(type, scalar as Scalar)]);
}

/** Of an element of a list, or of a JSON value; undefined for what is no scalar, which no index knows. */
export function elementComponent(element: Json): Buffer | undefined {
  if (element === null) return Buffer.concat([value, Buffer.from("z")]);
  if (typeof element === "string") return Buffer.concat([value, Buffer.from(`s${element}`), end]);
  if (typeof element === "number") return Buffer.concat([value, Buffer.from("n"), numberBytes(element)]);
  if (typeof element === "boolean") return Buffer.concat([value, Buffer.from(element ? "b1" : "b0")]);
  return undefined;
}

function scalarBytes(type: ComparableType, scalar: Scalar): Buffer {
  if (typeof scalar === "number") return numberBytes(scalar);
  if (typeof scalar === "boolean") return Buffer.from(scalar ? "1" : "0");
  if (type === "bigint") return bigintBytes(scalar);
  return Buffer.concat([type === "time" ? timeBytes(scalar) : Buffer.from(scalar), end]);
}

function numberBytes(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  // Adding 0 makes -0 the 0 it equals.
  bytes.writeDoubleBE(number + 0);
  const first = bytes[0] ?? 0;
  if (first >= 0x80) return inverted(bytes);
  bytes[0] = first + 0x80;
  return bytes;
}

function bigintBytes(text: string): Buffer {
  const [, sign, digits = ""] = /^(-?)0*([0-9]*)$/.exec(text) ?? [];
  const length = Buffer.alloc(4);
  length.writeUInt32BE(digits.length);
  const bytes = Buffer.concat([length, Buffer.from(digits)]);
  if (sign === "-" && digits !== "") return Buffer.concat([Buffer.from([1]), inverted(bytes)]);
  return Buffer.concat([Buffer.from([2]), bytes]);
}

function timeBytes(text: string): Buffer {
  const units = text.slice(0, -1);
  if (/^[\0-\x7f]*$/.test(units)) return Buffer.from(units);
  const bytes: number[] = [];
  for (let at = 0; at < units.length; at++) {
    const unit = units.charCodeAt(at);
    if (unit < 0x80) bytes.push(unit);
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  return Buffer.from(bytes);
}

export function inverted(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => 255 - byte));
}
