import fc from "fast-check";
import { expect, test } from "vitest";
import { cutRange, planRequests } from "../../../../src/stores/payload/drivers/s3/range-plan.ts";

test("ranges closer than 64 KiB are one request, others are apart", () => {
  const ranges = [
    { start: 300_000, end: 300_010 },
    { start: 0, end: 10 },
    { start: 65_546, end: 65_600 },
    { start: 5, end: 20 },
    { start: 131_200, end: 131_300 },
  ];
  expect(planRequests(ranges)).toEqual([
    { start: 0, end: 65_600 },
    { start: 131_200, end: 131_300 },
    { start: 300_000, end: 300_010 },
  ]);
  expect(planRequests([])).toEqual([]);
});

test("what is cut out of the requests is what was asked for, cut at the end", () => {
  const bytes = Buffer.alloc(400_000, "0123456789abc");
  const range = fc.tuple(fc.nat(450_000), fc.nat(100_000)).map(([start, length]) => ({ start, end: start + length }));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 6 }), (ranges) => {
      const requests = planRequests(ranges.filter(({ start, end }) => start < end));
      const replies = requests.map(({ start, end }) => bytes.subarray(start, end));
      for (const one of ranges) {
        const cut = cutRange(one, requests, replies);
        expect(Buffer.compare(cut, bytes.subarray(one.start, one.end))).toBe(0);
      }
    }),
    { numRuns: 300 },
  );
});
