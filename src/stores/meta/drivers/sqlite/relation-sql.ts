/** Relations → SQL: the ids that are meant, found once, and whether this head holds or is one of them. An index serves the first, and `in` the second. */
import type { RelationCondition } from "../../../../query/condition.ts";
import { fieldSql, literal } from "./field-sql.ts";

/** What is no text begins with another letter. */
const isText = (key: string) => `${key} >= 's' and ${key} < 't'`;

/** As the field's keys have them where this head holds them. @param where what the other one satisfies besides its name */
export function idsSql({ direction, field, resourceName }: RelationCondition, where: string): string {
  const others = `resource_name = ${literal(resourceName)} and ${where}`;
  if (direction === "to") return `select 's' || resource_id from weft_head where ${others}`;
  const { key, elements } = fieldSql(field);
  if (field.type !== "list") return `select substr(${key}, 2) from weft_head where ${others} and ${isText(key)}`;
  return `select substr(e.value, 2) from weft_head, json_each(${elements}) e where ${others} and ${isText("e.value")}`;
}

/** @param ids the name of the table of ids */
export function relationSql({ direction, field }: RelationCondition, truth: boolean, ids: string): string {
  const isOneOf = `${truth ? "in" : "not in"} (select id from ${ids})`;
  if (direction === "from") return `resource_id ${isOneOf}`;
  const { key, elements } = fieldSql(field);
  if (field.type !== "list") return `${key} ${isOneOf}`;
  return `${truth ? "" : "not "}exists (select 1 from json_each(${elements}) where value in (select id from ${ids}))`;
}
