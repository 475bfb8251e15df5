/** Functions that read values whole, by their shapes: what `readValue` does, knowing what to expect. */
import type { ListShape, ObjectShape, Shape, UnionShape } from "../../shape.ts";
import { storageOrder } from "../../storage-order.ts";
import { containerLines } from "./container-lines.ts";
import { functionNames } from "./function-names.ts";
import { emitWholeList } from "./list.ts";
import { emitObject } from "./object.ts";
import type { Source } from "./source.ts";
import { emitUnion } from "./union.ts";

export interface WholeEmitter {
  /** Lines that read a value of this shape at `p` into a variable and move `p`. `depth` is an expression. */
  read(shape: Shape | undefined, variable: string, depth: string): readonly string[];
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
    once([shape], (name) => emitWholeList(source, name, read(shape.element, "v", "d + 1")));

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

  return { read, object };
}

/** Small integers are read in place. */
export function readLeaf(shape: Shape | undefined, variable: string, depth: string): readonly string[] {
  const isNumber = shape?.kind === "scalar" && !shape.isText;
  return [
    "x = p < end ? b[p] : 193;",
    `if (x < 128) { ${variable} = x; p++; }`,
    ...(isNumber ? [`else if (x === 205 && end - p > 2) { ${variable} = w.getUint16(p + 1); p += 3; }`] : []),
    `else { c.at = p; ${variable} = value(c, ${depth}); p = c.at; }`,
  ];
}
