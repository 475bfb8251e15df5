import fc from "fast-check";
import { expect, test } from "vitest";
import { WeftError } from "../../src/base/errors.ts";
import { encodingOf } from "../../src/codec/encodings.ts";
import { cases, damagedBytes, damages } from "./arbitraries.ts";

const numRuns = process.env.WEFT_SOAK === "1" ? 50_000 : 1_000;

/** An answer, or PAYLOAD_CORRUPT; anything else is a crash. */
function answers(read: () => unknown): void {
  try {
    expect(read()).toBeTypeOf("object");
  } catch (error) {
    if (!(error instanceof WeftError && error.code === "PAYLOAD_CORRUPT")) throw error;
  }
}

test.each(["msgpack", "json"] as const)(
  "mutated and truncated %s bytes are answered or refused, never a crash",
  (name) => {
    const encoding = encodingOf(name);
    fc.assert(
      fc.property(cases, damages(2), ({ document, shape, selection }, all) => {
        const whole = encoding.encode(document, shape);
        for (const damage of all) {
          const bytes = damagedBytes(whole, damage);
          answers(() => encoding.decode(bytes, shape));
          answers(() => encoding.decodePartial(bytes, selection, shape));
        }
      }),
      { numRuns },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  },
);

test("random bytes are answered or refused, never a crash", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), cases, (bytes, { shape, selection }) => {
      answers(() => encodingOf("msgpack").decode(bytes, shape));
      answers(() => encodingOf("msgpack").decodePartial(bytes, selection, shape));
    }),
    { numRuns },
  );
});
