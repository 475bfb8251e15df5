/**
 * The operators as data: what each binds, and its SQL around the placeholders of what it binds. The SQL is made once a shape
 * (search-shape.ts), so it depends on nothing but the field and the variant.
 */
import type { Json } from "../../../../base/json.ts";
import type { OperatorName, QueryField } from "../../../../query/condition.ts";
import { foldCase } from "../../../../query/fold-case.ts";
import { postgresRegex } from "../../../../query/regex/postgres-regex.ts";
import { behindPrefix } from "../../../../query/text-prefix.ts";
import { caseBlindPattern, foldedSql, isLong } from "./case-blind.ts";
import type { Argument } from "./database.ts";
import { argumentOf, constantSql, type FieldSql, isLongText } from "./field-sql.ts";
import type { Placeholders } from "./placeholders.ts";

export interface OperatorSql {
  /** What of the operand changes the SQL: one of a handful of words, never the operand itself. @default "" */
  variant?(operand: Json, field: QueryField): string;
  /** The arguments, in the order of their placeholders. */
  bind(operand: Json, field: QueryField): readonly Argument[];
  sql(target: Target): string;
  /** Whether how much it finds varies with the operand by orders of magnitude. @default no more than values differ in frequency */
  readonly varies?: "always" | "unless sorted";
}

export interface Target extends FieldSql {
  readonly field: QueryField;
  readonly variant: string;
  readonly placeholders: Placeholders;
}

const nothing: readonly Argument[] = [];
const own = (operand: Json, field: QueryField) => [argumentOf(field, operand)];

/** With a short text the key compares as the value does, and has an index. */
const lengthOf = (...operands: readonly Json[]) =>
  operands.some((operand) => typeof operand === "string" && isLongText(operand)) ? "long" : "";
const comparable = ({ variant, key, value }: Target) => (variant === "long" ? value : key);

/** true and false stand in the text, so that the planner sees how rare each is. */
const comparison = (symbol: string): OperatorSql => ({
  ...(symbol === "=" || symbol === "<>" ? {} : { varies: "unless sorted" }),
  variant: (operand, { type }) => (type === "boolean" ? String(operand) : lengthOf(operand)),
  bind: (operand, field) => (field.type === "boolean" ? nothing : own(operand, field)),
  sql(target) {
    const { field, variant, sqlType, placeholders } = target;
    return `(${comparable(target)} ${symbol} ${field.type === "boolean" ? variant : placeholders.one(sqlType)})`;
  },
});

/**
 * Of an array that it does not see PostgreSQL expects ten elements, so that it plans anew for each with fewer: 0.9 ms a page instead of
 * 0.5. Short lists are written out.
 */
const maxWrittenOut = 8;

/** `x = any('{}')` is false for a null x, which must be unknown. */
const membership = (isIn: boolean): OperatorSql => ({
  variant(operand) {
    const values = operand as readonly Json[];
    return `${values.length > maxWrittenOut ? "many" : values.length} ${lengthOf(...values)}`;
  },
  bind(operand, field) {
    const values = (operand as readonly Json[]).map((value) => argumentOf(field, value));
    return values.length > maxWrittenOut ? [values] : values;
  },
  sql(target) {
    const { value, variant, sqlType, placeholders } = target;
    const [count = "", length = ""] = variant.split(" ");
    if (count === "0") return constantSql(value, !isIn);
    const list =
      count === "many"
        ? placeholders.list(sqlType)
        : `array[${Array.from({ length: Number(count) }, () => placeholders.one(sqlType)).join(", ")}]`;
    return `(${comparable({ ...target, variant: length })} ${isIn ? "= any" : "<> all"} (${list}))`;
  },
});

const between: OperatorSql = {
  varies: "unless sorted",
  variant: (operand) => lengthOf(...(operand as readonly Json[])),
  bind: (operand, field) => (operand as readonly Json[]).map((bound) => argumentOf(field, bound)),
  sql(target) {
    const { sqlType, placeholders } = target;
    return `(${comparable(target)} between ${placeholders.one(sqlType)} and ${placeholders.one(sqlType)})`;
  },
};

