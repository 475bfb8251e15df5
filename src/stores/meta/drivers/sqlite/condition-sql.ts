/** Checked conditions → SQL: when each is true, or when it is false, so that `not` needs no null (operator-sql.ts). */
import type { Condition, RelationCondition } from "../../../../query/condition.ts";
import type { Value } from "./connection.ts";
import { fieldSql } from "./field-sql.ts";
import { type OperatorSql, operatorSql } from "./operator-sql.ts";
import { idsSql, relationSql } from "./relation-sql.ts";

/** Ids that a relation means, as a table by a name of its own. */
export interface IdSet {
  readonly sql: string;
  readonly args: readonly Value[];
}

export interface Filter {
  readonly sql: string;
  readonly args: readonly Value[];
  /** Of the relations in it, those that others look into first. */
  readonly sets: readonly IdSet[];
  /** It finds more than the condition means: each is to be evaluated. */
  readonly isWide: boolean;
}

export function filterOf(condition: Condition, sets: IdSet[] = []): Filter {
  const args: Value[] = [];
  let isWide = false;
  const bind = (value: Value) => {
    args.push(value);
    return "?";
  };

  /** A filter that must find exactly what it means. Where it does not, all are found, and each is evaluated. */
  function exactly(inner: Condition): Filter | undefined {
    const filter = filterOf(inner, sets);
    isWide ||= filter.isWide;
    return filter.isWide ? undefined : filter;
  }

  function isNotTrue(inner: Condition): string {
    const filter = exactly(inner);
    if (filter === undefined) return "1";
    args.push(...filter.args);
    return `not ifnull(${filter.sql}, 0)`;
  }

  function relationOf(relation: RelationCondition, truth: boolean): string {
    const filter = exactly(relation.condition);
    if (filter === undefined) return "1";
    const name = `ids${sets.length}`;
    sets.push({ sql: `${name}(id) as (${idsSql(relation, filter.sql)})`, args: filter.args });
    return relationSql(relation, truth, name);
  }

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
      case "isTrue":
        return truth ? sqlOf(one.condition, true) : isNotTrue(one.condition);
      case "relation":
        return relationOf(one, truth);
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
  return { sql, args, sets, isWide };
}

/** In front of the statement: within each other they would be deeper than SQLite's parser goes. */
export function withSets({ sets }: Filter): { readonly sql: string; readonly args: readonly Value[] } {
  if (sets.length === 0) return { sql: "", args: [] };
  return { sql: `with ${sets.map(({ sql }) => sql).join(", ")} `, args: sets.flatMap(({ args }) => args) };
}

/** In halves: SQLite takes expressions up to 1,000 deep, and a chain is as deep as it is long. */
function joined(members: readonly string[], word: "and" | "or", empty: string): string {
  if (members.length <= 1) return members[0] ?? empty;
  const half = members.length >> 1;
  const [first, second] = [members.slice(0, half), members.slice(half)];
  return `(${joined(first, word, empty)} ${word} ${joined(second, word, empty)})`;
}
