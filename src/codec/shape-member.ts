import { getOwn } from "../base/json.ts";
import type { ObjectShape, Shape } from "./shape.ts";

/** The shape of this very object: of a union the member that its discriminator names. Undefined for free-form JSON and for an unknown member. */
export function objectShapeOf(
  object: Readonly<Record<string, unknown>>,
  shape: Shape | undefined,
): ObjectShape | undefined {
  if (shape?.kind === "object") return shape;
  if (shape?.kind === "union") return memberOf(getOwn(object, shape.discriminator), shape);
  return undefined;
}

/** The member of a union for a discriminator's value: text, or a number or boolean by its text. */
export function memberOf(tag: unknown, shape: Extract<Shape, { kind: "union" }>): ObjectShape | undefined {
  return typeof tag === "string" || typeof tag === "number" || typeof tag === "boolean"
    ? shape.members.get(String(tag))
    : undefined;
}
