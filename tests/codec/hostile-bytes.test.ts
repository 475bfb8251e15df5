import fc from "fast-check";
import { expect, test } from "vitest";
import { WeftError } from "../../src/base/errors.ts";
import { encodingOf } from "../../src/codec/encodings.ts";
import { cases } from "./arbitraries.ts";

const mutations = fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), {
  minLength: 1,
  maxLength: 4,
});

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
    const run = fc.record({ random: cases, mutations, cut: fc.nat() });
    fc.assert(
      fc.property(run, ({ random: { document, shape, selection }, mutations, cut }) => {
        const bytes = Buffer.from(encoding.encode(document, shape));
        for (const { at, byte } of mutations) bytes[at % bytes.length] = byte;
        for (const hostile of [bytes, bytes.subarray(0, cut % (bytes.length + 1))]) {
          answers(() => encoding.decode(hostile, shape));
          answers(() => encoding.decodePartial(hostile, selection, shape));
        }
      }),
      { numRuns: 1_000 },
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
    { numRuns: 1_000 },
  );
});
