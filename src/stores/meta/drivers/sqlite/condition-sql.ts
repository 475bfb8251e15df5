/** Checked conditions → SQL: when each is true, or when it is false, so that `not` needs no null (operator-sql.ts). */
import type { Condition } from "../../../../query/condition.ts";
import type { Value } from "./connection.ts";
import { fieldSql } from "./field-sql.ts";
import { type OperatorSql, operatorSql } from "./operator-sql.ts";

export interface Filter {
  readonly sql: string;
  readonly args: Value[];
  /** It finds more than the condition means: each is to be evaluated. */
  readonly isWide: boolean;
}

export function filterOf(condition: Condition): Filter {
  const args: Value[] = [];
  let isWide = false;
  const bind = (value: Value) => {
    args.push(value);
    return "?";
  };

  function sqlOf(one: Condition, truth: boolean): string {
    switch (one.kind) {
      case "and":
      case "or": {
        const members = one.conditions.map((member) => sqlOf(member, truth));
        const isAll = (one.kind === "and") === truth;
        return joined(members, isAll ? "and" : "or", isAll ? "1" : "0");
      }
      case "not":
        return sqlOf(one.condition, !truth);
      case "constant":
        return one.value === truth ? `(${fieldSql(one.field).isNotNull})` : "0";
      case "comparison": {
        const { field, operator, value: operand } = one;
        const row: OperatorSql = operatorSql[operator];
        isWide ||= row.isWide?.(operand) ?? false;
        const target = { ...fieldSql(field), field, operand, bind };
        return truth ? row.isTrue(target) : row.isFalse(target);
      }
    }
  }

  const sql = sqlOf(condition, true);
  return { sql, args, isWide };
}

/** In halves: SQLite takes expressions up to 1,000 deep, and a chain is as deep as it is long. */
function joined(members: readonly string[], word: "and" | "or", empty: string): string {
  if (members.length <= 1) return members[0] ?? empty;
  const half = members.length >> 1;
  const [first, second] = [members.slice(0, half), members.slice(half)];
  return `(${joined(first, word, empty)} ${word} ${joined(second, word, empty)})`;
}
