import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isJsonObject, type Json, setOwn } from "../../src/base/json.ts";
import { elementRange } from "../../src/codec/elements.ts";
import { encodingOf } from "../../src/codec/encodings.ts";
import { listLength } from "../../src/codec/list-length.ts";
import { pick } from "../../src/codec/prune.ts";
import type { ListSelection, Selection } from "../../src/codec/selection.ts";
import { mergeSelections } from "../../src/codec/selection-merge.ts";
import type { ObjectShape, Shape, UnionShape } from "../../src/codec/shape.ts";
import { cases } from "./arbitraries.ts";

const msgpack = encodingOf("msgpack");
const scalar: Shape = { kind: "scalar", revive: "none" };
const objectShape = (fields: Record<string, Shape>): ObjectShape => ({
  kind: "object",
  fields: new Map(Object.entries(fields)),
});
const fields = (below: Record<string, Selection>): Selection => ({
  kind: "object",
  fields: new Map(Object.entries(below)),
});
const elements = (...parts: ListSelection["parts"]): Selection => ({ kind: "list", parts });

/** What a selection means, spelled out without sharing anything with the code under test: one part at a time, then overlaid. */
function meaning(value: Json, selection: Selection): Json {
  if (selection === "all") return value;
  if (selection.kind === "object") {
    if (!isJsonObject(value)) return value;
    const kept: Record<string, Json> = {};
    for (const [key, member] of Object.entries(value)) {
      const below = selection.fields.get(key);
      if (below !== undefined) setOwn(kept, key, meaning(member as Json, below));
    }
    return kept;
  }
  if (!Array.isArray(value)) return value;
  const list = value as readonly Json[];
  const kept = new Array<Json>(list.length);
  for (const { selector, below } of selection.parts) {
    const { first, last, step } = elementRange(selector, list.length);
    for (let index = first; index <= last; index += step) {
      kept[index] = overlaid(kept[index], meaning(list[index] ?? null, below));
    }
  }
  return kept;
}

function overlaid(a: Json | undefined, b: Json): Json {
  if (a === undefined) return b;
  if (Array.isArray(a) && Array.isArray(b)) {
    const [left, right] = [a as readonly Json[], b as readonly Json[]];
    const list = new Array<Json>(left.length);
    for (let index = 0; index < left.length; index++) {
      const [one, other] = [left[index], right[index]];
      const both = other === undefined ? one : overlaid(one, other);
      if (both !== undefined) list[index] = both;
    }
    return list;
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return a;
  const object: Record<string, Json> = {};
  for (const key of [...Object.keys(a), ...Object.keys(b)]) {
    const [one, other] = [a, b].map((side) => (Object.hasOwn(side, key) ? (side[key] as Json) : undefined));
    if (other !== undefined) setOwn(object, key, overlaid(one, other));
    else if (one !== undefined) setOwn(object, key, one);
  }
  return object;
}

function withoutHoles(value: Json): Json {
  if (Array.isArray(value)) return value.filter((element) => element !== undefined).map(withoutHoles);
  if (!isJsonObject(value)) return value;
  const object: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) setOwn(object, key, withoutHoles(member as Json));
  return object;
}

