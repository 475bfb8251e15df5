import { corrupt } from "../corrupt.ts";
import { type Cursor, endsEarly, uint16, uint32 } from "./cursor.ts";

/**
 * Bytes of a value whose lead byte tells them: scalars and short strings whole, short lists and maps their lead only.
 * 0 where the length stands behind the lead, or where the type is none of JSON's.
 */
const sizes = Uint8Array.from({ length: 256 }, (_, lead) => {
  if (lead < 0xa0 || lead >= 0xe0) return 1;
  if (lead < 0xc0) return 1 + (lead & 0x1f);
  return [1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 5, 9, 2, 3, 5, 9, 2, 3, 5, 9][lead - 0xc0] ?? 0;
});

/** Values inside short lists and maps, by lead byte from 0x80. */
const inside = Uint8Array.from({ length: 32 }, (_, low) => (low < 16 ? low * 2 : low - 16));

/**
 * The offset behind so many values from `at` on, whatever is in them. Counts what is still to come instead of recursing:
 * 1.2 to 1.7 times as fast, and no nesting is too deep.
 * @throws PAYLOAD_CORRUPT where they end early or are no JSON; strings and keys are not looked into
 */
export function skip(cursor: Cursor, at: number, count: number): number {
  const { bytes, end } = cursor;
  let offset = at;
  let pending = count;
  while (pending > 0) {
    if (offset >= end) throw endsEarly();
    const lead = bytes[offset] as number;
    const size = sizes[lead] as number;
    pending -= 1;
    if (size !== 0) {
      offset += size;
      if (lead >= 0x80 && lead < 0xa0) pending += inside[lead - 0x80] as number;
    } else if (lead === 0xda) {
      offset += 3 + uint16(bytes, offset + 1);
    } else if (lead === 0xd9) {
      offset += 2 + ((bytes[offset + 1] as number) | 0);
    } else if (lead === 0xdb) {
      offset += 5 + uint32(bytes, offset + 1);
    } else {
      pending += insideLong(bytes, offset, lead);
      offset += (lead & 1) === 0 ? 3 : 5;
    }
    // A value takes a byte at least: this checks both the end of the last one and what its length promises.
    if (pending > end - offset) throw endsEarly();
  }
  return offset;
}

function insideLong(bytes: Uint8Array, at: number, lead: number): number {
  switch (lead) {
    case 0xdc:
      return uint16(bytes, at + 1);
    case 0xdd:
      return uint32(bytes, at + 1);
    case 0xde:
      return uint16(bytes, at + 1) * 2;
    case 0xdf:
      return uint32(bytes, at + 1) * 2;
    default:
      throw corrupt(`at ${at}: type 0x${lead.toString(16)} is none of JSON's`);
  }
}
