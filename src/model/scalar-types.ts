/** Schemas of single values: what type and content they are. */
import type { z } from "zod";
import { binaryOptionsOf } from "./binary.ts";
import type { Content } from "./content.ts";
import type { FieldType } from "./field.ts";
import { referenceOf } from "./reference.ts";
import { type AnySchema, defOf, type SchemaDef } from "./unwrap.ts";

export interface Scalar {
  readonly type: FieldType;
  readonly content: Content;
}

/** The type of a leaf that needs no name; a sentence where it cannot be one; undefined where it is no leaf. */
export function scalarOf(core: AnySchema, layers: readonly AnySchema[]): Scalar | string | undefined {
  for (const layer of layers) {
    const reference = referenceOf(layer);
    if (reference !== undefined) return { type: { kind: "reference", ...reference }, content: { kind: "text" } };
    const options = binaryOptionsOf(layer);
    if (options !== undefined) return { type: { kind: "binary" }, content: { kind: "binary", options } };
  }
  const def = defOf(core);
  switch (def.type) {
    case "string":
      return stringOf(def);
    case "template_literal":
      return { type: { kind: "string" }, content: { kind: "text" } };
    case "boolean":
      return { type: { kind: "boolean" }, content: { kind: "boolean" } };
    case "number":
      return numberOf(def);
    case "bigint":
      return bigintHeldAs("bigint");
    case "date":
      return {
        type: { kind: "datetime", holds: "Date" },
        content: { kind: "datetime", holds: "Date", precision: undefined },
      };
    case "literal":
      return literalsOf(def.values);
    default:
      return undefined;
  }
}

function stringOf(def: Extract<SchemaDef, { type: "string" }>): Scalar | string {
  const formats = checksOf(def).filter((check) => check.check === "string_format");
  for (const { format, precision } of formats) {
    if (format === "date") return { type: { kind: "date" }, content: { kind: "text" } };
    if (format !== "datetime") continue;
    if (precision === -1)
      return "a datetime without seconds is no RFC 3339 datetime: leave precision out, or set it to 0 or more";
    const digits = typeof precision === "number" ? precision : undefined;
    return {
      type: { kind: "datetime", holds: "string" },
      content: { kind: "datetime", holds: "string", precision: digits },
    };
  }
  return { type: { kind: "string" }, content: { kind: "text" } };
}

const minInt = -(2 ** 31);
const maxInt = 2 ** 31 - 1;

export function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= minInt && value <= maxInt;
}

/** Int, unless the schema's own bounds lie beyond 32 bits: those that every `z.int()` has (safe integers) do not count. */
function numberOf(def: Extract<SchemaDef, { type: "number" }>): Scalar {
  let isInteger = false;
  let lowest = -Infinity;
  let highest = Infinity;
  for (const { check, format, value, inclusive } of checksOf(def)) {
    if (check === "number_format" && !String(format).startsWith("float")) {
      isInteger = true;
      if (format === "uint32") highest = Math.min(highest, 2 ** 32 - 1);
    }
    if (typeof value !== "number") continue;
    if (check === "greater_than") lowest = Math.max(lowest, inclusive ? value : Math.floor(value) + 1);
    if (check === "less_than") highest = Math.min(highest, inclusive ? value : Math.ceil(value) - 1);
  }
  if (!isInteger) return { type: { kind: "float" }, content: { kind: "float" } };
  const isWide = [lowest, highest].some((bound) => Number.isFinite(bound) && (bound < minInt || bound > maxInt));
  return isWide ? bigintHeldAs("number") : { type: { kind: "int" }, content: { kind: "int" } };
}

function bigintHeldAs(holds: "bigint" | "number"): Scalar {
  return { type: { kind: "bigint", holds }, content: { kind: "bigint", holds } };
}

/** Literals of one JavaScript type; those of strings are enums, which need a name. */
export function literalsOf(values: readonly z.core.util.Literal[]): Scalar | string | undefined {
  const present = values.filter((value) => value !== null && value !== undefined);
  if (present.length === 0) return "a literal of nothing but null or undefined has no GraphQL type";
  if (present.every((value) => typeof value === "string")) return undefined;
  if (present.every((value) => typeof value === "boolean"))
    return { type: { kind: "boolean" }, content: { kind: "boolean" } };
  if (present.every((value) => typeof value === "bigint")) return bigintHeldAs("bigint");
  if (!present.every((value) => typeof value === "number"))
    return "literals of different types have no common GraphQL type";
  if (present.every(isInt32)) return { type: { kind: "int" }, content: { kind: "int" } };
  return present.every(Number.isSafeInteger)
    ? bigintHeldAs("number")
    : { type: { kind: "float" }, content: { kind: "float" } };
}

/** The checks of a schema as plain facts. A format such as `z.int()` is a check of itself. */
function checksOf(def: SchemaDef): Record<string, unknown>[] {
  const own = "check" in def ? [{ ...def }] : [];
  return [...own, ...(def.checks ?? []).map((check) => ({ ...check._zod.def }))];
}
