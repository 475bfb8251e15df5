/** What lying lengths cost: an error, and no memory beyond twice the input. */
import { describe, expect, test } from "vitest";
import type { ObjectShape, Shape } from "../../src/codec/shape.ts";
import { generated, generatedWhole, interpreted, interpretedWhole, outcome } from "./readers.ts";

const scalar: Shape = { kind: "scalar", revive: "none" };
const list: Shape = { kind: "list", element: { kind: "object", fields: new Map([["id", scalar]]) } };
const shape: ObjectShape = {
  kind: "object",
  fields: new Map<string, Shape>([
    ["id", scalar],
    ["items", list],
  ]),
};
const items = (part: "all" | number) =>
  ({
    kind: "object",
    fields: new Map([
      [
        "items",
        part === "all" ? part : ({ kind: "list", parts: [{ selector: { index: part }, below: "all" }] } as const),
      ],
    ]),
  }) as const;

const size = 4_000_000;
const header = Buffer.from("81a56974656d73", "hex");
const filled = (start: string, byte: number) =>
  Buffer.concat([header, Buffer.from(start, "hex"), Buffer.alloc(size, byte)]);

const readers = {
  "interpreter, whole": interpretedWhole,
  "generated, whole": generatedWhole(shape),
  "interpreter, last element": interpreted(items(-1), shape),
  "generated, last element": generated(items(-1), shape),
  "interpreter, list": interpreted(items("all"), shape),
  "generated, list": generated(items("all"), shape),
};

describe.each(Object.entries(readers))("%s", (_name, read) => {
  test.each([
    ["a list of 4 billion", "ddffffffff", 0xc0],
    ["a list as long as its bytes, of what is refused", "dd003d0900", 0xc1],
    ["a map of 4 billion", "dfffffffff", 0xa0],
    ["a string of 4 billion", "dbffffffff", 0x78],
    ["open lists", "91", 0x91],
    ["open lists of 15", "9f", 0x9f],
    ["open maps", "81", 0x81],
    ["lists that promise more than there is", "dd00300000", 0xdd],
  ])("refuses %s", (_what, start, byte) => {
    const bytes = filled(start, byte);
    const before = process.memoryUsage();
    const started = performance.now();
    expect(outcome(read, bytes)).toBe("PAYLOAD_CORRUPT");
    const after = process.memoryUsage();
    const grown = after.heapUsed - before.heapUsed + (after.external - before.external);
    expect(grown).toBeLessThan(2 * size);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

test("one element of a list of nils costs no room for the others", () => {
  const bytes = filled("dd003d0900", 0xc0);
  for (const read of [interpreted(items(-1), shape), generated(items(-1), shape)]) {
    const before = process.memoryUsage().heapUsed;
    expect(Object.keys(read(bytes).items as readonly unknown[])).toEqual(["3999999"]);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(size);
  }
});
