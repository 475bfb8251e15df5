/** Functions that read what a selection wants of a shape, and skip the rest. What they do not cover is left to the interpreter. */
import type { ListSelection, ObjectSelection, Selection } from "../../selection.ts";
import type { ListShape, ObjectShape, Shape, UnionShape } from "../../shape.ts";
import { type StoredField, storageOrder } from "../../storage-order.ts";
import { containerLines } from "./container-lines.ts";
import { expectedObjectLines } from "./expected-object.ts";
import { functionNames } from "./function-names.ts";
import { emitPickedList } from "./list.ts";
import { emitObject } from "./object.ts";
import type { Source } from "./source.ts";
import { emitUnion } from "./union.ts";
import type { WholeEmitter } from "./whole.ts";

export interface PartialEmitter {
  /** The name of the function for entries of an object: (cursor, offset of the first, entries, isLast). */
  object(selection: ObjectSelection, shape: ObjectShape, union?: UnionShape): string;
}

/** Where a value goes, and whether anything behind it is wanted: a variable and an expression. */
interface Target {
  readonly variable: string;
  readonly isLast: string;
}

export function createPartialEmitter(source: Source, whole: WholeEmitter): PartialEmitter {
  const once = functionNames(source);

  const object = (selection: ObjectSelection, shape: ObjectShape, union?: UnionShape): string =>
    once([selection, shape, union], (name) => {
      const order = storageOrder(shape, union?.discriminator);
      const wishOf = (field: string): Selection | undefined =>
        selection.fields.get(field) ?? (field === union?.discriminator ? "all" : undefined);
      const unknown = [...selection.fields.keys()].filter((field) => !order.placeOf.has(field)).length;
      const last = order.fields.findLast((field) => wishOf(field.name) !== undefined);
      emitObject(source, name, {
        fields: order.fields,
        unknown,
        isWhole: false,
        fallback: `fields(c, count, ${source.constant({ selection, shape: union ?? shape })}, last)`,
        read(field, variable) {
          const below = wishOf(field.name);
          const isLast = unknown === 0 && field === last ? "last && m === 0" : "false";
          return below && read(below, field.shape, { variable, isLast });
        },
      });
    });

  const union = (selection: ObjectSelection, shape: UnionShape): string =>
    once([selection, shape], (name) =>
      emitUnion(source, name, {
        shape,
        last: "last",
        fallback: `fields(c, n, ${source.constant({ selection, shape })}, last)`,
        member: (member) => object(selection, member, shape),
      }),
    );

  const list = (selection: ListSelection, shape: ListShape): string | undefined => {
    const [only, ...others] = selection.parts;
    if (!only || others.length > 0) return undefined;
    return once([selection, shape], (name) =>
      emitPickedList(source, name, {
        selector: only.selector,
        element: (isLast) => element(only.below, shape.element, { variable: "v", isLast }),
      }),
    );
  };

  const container = (selection: Selection, shape: Shape): string | undefined => {
    if (selection === "all") return undefined;
    if (selection.kind === "list") return shape.kind === "list" ? list(selection, shape) : undefined;
    if (shape.kind === "object") return object(selection, shape);
    return shape.kind === "union" ? union(selection, shape) : undefined;
  };

  const read = (selection: Selection, shape: Shape, { variable, isLast }: Target): readonly string[] => {
    if (selection === "all" || shape.kind === "json") return whole.read(shape, variable, "0");
    const name = container(selection, shape);
    const kind = selection.kind === "list" ? "list" : "map";
    if (name !== undefined) return containerLines(variable, { kind, name, last: isLast, depth: "0" });
    const wish = `wish(c, ${source.constant(selection)}, ${source.constant(shape)}, ${isLast})`;
    return [`c.at = p; ${variable} = ${wish}; p = c.at;`];
  };

  const element = (selection: Selection, shape: Shape, target: Target): readonly string[] => {
    if (selection === "all") return whole.element(shape, target.variable, "0");
    const otherwise = read(selection, shape, target);
    if (selection.kind !== "object" || shape.kind !== "object") return otherwise;
    const isWanted = ({ name }: StoredField) => selection.fields.has(name);
    const { fields } = storageOrder(shape);
    return expectedObjectLines(source, { ...target, fields, isWanted, depth: "0", otherwise });
  };

  return { object };
}
