/** Functions that read values whole, by their shapes: what `readValue` does, knowing what to expect. */
import type { ListShape, ObjectShape, Shape, UnionShape } from "../../shape.ts";
import { storageOrder } from "../../storage-order.ts";
import { containerLines } from "./container-lines.ts";
import { expectedObjectLines } from "./expected-object.ts";
import { functionNames } from "./function-names.ts";
import { emitWholeList } from "./list.ts";
import { emitObject } from "./object.ts";
import type { Source } from "./source.ts";
import { emitUnion } from "./union.ts";

export interface WholeEmitter {
  /** Lines that read a value of this shape at `p` into a variable and move `p`. `depth` is an expression. */
  read(shape: Shape | undefined, variable: string, depth: string): readonly string[];
  /** The same for an element of a list. */
  element(shape: Shape, variable: string, depth: string): readonly string[];
  /** The name of the function for entries of an object. */
  object(shape: ObjectShape, discriminator?: string): string;
}

export function createWholeEmitter(source: Source): WholeEmitter {
  const once = functionNames(source);

  const object = (shape: ObjectShape, discriminator?: string) =>
    once([shape, discriminator], (name) =>
      emitObject(source, name, {
        fields: storageOrder(shape, discriminator).fields,
        unknown: 0,
        isWhole: true,
        fallback: "readEntries(c, count, d)",
        read: (field, variable) => read(field.shape, variable, "d + 1"),
      }),
    );

  const union = (shape: UnionShape) =>
    once([shape], (name) =>
      emitUnion(source, name, {
        shape,
        last: "d",
        fallback: "readEntries(c, n, d)",
        member: (member) => object(member, shape.discriminator),
      }),
    );

  const list = (shape: ListShape) =>
    once([shape], (name) => emitWholeList(source, name, element(shape.element, "v", "d + 1")));

  const read = (shape: Shape | undefined, variable: string, depth: string): readonly string[] => {
    switch (shape?.kind) {
      case "object":
        return containerLines(variable, { kind: "map", name: object(shape), last: depth, depth });
      case "union":
        return containerLines(variable, { kind: "map", name: union(shape), last: depth, depth });
      case "list":
        return containerLines(variable, { kind: "list", name: list(shape), last: depth, depth });
      default:
        return readLeaf(shape, variable, depth);
    }
  };

  const element = (shape: Shape, variable: string, depth: string): readonly string[] => {
    const otherwise = read(shape, variable, depth);
    if (shape.kind !== "object") return otherwise;
    const { fields } = storageOrder(shape);
    return expectedObjectLines(source, { fields, isWanted: () => true, variable, depth, isLast: "false", otherwise });
  };

  return { read, element, object };
}

/**
 * The forms that its shape makes likely are read in place, where `value` would find them one by one: 39 against 57 ns for an
 * integer and a float64, and a full decode of 800 bytes in 1.05 against 1.22 µs.
 */
function readLeaf(shape: Shape | undefined, variable: string, depth: string): readonly string[] {
  const likely = shape?.kind !== "scalar" ? [] : shape.isText ? textForms(variable) : numberForms(variable);
  return [
    "x = p < end ? b[p] : 193;",
    `if (x < 128) { ${variable} = x; p++; }`,
    ...likely,
    `else { c.at = p; ${variable} = value(c, ${depth}); p = c.at; }`,
  ];
}

function textForms(variable: string): readonly string[] {
  return [
    `else if (x >= 160 && x < 192 && x - 160 < end - p) { q = p + 1; p = q + x - 160; ${variable} = text(b, q, p); }`,
    `else if (x === 217 && end - p > 1 && b[p + 1] < end - p - 1) { q = p + 2; p = q + b[p + 1]; ${variable} = text(b, q, p); }`,
  ];
}

function numberForms(variable: string): readonly string[] {
  return [
    `else if (x === 205 && end - p > 2) { ${variable} = w.getUint16(p + 1); p += 3; }`,
    // Not for infinities and NaN, which are refused.
    `else if (x === 203 && end - p > 8 && (${variable} = w.getFloat64(p + 1)) - ${variable} === 0) p += 9;`,
    `else if (x === 206 && end - p > 4) { ${variable} = w.getUint32(p + 1); p += 5; }`,
  ];
}
