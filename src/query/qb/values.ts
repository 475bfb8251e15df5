/** What the parts of an expression stand for while it is read. Ints are bigints, floats numbers, as in Python. */
import type { Json } from "../../base/json.ts";
import type { SearchSort } from "../resource-query.ts";
import type { Marks } from "./marks.ts";
import type { QbContext } from "./relative-dates.ts";
import type { FieldTarget, Search } from "./search.ts";
import type { Source } from "./source.ts";
import type { Zone } from "./zone.ts";

export type Constant = null | boolean | bigint | number | string;

export type Value = Constant | Thing;

export type Thing =
  /** Lists and tuples; `starts` are the offsets of the items. */
  | { readonly kind: "list"; readonly items: readonly Value[]; readonly starts: readonly number[] }
  | Datetime
  | { readonly kind: "date" /** Since 1970-01-01. */; readonly day: number }
  | { readonly kind: "timedelta"; readonly micros: bigint }
  | { readonly kind: "zone"; readonly zone: Zone }
  | Field
  | { readonly kind: "sort"; readonly sort: SearchSort }
  | { readonly kind: "search"; readonly search: Search }
  | FunctionValue;

export interface Datetime {
  readonly kind: "datetime";
  /** What clocks show, as microseconds since 1970-01-01T00:00. */
  readonly wall: bigint;
  /** undefined: naive, which counts as UTC. */
  readonly zone: Zone | undefined;
}

export interface Field {
  readonly kind: "field";
  readonly target: FieldTarget;
  readonly start: number;
}

/** Something with members, to be called, or both. */
export interface FunctionValue {
  readonly kind: "function";
  readonly parameters: readonly Parameter[];
  /** Takes any number of arguments, without names. */
  readonly isVariadic?: boolean;
  readonly members?: ReadonlyMap<string, Value>;
  /** Of its name, where an expression names it. */
  readonly start?: number;
  /** undefined: cannot be called. */
  readonly call: ((call: Call) => Value) | undefined;
}

export interface Parameter {
  readonly name: string;
  /** undefined: the argument must be there. */
  readonly defaultValue?: Json;
}

export interface Argument {
  readonly value: Value;
  readonly start: number;
}

export interface Call {
  readonly scope: Scope;
  /** Of the function's name. */
  readonly start: number;
  /** One for each parameter, with defaults filled in; for variadic functions, what is given. */
  readonly arguments: readonly Argument[];
}

/** What an expression is read with. */
export interface Scope {
  readonly source: Source;
  readonly context: QbContext;
  readonly marks: Marks;
  /** The time zones named so far. */
  readonly zones: Set<string>;
}

export function isThing(value: Value): value is Thing {
  return typeof value === "object" && value !== null;
}

export function isKind<Kind extends string>(value: Value, kind: Kind): value is Extract<Value, { kind: Kind }> {
  return isThing(value) && value.kind === kind;
}

export function kindOf(value: Value): string {
  if (isThing(value)) return value.kind === "search" ? "condition" : value.kind;
  if (value === null) return "None";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "text";
  return typeof value === "bigint" ? "int" : "float";
}
