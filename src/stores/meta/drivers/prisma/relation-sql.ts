/**
 * Relations → SQL. Two-valued: nothing here is NULL. Ids are joined by `=`, so that the planner can begin at either end. Lists are found through their index, id by
 * id, where that narrows what is searched; else each is looked into by itself.
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

/** This head, and where a condition on it stands. */
export interface Own {
  /** Alias of `weft_head`. */
  readonly head: string;
  readonly resourceName: string;
  /** Whether only heads of which it is true are found: then it may be a join. */
  readonly narrows: boolean;
}

export function relationSql(relation: RelationCondition, own: Own, others: Others): string {
  const { direction, field } = relation;
  if (field.type === "list") return holdsSql(relation, own, `(${idsSql(relation, others)})`);
  const { other } = others;
  const { key } = fieldSql(field, direction === "to" ? own.head : other);
  const id = `${direction === "to" ? other : own.head}.resource_id`;
  const exists = `exists (select from ${headsSql(relation, others)} and ${key} = ${id})`;
  return own.narrows ? exists : apart(exists);
}

/** Keeps the planner from making a join of it, where the one that it would take compares each with each. */
function apart(sql: string): string {
  return `((${sql}) is true)`;
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
export function holdsSql({ direction, field }: RelationCondition, own: Own, table: string): string {
  const { head } = own;
  const ids = `${table} ids(id)`;
  if (direction === "from") return `(${head}.resource_id in (select id from ${ids}))`;
  const { key, value } = fieldSql(field, head);
  if (field.type !== "list") return `(${key} is not null and ${key} in (select id from ${ids}))`;
  const elements = `jsonb_array_elements(${value}) e(element)`;
  const isOne = `jsonb_typeof(e.element) = 'string' and ${apart(`e.element #>> '{}' in (select id from ${ids})`)}`;
  return `exists (select from ${elements} where ${isOne})`;
}

/** The ids of heads of a name whose list holds one that is meant, perhaps several times. */
export function holdersSql(relation: RelationCondition, resourceName: string, others: Others): string {
  const holds = `${fieldSql(relation.field, "g").value} @> jsonb_build_array(ids.id)`;
  const heads = `weft_head g on g.resource_name = ${literal(resourceName)} and ${holds}`;
  return `select g.resource_id from (${idsSql(relation, others)}) ids(id) join ${heads}`;
}

/** Heads that refer by the field to the id that `id` is. @param isLong some of these ids may be as long as keys are */
export function refersSql(field: QueryField, id: string, isLong: boolean): string {
  const { key, value } = fieldSql(field);
  if (field.type === "list") return `${value} @> jsonb_build_array(${id})`;
  return `${isLong ? value : key} = ${id}`;
}
