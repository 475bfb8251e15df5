/**
 * A field as SQL expressions. They are immutable and depend on the field only, so that an index can be made on them.
 *
 * Paths come from the registry, are keys of `indexed_data` (dots and all), and stand in the text as escaped literals;
 * values are always bound, as text, and cast.
 */
import type { Json } from "../../../../base/json.ts";
import type { ComparableType, QueryField } from "../../../../query/condition.ts";
import type { Argument } from "./database.ts";
import { timestampText } from "./rows.ts";

/** The arguments of a statement while it is put together. Texts do not depend on values, so that plans are used again. */
export interface Parameters {
  readonly args: readonly Argument[];
  /** Binds a value and gives its placeholder. */
  add(value: Argument): string;
}

export function parameters(): Parameters {
  const args: Argument[] = [];
  return { args, add: (value) => `$${args.push(value)}::${Array.isArray(value) ? "text[]" : "text"}` };
}

export interface FieldSql {
  /** The value, comparable; NULL where there is none, and where it is of another type than the field. */
  readonly value: string;
  /** NULL where the field is null or absent, else something. */
  readonly presence: string;
  /** true for null, false for a value, NULL for an absent field. */
  readonly isNull: string;
  /** The type that arguments are cast to. */
  readonly sqlType: string;
}

export function fieldSql(field: QueryField): FieldSql {
  return field.source === "meta" ? metaSql(field) : dataSql(field);
}

const metaColumns: Readonly<Record<string, string>> = {
  resourceId: "resource_id",
  resourceName: "resource_name",
  currentRevisionId: "current_revision_id",
  etag: "etag",
  schemaVersion: "schema_version",
  totalRevisionCount: "total_revision_count",
  createdTime: "created_time",
  updatedTime: "updated_time",
  createdBy: "created_by",
  updatedBy: "updated_by",
  isDeleted: "is_deleted",
};

function metaSql({ path, type }: QueryField): FieldSql {
  const column = Object.hasOwn(metaColumns, path) ? metaColumns[path] : undefined;
  if (column === undefined) throw new TypeError(`${path} is no column of a head`);
  const value = `h.${column}`;
  return {
    value,
    presence: value,
    isNull: `(${value} is null)`,
    sqlType: type === "time" ? "timestamptz" : sqlTypes[type],
  };
}

function dataSql({ path, type }: QueryField): FieldSql {
  const json = `h.indexed_data->${literal(path)}`;
  const text = `h.indexed_data->>${literal(path)}`;
  return {
    value: valueSql(type, json, text),
    presence: `nullif(${json}, 'null')`,
    isNull: `(${json} = 'null')`,
    sqlType: sqlTypes[type],
  };
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
