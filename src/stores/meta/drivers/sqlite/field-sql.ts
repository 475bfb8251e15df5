/** Fields as SQL. They depend on the field only, so that an index can be made on them. */
import type { ComparableType, QueryField } from "../../../../query/condition.ts";
import { hasLength, headColumnOf } from "../../head-columns.ts";

export interface FieldSql {
  /** What compares and sorts as the value does: a text or a number. The empty blob, greater than all of these, where there is no value of the field's type. */
  readonly key: string;
  /** The text itself; a text where `key` is one. */
  readonly text: string;
  /** Each is true, or it is false or null. */
  readonly isNull: string;
  readonly isNotNull: string;
  readonly exists: string;
  readonly isAbsent: string;
  /** The keys of a list's elements, as `json_each` takes them. */
  readonly elements: string;
}

export const none = "x''";

export function fieldSql(field: QueryField): FieldSql {
  if (field.transform === "length") return lengthSql(field);
  return field.source === "meta" ? metaSql(field) : dataSql(field);
}

function metaSql({ path }: QueryField): FieldSql {
  const column = headColumnOf(path);
  const isNullable = path === "schemaVersion";
  const key = isNullable ? `ifnull(${column}, ${none})` : column;
  const [isNull, isNotNull] = isNullable ? [`${column} is null`, `${column} is not null`] : ["0", "1"];
  return { key, text: column, isNull, isNotNull, exists: "1", isAbsent: "0", elements: "keys, '$.-'" };
}

function dataSql({ path, type }: QueryField): FieldSql {
  const value = storedKey(path);
  const key = keySql(type, path, value);
  return {
    key,
    text: `substr(${value}, 2)`,
    isNull: `${value} = '0'`,
    isNotNull: `${value} > '0'`,
    exists: `${value} is not null`,
    isAbsent: `${value} is null`,
    elements: `keys, ${pathLiteral(path, "#e")}`,
  };
}

function storedKey(path: string, suffix = ""): string {
  return `json_extract(keys, ${pathLiteral(path, suffix)})`;
}

function pathLiteral(path: string, suffix: string): string {
  return literal(`$."${encodeURIComponent(path)}${suffix}"`);
}

/** By what the keys of a type begin with: `search-keys.ts`. */
const tags: Partial<Record<ComparableType, readonly [from: string, to: string]>> = {
  text: ["s", "t"],
  date: ["s", "t"],
  time: ["s", "t"],
  number: ["n", "o"],
  boolean: ["b", "c"],
  list: ["l", "m"],
};

function keySql(type: ComparableType, path: string, value: string): string {
  if (type === "bigint") return `ifnull(${storedKey(path, "#i")}, ${none})`;
  const tag = tags[type];
  if (tag === undefined) return `iif(${value} > '0', ${value}, ${none})`;
  const ofType = `${value} >= '${tag[0]}' and ${value} < '${tag[1]}'`;
  // Without their Z, canonical times order by instant.
  return `iif(${ofType}, ${type === "time" ? `substr(${value}, 1, length(${value}) - 1)` : value}, ${none})`;
}

/** Where there is no length, nothing is known of it, not even whether it is there. */
function lengthSql({ source, path }: QueryField): FieldSql {
  const key = source === "data" ? storedLengthSql(storedKey(path)) : columnLengthSql(path);
  const isKnown = `${key} <> ${none}`;
  return { key, text: key, isNull: "0", isNotNull: isKnown, exists: isKnown, isAbsent: "0", elements: "keys, '$.-'" };
}

function storedLengthSql(value: string): string {
  const ofText = `when ${value} >= 's' then length(${value}) - 1`;
  const isCounted = `${value} >= 'o' or ${value} >= 'l' and ${value} < 'm'`;
  const ofOthers = `when ${isCounted} then cast(substr(${value}, 2, instr(${value}, ':') - 2) as integer)`;
  return `case ${ofText} ${ofOthers} else ${none} end`;
}

function columnLengthSql(path: string): string {
  return hasLength(path) ? `ifnull(length(${headColumnOf(path)}), ${none})` : none;
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
