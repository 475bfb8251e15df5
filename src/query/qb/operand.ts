/** Values of an expression as values of a condition. */
import type { Json } from "../../base/json.ts";
import type { ComparableType } from "../condition.ts";
import { datetimeText } from "./datetimes.ts";
import { dateText, instantText } from "./relative-dates.ts";
import type { FieldTarget, Operand } from "./search.ts";
import { type Argument, isKind, kindOf, type Scope } from "./values.ts";
import { dayMs } from "./zone.ts";

/** @throws QUERY_INVALID for what is no value: a field, a condition, a span */
export function operandOf(scope: Scope, argument: Argument, { fieldPath }: FieldTarget): Operand {
  return converted(scope, argument, scope.context.typeOf(fieldPath)) as Operand;
}

function converted(scope: Scope, { value, start }: Argument, type: ComparableType | undefined): Json | bigint {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value === null || typeof value !== "object") return value;
  if (value.kind === "list") {
    const items = value.items.map((item, i) =>
      converted(scope, { value: item, start: value.starts[i] ?? start }, type),
    );
    scope.marks.markItems(items, value.starts);
    return items as Json;
  }
  const text = isKind(value, "datetime")
    ? datetimeText(value)
    : isKind(value, "date")
      ? // A day as a time is its first instant.
        type === "time"
        ? instantText(value.day * dayMs)
        : dateText(value.day)
      : undefined;
  if (text !== undefined) return text;
  const hint = value.kind === "datetime" ? "The calendar ends with the years 1 and 9999." : "Compare with a value,";
  throw scope.source.refuse(
    start,
    value.kind === "datetime" ? hint : `${hint} not with a value of the kind ${kindOf(value)}.`,
  );
}
