/**
 * A field as SQL expressions. They are immutable and depend on the field only, so that an index can be made on them.
 *
 * Paths come from the registry, are keys of `indexed_data` (dots and all), and stand in the text as escaped literals;
 * values are always bound, as text, and cast.
 */
import type { Json } from "../../../../base/json.ts";
import type { ComparableType, QueryField } from "../../../../query/condition.ts";
import { hasLength, headColumnOf } from "../../head-columns.ts";
import { timestampText } from "./rows.ts";

export interface FieldSql {
  /** The value, comparable; NULL where there is none, and where it is of another type than the field. */
  readonly value: string;
  /**
   * The value as indexes and orders have it: of a text at most `keyLength` characters, since an entry of an index has at most
   * 2,704 bytes. Compares with a shorter text as the value does; two longer ones may be equal here (long-texts.ts).
   */
  readonly key: string;
  /** NULL where the field is null or absent, else something. */
  readonly presence: string;
  /** true for null, false for a value, NULL for an absent field. */
  readonly isNull: string;
  /** false for an absent field, else true. */
  readonly exists: string;
  /** true for null and for an absent field, else false. */
  readonly isna: string;
  /** The type that arguments are cast to. */
  readonly sqlType: string;
}

/** Three texts and an id in one index still fit, at four bytes a character. */
export const keyLength = 200;

/** Whether a text may be cut off in an index. In UTF-16 units, of which there are at least as many as characters. */
export function isLongText(text: string): boolean {
  return text.length >= keyLength;
}

/** @param head the alias of the table. @default the heads that are searched for */
export function fieldSql(field: QueryField, head = "h"): FieldSql {
  if (field.transform === "length") return lengthSql(field, head);
  return field.source === "meta" ? metaSql(field, head) : dataSql(field, head);
}

const columnOf = (path: string, head: string) => `${head}.${headColumnOf(path)}`;

function metaSql({ path, type }: QueryField, head: string): FieldSql {
  const value = columnOf(path, head);
  return {
    value,
    key: value,
    presence: value,
    isNull: `(${value} is null)`,
    exists: "true",
    isna: `(${value} is null)`,
    sqlType: type === "time" ? "timestamptz" : sqlTypes[type],
  };
}

const jsonOf = (path: string, head: string) => `${head}.indexed_data->${literal(path)}`;
const textOf = (path: string, head: string) => `${head}.indexed_data->>${literal(path)}`;

function dataSql({ path, type }: QueryField, head: string): FieldSql {
  const json = jsonOf(path, head);
  const value = valueSql(type, json, textOf(path, head));
  return {
    value,
    key: sqlTypes[type] === "text" ? `(left(${value}, ${keyLength}))` : value,
    presence: `nullif(${json}, 'null')`,
    isNull: `(${json} = 'null')`,
    exists: `(${json} is not null)`,
    isna: `(${json} is null or ${json} = 'null')`,
    sqlType: sqlTypes[type],
  };
}

/** NULL where there is no length: then nothing is known of it, not even whether it is there. */
function lengthSql({ source, path }: QueryField, head: string): FieldSql {
  const value = `(${source === "data" ? jsonLengthSql(path, head) : columnLengthSql(path, head)})`;
  const where = (truth: boolean) => constantSql(value, truth);
  const isNull = where(false);
  return { value, key: value, presence: value, isNull, exists: where(true), isna: isNull, sqlType: "numeric" };
}

function jsonLengthSql(path: string, head: string): string {
  const json = jsonOf(path, head);
  const ofText = `when 'string' then char_length(${textOf(path, head)})`;
  const ofList = `when 'array' then jsonb_array_length(${json})`;
  // Without a subquery, which no index can have.
  const ofObject = `when 'object' then jsonb_array_length(jsonb_path_query_array(${json}, '$.keyvalue()'))`;
  return `case jsonb_typeof(${json}) ${ofText} ${ofList} ${ofObject} end`;
}

function columnLengthSql(path: string, head: string): string {
  return hasLength(path) ? `char_length(${columnOf(path, head)})` : "null::integer";
}

/** The truth value where `sql` is not null, else unknown. */
export function constantSql(sql: string, truth: boolean): string {
  return `(case when ${sql} is not null then ${truth} end)`;
}

const sqlTypes = {
  text: "text",
  number: "numeric",
  bigint: "numeric",
  boolean: "boolean",
  time: "text",
  date: "text",
  list: "jsonb",
  json: "jsonb",
} satisfies Record<ComparableType, string>;

function valueSql(type: ComparableType, json: string, text: string): string {
  switch (type) {
    case "text":
    case "date":
      return `(case when jsonb_typeof(${json}) = 'string' then ${text} end collate "C")`;
    case "time":
      // Without the Z, canonical times order by instant as texts; a cast to timestamptz could not stand in an index.
      return `(case when jsonb_typeof(${json}) = 'string' then left(${text}, -1) end collate "C")`;
    case "number":
      return `(case when jsonb_typeof(${json}) = 'number' then (${json})::numeric end)`;
    case "bigint":
      // Beyond 131,072 digits a cast to numeric fails, and would fail the search.
      return `(case when jsonb_typeof(${json}) = 'string' and ${text} ~ '^-?[0-9]+$' and length(${text}) <= 131072 then (${text})::numeric end)`;
    case "boolean":
      return `(case when jsonb_typeof(${json}) = 'boolean' then (${json})::boolean end)`;
    case "list":
      return `(case when jsonb_typeof(${json}) = 'array' then ${json} end)`;
    case "json":
      return `nullif(${json}, 'null')`;
  }
}

/** A value in the canonical form of the field's type, as the text that casts to `sqlType`. */
export function argumentOf({ source, type }: QueryField, value: Json): string {
  if (type === "list" || type === "json") return JSON.stringify(value);
  if (type !== "time") return String(value);
  return source === "data" ? String(value).slice(0, -1) : timestampText(roundToHalfMilliseconds(String(value)));
}

/**
 * Times of meta have milliseconds; a value with more digits equals none of them and lies between two. PostgreSQL would
 * round it at the sixth digit, perhaps up to the next millisecond; half a millisecond compares the same and does not.
 */
function roundToHalfMilliseconds(time: string): string {
  return time.replace(/(\.[0-9]{3})([0-9]+)Z$/, (_, milliseconds: string, rest: string) =>
    /[1-9]/.test(rest) ? `${milliseconds}5Z` : `${milliseconds}Z`,
  );
}

/** A text as an SQL literal that means the same whatever standard_conforming_strings says. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
  return text.includes("\\") ? ` E${quoted}` : quoted;
}
