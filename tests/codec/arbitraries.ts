/** Random shapes, documents of a shape, and selections that may or may not fit it. */
import fc from "fast-check";
import { type Json, type JsonObject, setOwn } from "../../src/base/json.ts";
import type { ElementSelector, Selection } from "../../src/codec/selection.ts";
import type { ObjectShape, Shape } from "../../src/codec/shape.ts";

const fieldName = fc.constantFrom("a", "b", "name", "items", "längere Namen mit Leerzeichen", "__proto__", "toString");
const tag = fc.constantFrom("cat", "dog");

/** Numbers as JSON has them: -0 has no form of its own in either encoding. */
const jsonNumber = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.constantFrom(0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, -32, -33, -128, -129, -32_769, 2 ** 53),
);
/** Of every length that MessagePack has a form for. */
const text = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(31, 32, 33, 255, 256, 65_535, 65_536).map((length) => "x".repeat(length)) },
);
const scalarValue: fc.Arbitrary<Json> = fc.oneof(jsonNumber, fc.boolean(), fc.constant(null), text);
/** With `__proto__` as an own key, as JSON.parse makes it. */
export const jsonValue: fc.Arbitrary<Json> = fc
  .json({ maxDepth: 3 })
  .map((text) => JSON.parse(text.replaceAll("-0", "0")) as Json);

export const shapes = fc.letrec<{ any: Shape; object: ObjectShape }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constant<Shape>({ kind: "scalar", revive: "none" }),
    fc.constant<Shape>({ kind: "scalar", revive: "none", isText: true }),
    fc.constant<Shape>({ kind: "json" }),
    tie("any").map<Shape>((element) => ({ kind: "list", element })),
    tie("object"),
    fc.tuple(tie("object"), tie("object")).map<Shape>(([cat, dog]) => ({
      kind: "union",
      discriminator: "kind",
      members: new Map([
        ["cat", withTag(cat)],
        ["dog", withTag(dog)],
      ]),
    })),
  ),
  object: fc
    .array(fc.tuple(fieldName, tie("any")), { maxLength: 4 })
    .map((fields) => ({ kind: "object" as const, fields: new Map(fields) })),
}));

/** The discriminator last, where a reader finds it after it would have needed it. */
function withTag({ fields }: ObjectShape): ObjectShape {
  return { kind: "object", fields: new Map<string, Shape>([...fields, ["kind", { kind: "scalar", revive: "none" }]]) };
}

export function documentOf(shape: ObjectShape): fc.Arbitrary<JsonObject> {
  const fields = [...shape.fields].map(([name, field]) =>
    fc.option(valueIn(field), { nil: undefined }).map((value) => [name, value] as const),
  );
  return fc.tuple(...fields).map((entries) => {
    const object: Record<string, Json> = {};
    for (const [name, value] of entries) if (value !== undefined) setOwn(object, name, value);
    return object;
  });
}

function valueIn(shape: Shape): fc.Arbitrary<Json> {
  const value = (): fc.Arbitrary<Json> => {
    switch (shape.kind) {
      case "scalar":
        return shape.isText ? fc.oneof({ weight: 3, arbitrary: text }, scalarValue) : scalarValue;
      case "json":
        return jsonValue;
      case "list":
        return fc.array(valueIn(shape.element), { maxLength: 6 });
      case "object":
        return documentOf(shape);
      case "union":
        return tag.chain((kind) =>
          documentOf(shape.members.get(kind) ?? { kind: "object", fields: new Map() }).map((object) => ({
            ...object,
            kind,
          })),
        );
    }
  };
  return fc.oneof({ weight: 8, arbitrary: value() }, { weight: 1, arbitrary: fc.constant(null) });
}

export const selectors: fc.Arbitrary<ElementSelector> = fc.oneof(
  fc.integer({ min: -7, max: 7 }).map((index) => ({ index })),
  fc.record(
    {
      start: fc.integer({ min: -8, max: 8 }),
      stop: fc.integer({ min: -8, max: 8 }),
      step: fc.constantFrom(1, 1, 2, 3, -1, -2),
    },
    { requiredKeys: ["step"] },
  ),
);

/** Mostly what fits the shape; sometimes a wrong kind or an unknown field. */
export function selectionOf(shape: Shape, depth = 0): fc.Arbitrary<Selection> {
  if (depth > 4) return fc.constant("all");
  const all = fc.constant<Selection>("all");
  switch (shape.kind) {
    case "list":
      return fc.oneof(all, listSelection(selectionOf(shape.element, depth + 1)));
    case "object":
      return fc.oneof(all, objectSelection([...shape.fields], depth));
    case "union":
      return fc.oneof(
        all,
        objectSelection(
          [...shape.members.values()].flatMap(({ fields }) => [...fields]),
          depth,
        ),
      );
    default:
      return fc.oneof({ weight: 6, arbitrary: all }, { weight: 1, arbitrary: listSelection(all) });
  }
}

function listSelection(below: fc.Arbitrary<Selection>): fc.Arbitrary<Selection> {
  return fc
    .array(fc.record({ selector: selectors, below }), { maxLength: 3 })
    .map((parts): Selection => ({ kind: "list", parts }));
}

function objectSelection(fields: readonly (readonly [string, Shape])[], depth: number): fc.Arbitrary<Selection> {
  return fc
    .subarray([...fields])
    .chain((chosen) =>
      fc
        .tuple(...chosen.map(([name, field]) => selectionOf(field, depth + 1).map((below) => [name, below] as const)))
        .map((entries): Selection => ({ kind: "object", fields: new Map([...entries, ["unknown field", "all"]]) })),
    );
}

/** A document with its shape and two selections. */
export const cases = shapes.object.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    document: documentOf(shape),
    selection: selectionOf(shape),
    other: selectionOf(shape),
  }),
);

/** Bytes that are overwritten, and where they are cut off: at least one of both. */
export interface Damage {
  readonly mutations: readonly { readonly at: number; readonly byte: number }[];
  readonly cut?: number | undefined;
}

const mutation = fc.record({
  at: fc.nat(),
  byte: fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0x80, 0x90, 0xc0, 0xd9, 0xda, 0xdc, 0xdd, 0xde, 0xdf),
  ),
});
const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });
const cut = fc.nat();
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ mutations }),
  fc.record({ mutations: fc.constant([]), cut }),
  fc.record({ mutations, cut }),
);

export function damages(count: number): fc.Arbitrary<readonly Damage[]> {
  return fc.array(damage, { minLength: count, maxLength: count });
}

export function damagedBytes(whole: Uint8Array, { mutations, cut }: Damage): Buffer {
  const bytes = Buffer.from(whole);
  for (const { at, byte } of mutations) bytes[at % bytes.length] = byte;
  return cut === undefined ? bytes : bytes.subarray(0, cut % bytes.length);
}
