import fc from "fast-check";
import { Packr } from "msgpackr";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import { msgpackEncoding } from "../../src/codec/msgpack/encoding.ts";
import { prune } from "../../src/codec/prune.ts";
import { cases, damagedBytes, damages } from "./arbitraries.ts";
import { expectSame, generated, generatedWhole, interpreted, interpretedWhole, outcome, type Read } from "./readers.ts";

const isSoak = process.env.WEFT_SOAK === "1";
const timeLimitMs = isSoak ? 3_600_000 : 120_000;

test(
  "a partial read equals the full read, pruned, by each reader",
  () => {
    fc.assert(
      fc.property(cases, ({ document, selection, shape }) => {
        const bytes = msgpackEncoding.encode(document, shape);
        const expected = prune(document, selection, shape);
        expect(interpreted(selection, shape)(bytes)).toStrictEqual(expected);
        expect(generated(selection, shape)(bytes)).toStrictEqual(expected);
        expect(interpretedWhole(bytes)).toStrictEqual(document);
        expect(generatedWhole(shape)(bytes)).toStrictEqual(document);
      }),
      { numRuns: isSoak ? 100_000 : 3_000 },
    );
  },
  timeLimitMs,
);

test(
  "damaged bytes give an error or a right answer, at once, the same by each reader",
  () => {
    const perCase = 20;
    let inputs = 0;
    let slowestMs = 0;
    fc.assert(
      fc.property(cases, damages(perCase), ({ document, selection, shape }, damages) => {
        const whole = msgpackEncoding.encode(document, shape);
        const readers = [generated(selection, shape), generatedWhole(shape)] as const;
        for (const damage of damages) {
          const damaged = damagedBytes(whole, damage);
          const started = performance.now();
          const full = outcome(interpretedWhole, damaged);
          const part = outcome(interpreted(selection, shape), damaged);
          expectSame(outcome(readers[1], damaged), full);
          expectSame(outcome(readers[0], damaged), part);
          slowestMs = Math.max(slowestMs, performance.now() - started);
          if (typeof full !== "string") expect(part).toStrictEqual(prune(full, selection, shape));
          inputs += 1;
        }
      }),
      { numRuns: (isSoak ? 1_000_000 : 20_000) / perCase },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(slowestMs).toBeLessThan(5_000);
    if (isSoak) console.log(`${inputs} damaged inputs by 4 readers; the slowest took ${slowestMs.toFixed(1)} ms`);
  },
  timeLimitMs,
);

test(
  "documents of another schema, or by another encoder, are read the same by each reader",
  () => {
    fc.assert(
      fc.property(cases, cases, ({ document }, { selection, shape }) => {
        const readers: Read[] = [interpreted(selection, shape), generated(selection, shape)];
        for (const foreign of [document, backwards(document)]) {
          const bytes = packr.pack(foreign);
          for (const read of readers) expect(read(bytes)).toStrictEqual(prune(foreign, selection, shape));
          expect(generatedWhole(shape)(bytes)).toStrictEqual(foreign);
        }
      }),
      { numRuns: isSoak ? 100_000 : 1_000 },
    );
  },
  timeLimitMs,
);

/** In the document's own order, whatever the shape says. */
const packr = new Packr({ useRecords: false, variableMapSize: true });

function backwards(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).reverse()) as JsonObject;
}
