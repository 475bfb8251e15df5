/**
 * The builder `QB`: what expressions say, in TypeScript, typed by the model.
 *
 *   QB<TodoItem>()("level").gt(18).and(QB<TodoItem>()("tags").contains("home")).sort("-createdTime").limit(20)
 */
import { WeftError } from "../../base/errors.ts";
import { metaFields } from "../fields.ts";
import type { QB as Qb, QbRoot, QbSort } from "./builder-types.ts";
import { type FieldMethod, fieldMethods, isTruthy } from "./field-methods.ts";
import { type QbContext, type RelativeDate, relativeDates, todayIn, withinDays } from "./relative-dates.ts";
import {
  combined,
  everything,
  type FieldTarget,
  group,
  membersOf,
  type Operand,
  queryOf,
  type Search,
  sortBy,
  sortNamed,
} from "./search.ts";
import { utc, zoneOf } from "./zone.ts";

export type QB = Qb;

/** Starts a search of resources with data of type `T`, `z.output` of the model's schema. */
export function QB<T = Record<string, unknown>>(): QbRoot<T> {
  const field = (fieldPath: string) => fieldBuilder({ fieldPath });
  const meta = Object.fromEntries([...metaFields.keys()].map((key) => [key, () => field(key)]));
  const root = Object.assign(field, meta, {
    all: (...parts: readonly Qb[]) => builder((context) => united("AND", parts, context)),
    any(...parts: readonly Qb[]) {
      if (parts.length === 0) throw invalid("any() requires at least one condition.");
      return builder((context) => united("OR", parts, context));
    },
  });
  return root as unknown as QbRoot<T>;
}

export function isQb(value: object): value is Qb {
  return drafts.has(value);
}

/** A search whose dates wait for the time of the operation. */
type Draft = (context: QbContext) => Search;

/** What each builder stands for; what is not here is none. */
const drafts = new WeakMap<object, Draft>();

function draftOf(part: Qb): Draft {
  const draft = drafts.get(part);
  if (draft === undefined) throw invalid("A condition is needed here.");
  return draft;
}

function builder(draft: Draft, methods: object = {}): Qb {
  const changed = (change: (search: Search) => Search) => builder((context) => change(draft(context)));
  const joined = (operator: "AND" | "OR", parts: readonly Qb[]) =>
    builder((context) => extended(operator, draft(context), searchesOf(parts, context)));
  const and = (...parts: readonly Qb[]) => joined("AND", parts);
  const sort = (...sorts: readonly (string | QbSort)[]) =>
    changed((search) => ({ ...search, sorts: [...search.sorts, ...sorts.map(sortOf)] }));
  const built = {
    and,
    filter: and,
    or: (...parts: readonly Qb[]) => joined("OR", parts),
    exclude: (...parts: readonly Qb[]) =>
      and(...parts.map((part) => builder((context) => negation(draftOf(part)(context))))),
    not: () => changed(negation),
    sort,
    orderBy: sort,
    limit: (limit: number) => changed((search) => ({ ...search, limit })),
    offset: (offset: number) => changed((search) => ({ ...search, offset })),
    page: (page: number, size = 20) => changed((search) => ({ ...search, limit: size, offset: (page - 1) * size })),
    first: () => changed((search) => ({ ...search, limit: 1 })),
    toQuery: ({ now = new Date(), typeOf = () => undefined }: Partial<QbContext> = {}) =>
      queryOf(draft({ now, typeOf })),
    ...methods,
  };
  drafts.set(built, draft);
  return built;
}

function negation(search: Search): Search {
  return combined(group("NOT", [search.condition]), [search]);
}

function searchesOf(parts: readonly Qb[], context: QbContext): Search[] {
  return parts.map((part) => draftOf(part)(context));
}

function united(operator: "AND" | "OR", parts: readonly Qb[], context: QbContext): Search {
  const searches = searchesOf(parts, context);
  const [only] = searches;
  if (only === undefined) return everything;
  const conditions = searches.map(({ condition }) => condition);
  return searches.length === 1 ? only : combined(group(operator, conditions), searches);
}

function extended(operator: "AND" | "OR", first: Search, others: readonly Search[]): Search {
  if (others.length === 0) return first;
  const conditions = [...membersOf(first, operator), ...others.map(({ condition }) => condition)];
  return combined(group(operator, conditions), [first, ...others]);
}

function sortOf(sort: string | QbSort) {
  return typeof sort === "string" ? sortNamed(sort) : sortBy(sort.fieldPath, sort.direction);
}

/** A field: the methods of the table, in camelCase, and those of the condition that it is by itself. */
function fieldBuilder(target: FieldTarget): Qb {
  const conditions = Object.entries<FieldMethod>(fieldMethods).map(([name, { parameters, condition }]) => {
    const method = (...operands: readonly Operand[]) =>
      always(condition(target, ...parameters.map(({ defaultValue }, i) => operands[i] ?? defaultValue)));
    return [camelCase(name), method] as const;
  });
  const dates = Object.entries<RelativeDate>(relativeDates).map(
    ([name, date]) => [camelCase(name), dateMethod(target, date)] as const,
  );
  return builder(() => ({ condition: isTruthy(target), sorts: [] }), {
    ...Object.fromEntries([...conditions, ...dates]),
    length: () => fieldBuilder({ ...target, transform: "LENGTH" }),
    asc: () => ({ ...target, direction: "ASC" }),
    desc: () => ({ ...target, direction: "DESC" }),
  });
}

function always(condition: Search["condition"]): Qb {
  return builder(() => ({ condition, sorts: [] }));
}

function dateMethod(target: FieldTarget, { parameters, range }: RelativeDate) {
  return (...given: readonly (string | number | undefined)[]): Qb => {
    const tz = given[parameters.findIndex(({ name }) => name === "tz")];
    const number = given[parameters.findIndex(({ name }) => name !== "tz")] ?? 0;
    const zone = tz === undefined ? utc : zoneOf(tz);
    if (zone === undefined) throw invalid("There is no such time zone.");
    return builder((context) => {
      const days = range(todayIn(zone, context), Number(number));
      const condition = days && withinDays(target, days, { zone, type: context.typeOf(target.fieldPath) });
      if (condition === undefined) throw invalid("There are no such days.");
      return { condition, sorts: [] };
    });
  };
}

/** `starts_with` → `startsWith`, `in_` → `in`. */
function camelCase(name: string): string {
  return name.replace(/_$/, "").replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function invalid(hint: string): WeftError {
  return new WeftError("QUERY_INVALID", { hint });
}
