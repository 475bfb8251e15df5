import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addPieces,
  type PayloadPieces,
  pieceAt,
  wholeOf,
  wholePayload,
} from "../../../../src/stores/payload/cache/payload-pieces.ts";

const payload = Buffer.alloc(1_000, "0123456789abcdefg");
const cut = ({ start, end }: { start: number; end: number }) => payload.subarray(start, end);
const range = fc.tuple(fc.nat(1_100), fc.nat(200)).map(([start, length]) => ({ start, end: start + length }));

test("whatever is put together out of parts is what the payload holds there", () => {
  fc.assert(
    fc.property(fc.array(fc.array(range, { maxLength: 4 }), { maxLength: 40 }), fc.array(range), (added, asked) => {
      let known: PayloadPieces | undefined;
      for (const ranges of added) known = addPieces(known, ranges, ranges.map(cut));
      if (!known) return;
      for (const one of [...asked, ...(added.at(-1) ?? [])]) {
        const found = pieceAt(known, one);
        if (found) expect(Buffer.compare(found, cut(one))).toBe(0);
      }
      const whole = wholeOf(known);
      if (whole) expect(Buffer.compare(whole, payload)).toBe(0);
    }),
    { numRuns: 1_000 },
  );
});

test("parts that touch become one, and all of them the whole", () => {
  const ranges = [
    { start: 500, end: 2_000 },
    { start: 0, end: 250 },
    { start: 250, end: 500 },
  ];
  const known = addPieces(undefined, ranges, ranges.map(cut));
  expect(known.pieces).toHaveLength(1);
  expect(Buffer.compare(wholeOf(known) ?? Buffer.alloc(0), payload)).toBe(0);
  expect(pieceAt(known, { start: 990, end: 5_000 })).toHaveLength(10);
  expect(pieceAt(known, { start: 5_000, end: 5_001 })).toHaveLength(0);
});

test("a small view of a large buffer does not keep the buffer alive", () => {
  const view = Buffer.alloc(1_000_000).subarray(0, 10);
  expect(wholePayload(view).pieces[0]?.bytes.buffer.byteLength).toBe(10);
  expect(addPieces(undefined, [{ start: 0, end: 10 }], [view]).pieces[0]?.bytes.buffer.byteLength).toBe(10);
});
