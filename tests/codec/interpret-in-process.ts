/**
 * Run by `code-generation.test.ts` where code generation is forbidden: random documents and damaged bytes of them through the
 * interpreter and the ways of reading text that are taken there. Prints how many of each agreed with the full read.
 */
import assert from "node:assert";
import fc from "fast-check";
import { WeftError } from "../../src/base/errors.ts";
import type { JsonObject } from "../../src/base/json.ts";
import { canGenerateCode } from "../../src/codec/code-generation.ts";
import { msgpackEncoding } from "../../src/codec/msgpack/encoding.ts";
import { prune } from "../../src/codec/prune.ts";
import { cases, damagedBytes, damages } from "./arbitraries.ts";

const [documents = 0, inputs = 0] = process.argv.slice(2).map(Number);
const inputsPerDocument = 20;
const count = { documents: 0, inputs: 0 };

fc.assert(
  fc.property(cases, ({ document, selection, shape }) => {
    const bytes = msgpackEncoding.encode(document, shape);
    assert.deepStrictEqual(msgpackEncoding.decode(bytes, shape), document);
    assert.deepStrictEqual(msgpackEncoding.decodePartial(bytes, selection, shape), prune(document, selection, shape));
    count.documents += 1;
  }),
  { numRuns: documents },
);

fc.assert(
  fc.property(cases, damages(inputsPerDocument), ({ document, selection, shape }, all) => {
    const whole = msgpackEncoding.encode(document, shape);
    for (const damage of all) {
      const bytes = damagedBytes(whole, damage);
      const full = outcome(() => msgpackEncoding.decode(bytes, shape));
      const part = outcome(() => msgpackEncoding.decodePartial(bytes, selection, shape));
      if (typeof full !== "string") assert.deepStrictEqual(part, prune(full, selection, shape));
      count.inputs += 1;
    }
  }),
  { numRuns: inputs / inputsPerDocument },
);

function outcome(read: () => JsonObject): JsonObject | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof WeftError && error.code === "PAYLOAD_CORRUPT") return error.code;
    throw error;
  }
}

console.log(JSON.stringify({ canGenerateCode, ...count }));
