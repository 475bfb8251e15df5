import fc from "fast-check";
import { Unpackr } from "msgpackr";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { EncodingName } from "../../src/codec/encoding.ts";
import { encodingOf } from "../../src/codec/encodings.ts";
import type { Selection } from "../../src/codec/selection.ts";
import type { ObjectShape, Shape } from "../../src/codec/shape.ts";
import { cases } from "./arbitraries.ts";

const scalar: Shape = { kind: "scalar", revive: "none" };
const shape: ObjectShape = {
  kind: "object",
  fields: new Map<string, Shape>([
    ["name", scalar],
    ["level", scalar],
    ["extra", { kind: "json" }],
  ]),
};
const hexOf = (document: JsonObject) => Buffer.from(encodingOf("msgpack").encode(document, shape)).toString("hex");

describe.each<EncodingName>(["msgpack", "json"])("encoding %s", (name) => {
  const encoding = encodingOf(name);

  test("decodes to what was encoded", () => {
    fc.assert(
      fc.property(cases, ({ document, shape }) => {
        expect(encoding.decode(encoding.encode(document, shape), shape)).toStrictEqual(document);
      }),
      { numRuns: 300 },
    );
  });

  test("gives equal contents equal bytes, whatever the order of their keys", () => {
    fc.assert(
      fc.property(cases, ({ document, shape }) => {
        expect(encoding.encode(reversed(document) as JsonObject, shape)).toEqual(encoding.encode(document, shape));
      }),
      { numRuns: 300 },
    );
  });

  test("writes short fields first, lists and free-form JSON last, unknown keys and those of free-form JSON sorted", () => {
    const document = { zeta: 1, extra: { b: 1, a: { d: 1, c: 2 } }, level: 3, name: "x", alpha: 2 };
    const keys = JSON.stringify(encoding.decode(encoding.encode(document, shape), shape));
    expect(keys).toBe('{"name":"x","level":3,"extra":{"a":{"c":2,"d":1},"b":1},"alpha":2,"zeta":1}');
  });

  test("leaves absent fields out, and keeps null", () => {
    const document = { name: undefined, level: null } as unknown as JsonObject;
    expect(encoding.decode(encoding.encode(document, shape), shape)).toStrictEqual({ level: null });
  });

  test("keeps __proto__ as a key like any other", () => {
    const extra = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}') as Json;
    const decoded = encoding.decode(encoding.encode({ extra }, shape), shape);
    expect(JSON.stringify(decoded.extra)).toBe('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}');
    expect(Object.getPrototypeOf(decoded.extra)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("writes U+FFFD for a lone surrogate", () => {
    const document = { name: "a\ud800b😀", extra: { "k\udc00": "\ud800" } };
    const expected = { name: "a\ufffdb😀", extra: { "k\ufffd": "\ufffd" } };
    expect(encoding.decode(encoding.encode(document, shape), shape)).toStrictEqual(expected);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, Symbol("x")])("refuses to encode %s", (value) => {
    expect(() => encoding.encode({ name: value } as unknown as JsonObject, shape)).toThrow(TypeError);
    expect(() => encoding.encode({ extra: [value] } as unknown as JsonObject, shape)).toThrow(TypeError);
  });

  test("refuses bytes with a tail, and every truncation", () => {
    const bytes = encoding.encode({ name: "Ärger", level: 70_000, extra: [1.5, { a: null }] }, shape);
    const tailed = Buffer.concat([bytes, bytes.subarray(0, 1)]);
    expect(() => encoding.decode(tailed, shape)).toThrow(expect.objectContaining({ code: "PAYLOAD_CORRUPT" }));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => encoding.decode(bytes.subarray(0, length), shape)).toThrow(
        expect.objectContaining({ code: "PAYLOAD_CORRUPT" }),
      );
    }
  });

  test("reads bytes that lie inside a larger buffer", () => {
    const bytes = encoding.encode({ name: "x", level: 1.5 }, shape);
    const inside = Buffer.concat([Buffer.alloc(3, 0xc1), bytes, Buffer.alloc(3, 0xc1)]).subarray(3, 3 + bytes.length);
    expect(encoding.decode(inside, shape)).toStrictEqual({ name: "x", level: 1.5 });
  });
});

