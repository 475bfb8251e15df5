/**
 * The operators as data: when each is true, and when it is false, as SQL. Else it is unknown: SQL's own null plays no part, since
 * an index serves `key = ?` and does not serve what tells null from false.
 */
import type { Json } from "../../../../base/json.ts";
import type { OperatorName, QueryField } from "../../../../query/condition.ts";
import { foldCase } from "../../../../query/fold-case.ts";
import { behindPrefix } from "../../../../query/text-prefix.ts";
import { foldedSql, isFoldable } from "./case-blind.ts";
import type { Value } from "./connection.ts";
import { type FieldSql, none } from "./field-sql.ts";
import { keyOf, operandOf } from "./search-keys.ts";

export interface Target extends FieldSql {
  readonly field: QueryField;
  readonly operand: Json;
  /** Takes an argument. They are taken in the order in which they stand in the text. */
  readonly bind: (value: Value) => string;
}

export interface OperatorSql {
  isTrue(target: Target): string;
  isFalse(target: Target): string;
  /** Whether it finds more than it means: what is found is to be looked at. @default no */
  isWide?(operand: Json): boolean;
}

const known = ({ key }: Target) => `${key} <> ${none}`;
const own = ({ field, operand, bind }: Target) => bind(operandOf(field, operand));

/** A statement takes 32,766 arguments, and lists may hold 10,000. */
const maxWrittenOut = 8;

/** A list of alternatives. SQLite might read a fraction in JSON as another: none of ours equals a count or a length. */
function all({ field, operand, bind }: Target): string {
  const values = (operand as readonly Json[]).map((one) => operandOf(field, one));
  if (values.length <= maxWrittenOut) return values.map(bind).join(", ");
  const readable = values.filter((value) => typeof value !== "number" || Number.isSafeInteger(value));
  return `select value from json_each(${bind(JSON.stringify(readable))})`;
}

const opposite = { "=": "<>", "<>": "=", ">": "<=", "<=": ">", "<": ">=", ">=": "<" } as const;

function comparisonSql(target: Target, symbol: keyof typeof opposite): string {
  const isOpen = symbol === "<>" || symbol === ">" || symbol === ">=";
  const compared = `${target.key} ${symbol} ${own(target)}`;
  return isOpen ? `(${compared} and ${target.key} < ${none})` : compared;
}

const comparison = (symbol: keyof typeof opposite): OperatorSql => ({
  isTrue: (target) => comparisonSql(target, symbol),
  isFalse: (target) => comparisonSql(target, opposite[symbol]),
});

/** Its truth the other way round. */
const negated = ({ isTrue, isFalse }: OperatorSql): OperatorSql => ({ isTrue: isFalse, isFalse: isTrue });

const isIn: OperatorSql = {
  isTrue: (target) => `${target.key} in (${all(target)})`,
  isFalse: (target) => `(${target.key} not in (${all(target)}) and ${known(target)})`,
};

const between: OperatorSql = {
  isTrue({ key, field, operand, bind }) {
    const [low, high] = (operand as readonly Json[]).map((one) => bind(operandOf(field, one)));
    return `${key} between ${low} and ${high}`;
  },
  isFalse(target) {
    const { key, field, operand, bind } = target;
    const [low, high] = (operand as readonly Json[]).map((one) => bind(operandOf(field, one)));
    return `(${key} not between ${low} and ${high} and ${known(target)})`;
  },
};

const containsText: OperatorSql = {
  isTrue: (target) => `(${known(target)} and instr(${target.text}, ${target.bind(String(target.operand))}) > 0)`,
  isFalse: (target) => `(${known(target)} and instr(${target.text}, ${target.bind(String(target.operand))}) = 0)`,
};

const elementSql = ({ elements, operand, bind }: Target) =>
  `exists (select 1 from json_each(${elements}) where value = ${bind(keyOf(operand))})`;

const containsElement: OperatorSql = {
  isTrue: (target) => `(${known(target)} and ${elementSql(target)})`,
  isFalse: (target) => `(${known(target)} and not ${elementSql(target)})`,
};

