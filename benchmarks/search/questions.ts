/** What is asked: of weft as a checked query, of the table as the SQL that somebody would write for it. */
import type { Json } from "../../src/base/json.ts";
import type { Condition, OperatorName, QueryField, SortKey } from "../../src/query/condition.ts";
import type { HeadQuery } from "../../src/stores/meta/meta-store.ts";
import { fields, levels, resourceName, rowsPerOwner } from "./seed.ts";

export interface Question {
  readonly name: string;
  readonly query: HeadQuery;
  readonly sql: string;
  readonly args: readonly unknown[];
  /** Why no goal is set for it. */
  readonly withoutGoal?: string;
}

interface Wording {
  readonly withoutGoal?: string;
  readonly name: string;
  readonly conditions?: readonly Condition[];
  readonly sort?: SortKey;
  /** Of the hand-written SQL; `id` is added to the order. */
  readonly where?: string;
  readonly order?: string;
  readonly args?: readonly unknown[];
}

/** A page of 20, and one more that tells whether there is a next page. */
const limit = 21;
const columns = "id, title, owner, level, done, due, tags, created_at, updated_at, created_by, version";
const isDeleted: QueryField = { source: "meta", path: "isDeleted", type: "boolean" };
const createdTime: QueryField = { source: "meta", path: "createdTime", type: "time" };
const { title, owner, level, done, due, tags } = fields;

/** @param random in [0, 1): other values each time, so that no answer is at hand already */
export function questionsFor(heads: number, random: () => number): Question[] {
  const upTo = (count: number) => Math.floor(random() * count);
  const group = () => upTo(Math.ceil(heads / rowsPerOwner));
  const number = String(upTo(heads)).padStart(7, "0");
  const prefix = `Task ${number.slice(0, 5)}`;
  const owners = [`user-${group()}`, `user-${group()}`, `user-${group()}`];
  const [first = ""] = owners;
  const tag = `tag-${group()}`;
  // Heads of every other owner are never done.
  const worker = `user-${2 * upTo(heads / rowsPerOwner / 2)}`;
  const from = upTo(levels - 1);
  const time = new Date(Date.UTC(2025, 0, 1) + upTo(900_000) * 60_000);
  const wordings: Wording[] = [
    { name: "eq", conditions: [compare(owner, "eq", first)], where: "owner = $1", args: [first] },
    {
      ...{ name: "range", conditions: [compare(level, "between", [from, from + 1])], sort: asc(level) },
      ...{ where: "level between $1 and $2", order: "level", args: [from, from + 1] },
    },
    {
      ...{ name: "range of times", conditions: [compare(due, "gte", time.toISOString())], sort: asc(due) },
      ...{ where: "due >= $1", order: "due", args: [time] },
    },
    { name: "sort + limit", sort: asc(title), order: "title" },
    { name: "sort + limit, descending", sort: desc(level), order: "level desc" },
    { name: "newest first", sort: desc(createdTime), order: "created_at desc" },
    {
      ...{ name: "prefix", conditions: [compare(title, "startsWith", prefix)], sort: asc(title) },
      ...{ where: "title >= $1 and title < $2", order: "title", args: [prefix, `${prefix}\u{10ffff}`] },
    },
    { name: "in", conditions: [compare(owner, "in", owners)], where: "owner = any ($1)", args: [owners] },
    { name: "list membership", conditions: [compare(tags, "contains", tag)], where: "tags @> $1", args: [[tag]] },
    {
      ...{ name: "two fields", conditions: [compare(owner, "eq", worker), compare(done, "eq", true)] },
      ...{ sort: desc(level), where: "owner = $1 and done", order: "level desc", args: [worker] },
    },
    {
      ...{ name: "part of a text", conditions: [compare(title, "contains", `${number} w`)] },
      ...{ where: "title like $1", args: [`%${number} w%`] },
      withoutGoal: "lists of trigrams grow with the table",
    },
  ];
  return wordings.map(questionOf);
}

function questionOf(wording: Wording): Question {
  const { name, conditions = [], sort, where = "true", order, args = [], withoutGoal } = wording;
  const condition: Condition = { kind: "and", conditions: [compare(isDeleted, "eq", false), ...conditions] };
  return {
    name,
    query: { resourceName, condition, sort: sort === undefined ? [] : [sort], limit },
    sql: `select ${columns} from todo where not deleted and ${where} order by ${order === undefined ? "" : `${order}, `}id limit ${limit}`,
    args,
    ...(withoutGoal === undefined ? {} : { withoutGoal }),
  };
}

/** One page of all in this order, as a cursor leads to it. */
export function pageOf(sort: SortKey, place: Pick<HeadQuery, "after" | "before" | "fromEnd">): HeadQuery {
  return { resourceName, condition: compare(isDeleted, "eq", false), sort: [sort], limit, ...place };
}

export const pagedSorts: readonly SortKey[] = [asc(level), desc(level), asc(title), desc(createdTime)];

function compare(field: QueryField, operator: OperatorName, value: Json): Condition {
  return { kind: "comparison", field, operator, value };
}

function asc(field: QueryField): SortKey {
  return { field, direction: "asc" };
}

function desc(field: QueryField): SortKey {
  return { field, direction: "desc" };
}