describe("any document, any selection", () => {
  test("picking gives exactly what the selection means", () => {
    fc.assert(
      fc.property(cases, ({ document, selection }) => {
        expect(pick(document, selection)).toStrictEqual(withoutHoles(meaning(document, selection)));
      }),
      { numRuns: 1_000 },
    );
  });

  test("a partial read, picked, equals the full read, picked", () => {
    fc.assert(
      fc.property(cases, ({ document, selection, shape }) => {
        const partial = msgpack.decodePartial(msgpack.encode(document, shape), selection, shape);
        expect(pick(partial, selection)).toStrictEqual(pick(document, selection));
      }),
      { numRuns: 1_000 },
    );
  });

  test("two selections share one read of their union", () => {
    fc.assert(
      fc.property(cases, ({ document, selection, other, shape }) => {
        const union = mergeSelections(selection, other);
        const shared = msgpack.decodePartial(msgpack.encode(document, shape), union, shape);
        expect(pick(shared, selection)).toStrictEqual(pick(document, selection));
        expect(pick(shared, other)).toStrictEqual(pick(document, other));
      }),
      { numRuns: 1_000 },
    );
  });

  test("MessagePack and JSON read the same part, holes included", () => {
    fc.assert(
      fc.property(cases, ({ document, selection, shape }) => {
        const json = encodingOf("json");
        expect(msgpack.decodePartial(msgpack.encode(document, shape), selection, shape)).toStrictEqual(
          json.decodePartial(json.encode(document, shape), selection, shape),
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("what is read", () => {
  const item = objectShape({ id: scalar, size: scalar });
  const shape = objectShape({ name: scalar, items: { kind: "list", element: item }, level: scalar });
  const document = { name: "x", items: [1, 2, 3, 4].map((id) => ({ id, size: id * 10 })), level: 7 };
  const bytes = Buffer.from(msgpack.encode(document, shape));
  const read = (selection: Selection) => msgpack.decodePartial(bytes, selection, shape);

  test("elements stand at their places, with holes before, and lists know their true length", () => {
    const below = fields({ id: "all" });
    const { items } = read(fields({ items: elements({ selector: { index: -2 }, below }) }));
    expect(JSON.stringify(items)).toBe('[null,null,{"id":3}]');
    expect(Object.keys(items as readonly Json[])).toEqual(["2"]);
    expect(listLength(items as readonly Json[])).toBe(4);
  });

  test("overlapping selectors give an element the union of what they want", () => {
    const selection = elements(
      { selector: { start: 1, step: 1 }, below: fields({ id: "all" }) },
      { selector: { stop: 2, step: 1 }, below: fields({ size: "all" }) },
      { selector: { index: 3 }, below: "all" },
    );
    const { items } = read(fields({ items: selection }));
    expect(items).toStrictEqual([{ size: 10 }, { id: 2, size: 20 }, { id: 3 }, { id: 4, size: 40 }]);
  });

  test("reading stops behind the last value wanted", () => {
    const upToName = bytes.subarray(0, bytes.indexOf("items") - 1);
    expect(msgpack.decodePartial(upToName, fields({ name: "all" }), shape)).toStrictEqual({ name: "x" });
    const upToFirstId = bytes.subarray(0, bytes.indexOf("size") - 1);
    const first = fields({ items: elements({ selector: { index: 0 }, below: fields({ id: "all" }) }) });
    expect(pick(msgpack.decodePartial(upToFirstId, first, shape), first)).toStrictEqual({ items: [{ id: 1 }] });
    expect(() => msgpack.decodePartial(upToFirstId, fields({ items: "all" }), shape)).toThrow(
      expect.objectContaining({ code: "PAYLOAD_CORRUPT" }),
    );
  });

  test("an empty selection is an empty object, a selector out of range an empty list", () => {
    expect(read(fields({}))).toStrictEqual({});
    const selection = fields({ items: elements({ selector: { index: 4 }, below: "all" }) });
    expect(pick(read(selection), selection)).toStrictEqual({ items: [] });
  });

  test("a value that the selection does not fit comes whole", () => {
    const document = { name: null, items: null, level: { a: 1 } };
    const selection = fields({ name: fields({ a: "all" }), items: elements(), level: elements() });
    expect(msgpack.decodePartial(msgpack.encode(document, shape), selection, shape)).toStrictEqual(document);
  });

  test("a union keeps its discriminator, wherever it stands, and only fields of the actual member are found", () => {
    const union: UnionShape = {
      kind: "union",
      discriminator: "type",
      members: new Map([
        ["a", objectShape({ first: scalar, nested: objectShape({ x: scalar, y: scalar }), type: scalar })],
        ["b", objectShape({ second: scalar, type: scalar })],
      ]),
    };
    const shape = objectShape({ content: union });
    const selection = fields({ content: fields({ first: "all", nested: fields({ x: "all" }) }) });
    const read = (content: Json) => msgpack.decodePartial(msgpack.encode({ content }, shape), selection, shape).content;
    expect(read({ first: 1, nested: { x: 1, y: 2 }, type: "a" })).toStrictEqual({
      first: 1,
      nested: { x: 1 },
      type: "a",
    });
    expect(read({ second: 1, type: "b" })).toStrictEqual({ type: "b" });
    expect(read({ first: 1, type: "of an older schema" })).toStrictEqual({ first: 1, type: "of an older schema" });
  });

  test("many overlapping slices of a long list are refused before they block", () => {
    const long = msgpack.encode({ items: new Array<number>(200_000).fill(1) }, shape);
    const parts = Array.from({ length: 100 }, (_, start) => ({ selector: { start, step: 1 }, below: "all" }) as const);
    expect(() => msgpack.decodePartial(long, fields({ items: elements(...parts) }), shape)).toThrow(
      expect.objectContaining({ code: "LIMIT_EXCEEDED" }),
    );
  });
});
