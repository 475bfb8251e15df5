/**
 * Relations → SQL. Two-valued: nothing here is NULL. Ids are joined by `=`, so that the planner can begin at either end; lists are looked into through their
 * index, by all ids that are meant at once.
 *
 * Relations of others are found first, each once and as a whole (`idsSql`): joined within each other, a plan whose guesses are wrong would take time to the power of
 * their depth.
 */
import type { QueryField, RelationCondition } from "../../../../query/condition.ts";
import { fieldSql, literal } from "./field-sql.ts";

export interface Others {
  /** Alias of `weft_head` for the other one. */
  readonly other: string;
  /** What it satisfies besides its name. */
  readonly where: string;
}

/** @param own alias of this head */
export function relationSql(relation: RelationCondition, own: string, others: Others): string {
  const { direction, field } = relation;
  if (field.type === "list") return holdsSql(relation, own, `(${idsSql(relation, others)}) ids(id)`);
  const { other } = others;
  const { key } = fieldSql(field, direction === "to" ? own : other);
  return `exists (select from ${headsSql(relation, others)} and ${key} = ${direction === "to" ? other : own}.resource_id)`;
}

/** The ids that are meant: none is NULL. */
export function idsSql(relation: RelationCondition, others: Others): string {
  const { direction, field } = relation;
  const { other } = others;
  if (direction === "to") return `select ${other}.resource_id from ${headsSql(relation, others)}`;
  const { key, value } = fieldSql(field, other);
  if (field.type !== "list") return `select ${key} from ${headsSql(relation, others)} and ${key} is not null`;
  const elements = `cross join lateral jsonb_array_elements(${value}) e(element)`;
  return `select e.element #>> '{}' from ${headsSql(relation, others, elements)} and jsonb_typeof(e.element) = 'string'`;
}

function headsSql({ resourceName }: RelationCondition, { other, where }: Others, joined = ""): string {
  return `weft_head ${other} ${joined} where ${other}.resource_name = ${literal(resourceName)} and ${where}`;
}

/** Whether this head holds, or is, one of the ids in a table. */
export function holdsSql({ direction, field }: RelationCondition, own: string, ids: string): string {
  if (direction === "from") return `(${own}.resource_id in (select id from ${ids}))`;
  const { key, value } = fieldSql(field, own);
  if (field.type !== "list") return `(${key} is not null and ${key} in (select id from ${ids}))`;
  const each = `(select array_agg(jsonb_build_array(id)) from ${ids})`;
  return `(${value} is not null and ${value} @> any (coalesce(${each}, '{}')))`;
}

/** Heads that refer by the field to the id that `id` is. @param isLong some of these ids may be as long as keys are */
export function refersSql(field: QueryField, id: string, isLong: boolean): string {
  const { key, value } = fieldSql(field);
  if (field.type === "list") return `${value} @> jsonb_build_array(${id})`;
  return `${isLong ? value : key} = ${id}`;
}
