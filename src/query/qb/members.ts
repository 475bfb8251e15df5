/** What stands behind a dot: the methods of fields and conditions, and what times tell of themselves. */
import type { SearchCondition } from "../resource-query.ts";
import { dateOf, datetimeOf, datetimeText, intArgument, inZone, zoneArgument } from "./datetimes.ts";
import { type FieldMethod, type FieldMethodName, fieldMethods } from "./field-methods.ts";
import { operandOf } from "./operand.ts";
import { type RelativeDate, relativeDates, todayIn, withinDays } from "./relative-dates.ts";
import { type Search, sortBy } from "./search.ts";
import { searchMethod } from "./searches.ts";
import { dayMicros, floorDivide } from "./time-arithmetic.ts";
import {
  type Argument,
  type Call,
  type Datetime,
  type Field,
  type FunctionValue,
  isKind,
  type Parameter,
  type Scope,
  type Value,
} from "./values.ts";
import { utc } from "./zone.ts";

/** The member of a value by its name; undefined where there is none. */
export function memberOf(scope: Scope, receiver: Argument, name: string): Value | undefined {
  const { value } = receiver;
  if (isKind(value, "function")) return value.members?.get(name);
  if (isKind(value, "field")) return fieldMember(value, name) ?? searchMethod(name, scope, receiver);
  if (isKind(value, "search")) return searchMethod(name, scope, receiver);
  if (isKind(value, "datetime")) return datetimeMember(value, name);
  if (isKind(value, "date")) return dateMember(value.day, name);
  if (isKind(value, "timedelta")) return timedeltaMember(value.micros, name);
  return undefined;
}

function method(parameters: readonly Parameter[], call: (call: Call) => Value): FunctionValue {
  return { kind: "function", parameters, call };
}

function fieldMember(field: Field, name: string): FunctionValue | undefined {
  if (Object.hasOwn(fieldMethods, name)) {
    const { parameters }: FieldMethod = fieldMethods[name as FieldMethodName];
    return method(parameters, (call) => ({
      kind: "search",
      search: fieldSearch(call, field, name as FieldMethodName),
    }));
  }
  if (Object.hasOwn(relativeDates, name)) return dateMethod(field, relativeDates[name as keyof typeof relativeDates]);
  if (name === "length") return method([], () => ({ ...field, target: { ...field.target, transform: "LENGTH" } }));
  if (name === "asc") return method([], (call) => sortOf(call, field, "ASC"));
  if (name === "desc") return method([], (call) => sortOf(call, field, "DESC"));
  return undefined;
}

function sortOf({ scope, start }: Call, { target }: Field, direction: "ASC" | "DESC"): Value {
  if (target.transform) throw scope.source.refuse(start, "A length is nothing to sort by.");
  return { kind: "sort", sort: sortBy(target.fieldPath, direction) };
}

/** A method's condition on a field. @throws QUERY_INVALID */
export function fieldSearch(call: Call, field: Field, name: FieldMethodName): Search {
  const values = call.arguments.map((argument) => ({
    value: operandOf(call.scope, argument, field.target),
    start: argument.start,
  }));
  const { condition: make }: FieldMethod = fieldMethods[isBlankOfNoText(call, field, name) ? "is_empty" : name];
  const condition = make(field.target, ...values.map(({ value }) => value));
  return marked(call, field, { condition, values });
}

/** What holds no text holds no blanks: a regular expression would be refused for it. */
function isBlankOfNoText({ scope }: Call, { target }: Field, name: FieldMethodName): boolean {
  const type = scope.context.typeOf(target.fieldPath);
  return name === "is_blank" && ((type !== undefined && type !== "text") || target.transform !== undefined);
}

function dateMethod(field: Field, { parameters, range }: RelativeDate): FunctionValue {
  return method(parameters, (call) => {
    const { scope, start } = call;
    const argumentOf = (name: string) => call.arguments[parameters.findIndex((one) => one.name === name)];
    const zone = zoneArgument(call, argumentOf("tz")) ?? utc;
    const number = parameters.find(({ name }) => name !== "tz");
    const days = range(todayIn(zone, scope.context), number ? intArgument(call, argumentOf(number.name)) : 0);
    const condition =
      days && withinDays(field.target, days, { zone, type: scope.context.typeOf(field.target.fieldPath) });
    if (condition === undefined) throw scope.source.refuse(start, "There are no such days.");
    return { kind: "search", search: marked(call, field, { condition, values: [] }) };
  });
}

interface Made {
  readonly condition: SearchCondition;
  readonly values: readonly { readonly value: unknown; readonly start: number }[];
}

function marked({ scope, start }: Call, field: Field, { condition, values }: Made): Search {
  scope.marks.markCondition(condition, start, { fieldPath: field.start, operator: start, values });
  return { condition, sorts: [] };
}

const datetimeParts = ["year", "month", "day", "hour", "minute", "second", "microsecond"];

function datetimeMember(time: Datetime, name: string): Value | undefined {
  if (name === "date") return method([], () => dateOf(time));
  if (name === "isoformat") return method([], () => datetimeText(time) ?? null);
  if (name === "astimezone") {
    const tz = { name: "tz", defaultValue: null };
    return method([tz], (call) => inZone(time, zoneArgument(call, call.arguments[0]) ?? utc));
  }
  if (name === "replace") {
    // What is not given stays; None is a zone to be given, so false stands for none.
    const parts = partsOf(time).map((part, i) => ({ name: datetimeParts[i] ?? "", defaultValue: part }));
    return method([...parts, { name: "tzinfo", defaultValue: false }], (call) => {
      const tzinfo = call.arguments[parts.length];
      return datetimeOf(
        call,
        call.arguments.slice(0, parts.length),
        tzinfo?.value === false ? time.zone : zoneArgument(call, tzinfo),
      );
    });
  }
  const part = partsOf(time)[datetimeParts.indexOf(name)];
  return part === undefined ? undefined : BigInt(part);
}

function partsOf({ wall }: Pick<Datetime, "wall">): number[] {
  const micros = Number(((wall % 1_000_000n) + 1_000_000n) % 1_000_000n);
  const time = new Date(Number((wall - BigInt(micros)) / 1000n));
  return [
    time.getUTCFullYear(),
    time.getUTCMonth() + 1,
    time.getUTCDate(),
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
    micros,
  ];
}

/** The three that Python keeps of a span; only the days may be negative. */
function timedeltaMember(micros: bigint, name: string): Value | undefined {
  const days = floorDivide(micros, dayMicros);
  const rest = micros - days * dayMicros;
  if (name === "days") return days;
  if (name === "seconds") return rest / 1_000_000n;
  return name === "microseconds" ? rest % 1_000_000n : undefined;
}

/** The first three parts. */
function dateMember(day: number, name: string): Value | undefined {
  const index = datetimeParts.indexOf(name);
  const part = index < 3 ? partsOf({ wall: BigInt(day) * dayMicros })[index] : undefined;
  return part === undefined ? undefined : BigInt(part);
}