const containsOf = ({ field }: Target) => (field.type === "list" ? containsElement : containsText);

const contains: OperatorSql = {
  isTrue: (target) => containsOf(target).isTrue(target),
  isFalse: (target) => containsOf(target).isFalse(target),
};

/** Texts compare by code point, so those that begin with a prefix are a range. */
const startsWith: OperatorSql = {
  isTrue(target) {
    const [low, high] = prefixRange(target);
    return `(${target.key} >= ${low} and ${target.key} < ${high})`;
  },
  isFalse(target) {
    const [low, high] = prefixRange(target);
    return `((${target.key} < ${low} or ${target.key} >= ${high}) and ${known(target)})`;
  },
};

function prefixRange(target: Target): readonly [low: string, high: string] {
  const prefix = String(operandOf(target.field, target.operand));
  const end = behindPrefix(prefix);
  return [target.bind(prefix), end === undefined ? none : target.bind(end)];
}

const endsWith: OperatorSql = {
  isTrue: (target) => (target.operand === "" ? known(target) : `(${known(target)} and ${endSql(target, "=")})`),
  isFalse: (target) => (target.operand === "" ? "0" : `(${known(target)} and ${endSql(target, "<>")})`),
};

/** Of a shorter text the end is the whole, which is no match either. */
function endSql({ text, operand, bind }: Target, symbol: "=" | "<>"): string {
  const end = String(operand);
  return `substr(${text}, -${Array.from(end).length}) ${symbol} ${bind(end)}`;
}

/** SQLite has no regular expressions. */
const wide: OperatorSql = { isTrue: known, isFalse: known, isWide: () => true };

/** The same operator on folded texts; where folding would take too long, as a regular expression. */
const caseBlind = (plain: OperatorSql): OperatorSql => {
  const folded = (target: Target): Target => {
    const operand = foldCase(String(target.operand));
    return { ...target, operand, text: foldedSql(target.text, operand) };
  };
  const isWide = (operand: Json) => !isFoldable(String(operand));
  return {
    isTrue: (target) => (isWide(target.operand) ? known(target) : plain.isTrue(folded(target))),
    isFalse: (target) => (isWide(target.operand) ? known(target) : plain.isFalse(folded(target))),
    isWide,
  };
};

const startSql = ({ text, operand, bind }: Target, symbol: "=" | "<>") =>
  `substr(${text}, 1, ${Array.from(String(operand)).length}) ${symbol} ${bind(String(operand))}`;

/** Without a range: no index is in the order of folded texts. */
const startsWithText: OperatorSql = {
  isTrue: (target) => `(${known(target)} and ${startSql(target, "=")})`,
  isFalse: (target) => `(${known(target)} and ${startSql(target, "<>")})`,
};

type Presence = Pick<FieldSql, "isNull" | "isNotNull" | "exists" | "isAbsent">;

const presence = (holds: (field: Presence) => string, fails: (field: Presence) => string): OperatorSql => ({
  isTrue: (target) => `(${target.operand === true ? holds(target) : fails(target)})`,
  isFalse: (target) => `(${target.operand === true ? fails(target) : holds(target)})`,
});

const isna = presence(
  ({ isNull, isAbsent }) => `${isNull} or ${isAbsent}`,
  ({ isNotNull }) => isNotNull,
);

export const operatorSql = {
  eq: comparison("="),
  ne: comparison("<>"),
  gt: comparison(">"),
  gte: comparison(">="),
  lt: comparison("<"),
  lte: comparison("<="),
  in: isIn,
  notIn: negated(isIn),
  between,
  contains,
  startsWith,
  endsWith,
  icontains: caseBlind(containsText),
  istartsWith: caseBlind(startsWithText),
  iendsWith: caseBlind(endsWith),
  regex: wide,
  isNull: presence(
    ({ isNull }) => isNull,
    ({ isNotNull }) => isNotNull,
  ),
  exists: presence(
    ({ exists }) => exists,
    ({ isAbsent }) => isAbsent,
  ),
  isna,
} satisfies Record<OperatorName, OperatorSql>;
