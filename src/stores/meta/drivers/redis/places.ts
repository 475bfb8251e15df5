/** Where the values of a field stand in its index, as bounds of ZRANGEBYLEX. */
import type { Json } from "../../../../base/json.ts";
import type { Scalar } from "../../../../query/compare.ts";
import type { QueryField } from "../../../../query/condition.ts";
import { component, elementComponent, nullComponent } from "./values.ts";

export type Span = readonly [min: Buffer, max: Buffer];

export const lowest: Buffer = Buffer.from("-");
export const highest: Buffer = Buffer.from("+");

export interface Places {
  /** Do its values have an order? Else they stand for equality only. */
  readonly isOrdered: boolean;
  /** What the members of a value begin with; undefined for a value that is not indexed. */
  bytesOf(value: Json): Buffer | undefined;
  /** Members that begin so and go on with an id. */
  spanOf(bytes: Buffer): Span;
  readonly values: Span;
  readonly nulls: Span;
  /** Of texts that begin so. */
  startingWith(text: string): Span;
}

export function isId({ source, path }: QueryField): boolean {
  return source === "meta" && path === "resourceId";
}

export function placesOf(field: QueryField): Places {
  const { type } = field;
  if (isId(field)) return placesOfIds;
  const isOrdered = type !== "list" && type !== "json";
  return {
    isOrdered,
    bytesOf: (value) => (isOrdered ? component(type, value as Scalar) : elementComponent(value)),
    // No other value's bytes begin like these.
    spanOf: (bytes) => [including(bytes, 0), excluding(bytes, 1)],
    values: [including(nothing, 1), excluding(nullComponent)],
    nulls: [including(nullComponent), highest],
    startingWith: (text) => beginning(Buffer.from(`\u0001${text}`)),
  };
}

const nothing = Buffer.alloc(0);

/** In the index by id a member is 00 and the id, and nothing else. */
const placesOfIds: Places = {
  isOrdered: true,
  bytesOf: (value) => Buffer.from(`\0${value as string}`),
  spanOf: (bytes) => [including(bytes), including(bytes)],
  values: [lowest, highest],
  nulls: [highest, lowest],
  startingWith: (text) => beginning(Buffer.from(`\0${text}`)),
};

/** Members that begin so: UTF-8 has no FF. */
export function beginning(bytes: Buffer): Span {
  return [including(bytes), excluding(bytes, 0xff)];
}

function including(bytes: Buffer, ...last: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from("["), bytes, Buffer.from(last)]);
}

function excluding(bytes: Buffer, ...last: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from("("), bytes, Buffer.from(last)]);
}

/** The same place as a bound from the other side. */
export function turned(bound: Buffer): Buffer {
  return Buffer.concat([Buffer.from(bound[0] === "[".charCodeAt(0) ? "(" : "["), bound.subarray(1)]);
}
