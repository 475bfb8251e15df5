/** Checked conditions → SQL. Three-valued logic is SQL's own: what is unknown there is NULL here. */
import type { Comparison, Condition, QueryField, RelationCondition } from "../../../../query/condition.ts";
import { constantSql, fieldSql } from "./field-sql.ts";
import { type OperatorSql, operatorSql } from "./operator-sql.ts";
import { type Placeholders, unseen } from "./placeholders.ts";
import { holdersSql, holdsSql, idsSql, type Own, relationSql } from "./relation-sql.ts";

/** Where a condition stands. */
export interface Surroundings {
  /** Of the heads. */
  readonly resourceName: string;
  /** Of the arguments that `addCondition` of search-shape.ts binds, taken in the same order. */
  readonly given: Placeholders;
  /** A page of a range of this field is the beginning of that range in an index, whatever the range. */
  readonly firstInOrder?: QueryField | undefined;
  /** Tables that the statement is to begin with (`with …`), each as it is to stand there. More are added. */
  readonly tables: string[];
}

interface Scope extends Surroundings, Own {
  /** Whether false and unknown come to the same. Said more plainly then, since no index serves `is true`. */
  readonly onlyTruth: boolean;
}

const searched = "h";

/** SQL that is true where the condition is. */
export function conditionSql(condition: Condition, surroundings: Surroundings): string {
  return sqlOf(condition, { ...surroundings, head: searched, narrows: true, onlyTruth: true });
}

function sqlOf(condition: Condition, scope: Scope): string {
  const groupSql = (conditions: readonly Condition[], word: string, inner: Scope) =>
    `(${conditions.map((one) => sqlOf(one, inner)).join(` ${word} `)})`;
  switch (condition.kind) {
    case "and":
      return condition.conditions.length === 0 ? "true" : groupSql(condition.conditions, "and", scope);
    case "or":
      return condition.conditions.length === 0
        ? "false"
        : groupSql(condition.conditions, "or", { ...scope, narrows: false });
    case "not":
      return `(not ${sqlOf(condition.condition, { ...scope, narrows: false, onlyTruth: false })})`;
    case "isTrue": {
      const inner = sqlOf(condition.condition, { ...scope, onlyTruth: true });
      return scope.onlyTruth ? inner : `(${inner} is true)`;
    }
    case "relation":
      return relatedSql(condition, scope);
    case "constant":
      return constantSql(fieldSql(condition.field, scope.head).presence, condition.value);
    case "comparison":
      return comparisonSql(condition, scope);
  }
}

/** @returns its name */
function tableOf({ tables }: Scope, idsSql: string): string {
  const name = `ids${tables.length}`;
  tables.push(`${name}(id) as materialized (${idsSql})`);
  return name;
}

function relatedSql(relation: RelationCondition, scope: Scope): string {
  const other = "o";
  const { resourceName } = relation;
  const inner = { ...scope, firstInOrder: undefined, head: other, resourceName, narrows: true, onlyTruth: true };
  const others = { other, where: sqlOf(relation.condition, inner) };
  const { direction, field } = relation;
  if (direction === "to" && field.type === "list" && scope.narrows) {
    const holders = tableOf(scope, holdersSql(relation, scope.resourceName, others));
    // Of an array the planner expects few, and goes by the index of ids; of a list it would expect a hundredth of all, and read all.
    return `(${scope.head}.resource_id = any (array(select id from ${holders})))`;
  }
  if (scope.head === searched) return relationSql(relation, scope, others);
  return holdsSql(relation, scope, tableOf(scope, idsSql(relation, others)));
}

function comparisonSql({ field, operator, value }: Comparison, { given, firstInOrder, head }: Scope): string {
  const { variant, varies, sql }: OperatorSql = operatorSql[operator];
  const isPage = varies === "unless sorted" && isSameField(field, firstInOrder);
  const placeholders = isPage ? unseen(given) : given;
  return sql({ ...fieldSql(field, head), field, variant: variant?.(value, field) ?? "", placeholders });
}

/** Whether it is this very value that is sorted by, not its length. */
export function isSameField({ source, path, transform }: QueryField, other: QueryField | undefined): boolean {
  return other?.path === path && other.source === source && transform === undefined;
}