/** Texts compare by code point, so those that begin with a prefix are a range, which an index can find. */
const startsWith: OperatorSql = {
  varies: "unless sorted",
  variant: (operand) => (behindPrefix(String(operand)) === undefined ? "open" : lengthOf(operand)),
  bind(operand) {
    const prefix = String(operand);
    const end = behindPrefix(prefix);
    return end === undefined ? [prefix] : [prefix, end];
  },
  sql(target) {
    const { value, variant, placeholders } = target;
    if (variant === "open") return `(${value} >= ${placeholders.one("text")})`;
    const text = comparable(target);
    return `(${text} >= ${placeholders.one("text")} and ${text} < ${placeholders.one("text")})`;
  },
};

const like = (pattern: (escaped: string) => string): OperatorSql => ({
  varies: "always",
  bind: (operand) => [pattern(escapeLike(String(operand)))],
  sql: ({ value, placeholders }) => `(${value} like ${placeholders.one("text")})`,
});

const containsText = like((part) => `%${part}%`);

/** An object or a list is contained (@>) in a larger one too: of those, each element is looked at. */
const containsElement: OperatorSql = {
  variant: (operand) => (typeof operand === "object" ? "whole" : ""),
  bind(operand) {
    const element = JSON.stringify(operand);
    return typeof operand === "object" ? [`[${element}]`, element] : [`[${element}]`];
  },
  sql({ value, variant, placeholders }) {
    const includes = `${value} @> ${placeholders.one("jsonb")}`;
    if (variant !== "whole") return `(${includes})`;
    const equals = `exists (select from jsonb_array_elements(${value}) e(element) where e.element = ${placeholders.one("jsonb")})`;
    return `(${includes} and case when ${value} is not null then ${equals} end)`;
  },
};

const contains: OperatorSql = {
  varies: "always",
  variant: (operand, field) => (field.type === "list" ? (containsElement.variant?.(operand, field) ?? "") : ""),
  bind: (operand, field) => (field.type === "list" ? containsElement : containsText).bind(operand, field),
  sql: (target) => (target.field.type === "list" ? containsElement : containsText).sql(target),
};

/** A regular expression, which trigrams can serve; beyond its limits, the folded text is compared. */
const caseBlind = (isAtStart: boolean, isAtEnd: boolean): OperatorSql => ({
  varies: "always",
  variant: (operand) => (isLong(String(operand)) ? "long" : ""),
  bind(operand) {
    const text = String(operand);
    if (!isLong(text)) return [`${isAtStart ? "^" : ""}${caseBlindPattern(text)}${isAtEnd ? "$" : ""}`];
    return [`${isAtStart ? "" : "%"}${escapeLike(foldCase(text))}${isAtEnd ? "" : "%"}`];
  },
  sql: ({ value, variant, placeholders }) =>
    variant === "long"
      ? `(${foldedSql(value)} like ${placeholders.one("text")})`
      : `(${value} ~ ${placeholders.one("text")})`,
});

const matches: OperatorSql = {
  varies: "always",
  bind: (operand) => [postgresRegex(String(operand))],
  sql: ({ value, placeholders }) => `(${value} ~ ${placeholders.one("text")})`,
};

const presence = (test: "isNull" | "exists" | "isna"): OperatorSql => ({
  variant: String,
  bind: () => nothing,
  sql: (target) => (target.variant === "true" ? target[test] : `(not ${target[test]})`),
});

export const operatorSql = {
  eq: comparison("="),
  ne: comparison("<>"),
  gt: comparison(">"),
  gte: comparison(">="),
  lt: comparison("<"),
  lte: comparison("<="),
  in: membership(true),
  notIn: membership(false),
  between,
  contains,
  startsWith,
  endsWith: like((part) => `%${part}`),
  icontains: caseBlind(false, false),
  istartsWith: caseBlind(true, false),
  iendsWith: caseBlind(false, true),
  regex: matches,
  isNull: presence("isNull"),
  exists: presence("exists"),
  isna: presence("isna"),
} satisfies Record<OperatorName, OperatorSql>;

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
