/**
 * MessagePack's public test suite, https://github.com/kawanet/msgpack-test-suite (MIT, `msgpack-suite/LICENSE`), as
 * version 1.0.0 of its npm package has it. What no document holds (binary, extensions, timestamps) has to be refused.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { selectionFromPaths } from "../../src/codec/partial-path.ts";
import type { ObjectShape, Shape } from "../../src/codec/shape.ts";
import { generated, generatedWhole, interpreted, interpretedWhole, type Read } from "./readers.ts";

interface Case {
  readonly [type: string]: unknown;
  readonly msgpack: readonly string[];
}

const suite = JSON.parse(readFileSync(join(import.meta.dirname, "msgpack-suite/cases.json"), "utf8")) as Record<
  string,
  readonly Case[]
>;

const types = ["nil", "bool", "binary", "number", "bignum", "string", "array", "map", "timestamp", "ext"] as const;
const refused: readonly string[] = ["binary", "timestamp", "ext"];

const scalar: Shape = { kind: "scalar", revive: "none" };
const text: Shape = { kind: "scalar", revive: "none", isText: true };
const fieldShapes: Record<string, Shape> = {
  scalar,
  text,
  json: { kind: "json" },
  list: { kind: "list", element: text },
  object: { kind: "object", fields: new Map([["a", scalar]]) },
};

/** The value behind the key `v`, and a field behind it that makes readers step over it. */
function documentOf(hex: string): Buffer {
  return Buffer.concat([Buffer.from([0x82, 0xa1, 0x76]), hexBytes(hex), Buffer.from([0xa1, 0x77, 0x07])]);
}

const hexBytes = (hex: string) => Buffer.from(hex.replaceAll("-", ""), "hex");

function readersOf(shape: ObjectShape): readonly Read[] {
  const partial = [["v"], ["v", "w"]].flatMap((paths) => {
    const selection = selectionFromPaths(paths, shape);
    return [interpreted(selection, shape), generated(selection, shape)];
  });
  return [interpretedWhole, generatedWhole(shape), ...partial];
}

describe.each(Object.keys(suite))("%s", (group) => {
  const cases = (suite[group] ?? []).flatMap((each) => {
    const type = types.find((name) => name in each);
    if (type === undefined) throw new Error(`${group}: a case of an unknown type`);
    return each.msgpack.map((hex) => ({ type, hex, value: each[type] }));
  });

  test.each(cases)("$type $hex", ({ type, hex, value }) => {
    for (const v of Object.values(fieldShapes)) {
      const shape: ObjectShape = {
        kind: "object",
        fields: new Map([
          ["v", v],
          ["w", scalar],
        ] as const),
      };
      const bytes = documentOf(hex);
      for (const read of readersOf(shape)) {
        if (refused.includes(type)) {
          expect(() => read(bytes)).toThrow(expect.objectContaining({ code: "PAYLOAD_CORRUPT" }));
        } else {
          const expected = type === "bignum" ? Number(value) : (value as Json);
          expect(read(bytes).v).toStrictEqual(expected);
        }
      }
    }
  });
});