describe("MessagePack", () => {
  test("is standard: msgpackr, without its extensions, reads the same", () => {
    // msgpackr keeps `__proto__` out of its objects, so that it reads maps here.
    const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false, int64AsType: "number" });
    fc.assert(
      fc.property(cases, ({ document, shape }) => {
        expect(asMaps(document)).toStrictEqual(
          unpackr.unpack(Buffer.from(encodingOf("msgpack").encode(document, shape))),
        );
      }),
      { numRuns: 300 },
    );
  });

  test.each<[Json, string]>([
    [0, "00"],
    [127, "7f"],
    [128, "cc80"],
    [65_535, "cdffff"],
    [2 ** 32 - 1, "ceffffffff"],
    [-1, "ff"],
    [-33, "d0df"],
    [-(2 ** 31), "d280000000"],
    [2 ** 32, "cb41f0000000000000"],
    [1.5, "cb3ff8000000000000"],
    [null, "c0"],
    [true, "c3"],
    ["", "a0"],
    ["x".repeat(32), `d920${"78".repeat(32)}`],
  ])("writes %j in its shortest standard form", (value, hex) => {
    expect(hexOf({ level: value })).toBe(`81a56c6576656c${hex}`);
  });

  test.each([
    ["uint64", "cf0000000100000000", 2 ** 32],
    ["int64", "d3ffffffff00000000", -(2 ** 32)],
    ["float32", "ca3fc00000", 1.5],
    ["str 16", "da000178", "x"],
    ["str 32", "db0000000178", "x"],
    ["array 16", "dc000101", [1]],
    ["array 32", "dd0000000101", [1]],
    ["map 16", "de0001a16101", { a: 1 }],
    ["map 32", "df00000001a16101", { a: 1 }],
  ])("reads the standard form %s, which another encoder may choose", (_form, hex, value) => {
    expect(encodingOf("msgpack").decode(Buffer.from(`81a161${hex}`, "hex"), shape)).toStrictEqual({ a: value });
  });

  test.each([
    ["nothing", ""],
    ["a list", "9101"],
    ["a string", "a161"],
    ["nil", "c0"],
    ["the unused byte", "81a161c1"],
    ["binary", "81a161c40101"],
    ["an extension", "81a161d40100"],
    ["a timestamp", "81a161d6ff00000000"],
    ["a key that is no string", "810101"],
    ["NaN", "81a161cb7ff8000000000000"],
    ["no UTF-8 in a string", "81a161a1ff"],
    ["no UTF-8 in a key", "81a1ff01"],
    ["a list of 4 billion", "81a161ddffffffff"],
    ["a map of 4 billion", "81a161dfffffffff"],
    ["a string of 4 billion", "81a161dbffffffff"],
    ["100,000 nested lists", `81a161${"91".repeat(100_000)}c0`],
  ])("refuses %s", (_what, hex) => {
    const bytes = Buffer.from(hex, "hex");
    const corrupt = expect.objectContaining({ code: "PAYLOAD_CORRUPT" });
    expect(() => encodingOf("msgpack").decode(bytes, shape)).toThrow(corrupt);
    const fields = new Map([["a", { kind: "list", parts: [{ selector: { index: -1 }, below: "all" }] } as const]]);
    const read = () => encodingOf("msgpack").decodePartial(bytes, { kind: "object", fields }, shape);
    expect(read).toThrow(corrupt);
  });

  test("steps over what nobody selected, however deep it nests", () => {
    const bytes = Buffer.from(`82a161${"91".repeat(100_000)}c0a16207`, "hex");
    const selection: Selection = { kind: "object", fields: new Map([["b", "all"]]) };
    expect(encodingOf("msgpack").decodePartial(bytes, selection, shape)).toStrictEqual({ b: 7 });
  });
});

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

function asMaps(value: Json): unknown {
  if (Array.isArray(value)) return value.map(asMaps);
  if (typeof value !== "object" || value === null) return value;
  return new Map(Object.entries(value).map(([key, member]) => [key, asMaps(member)]));
}
