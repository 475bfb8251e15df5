/** Values as searches: groups of them, and the methods that each of them has. */
import { intArgument } from "./datetimes.ts";
import { isTruthy } from "./field-methods.ts";
import { combined, group, membersOf, type Search, sortNamed } from "./search.ts";
import { type Argument, type Call, type FunctionValue, isKind, kindOf, type Parameter, type Scope } from "./values.ts";

/** Where in the expression: what marks and errors need of a call. */
type Place = Pick<Call, "scope" | "start">;

/** A condition, or a field as the test whether it holds something. @throws QUERY_INVALID for everything else */
export function searchOf(scope: Scope, { value, start }: Argument): Search {
  if (isKind(value, "search")) return value.search;
  if (isKind(value, "field")) {
    const condition = isTruthy(value.target);
    scope.marks.markCondition(condition, value.start, { fieldPath: value.start, operator: value.start, values: [] });
    return { condition, sorts: [] };
  }
  throw scope.source.refuse(start, `A condition is needed here, not a value of the kind ${kindOf(value)}.`);
}

export function isSearchable({ value }: Argument): boolean {
  return isKind(value, "search") || isKind(value, "field");
}

export function searchesOf({ scope, arguments: given }: Call): Search[] {
  return given.map((argument) => searchOf(scope, argument));
}

/** A group of conditions, which is the only one itself where there is no other. */
export function united({ scope, start }: Place, operator: "AND" | "OR", searches: readonly Search[]): Search {
  const [only] = searches;
  if (only !== undefined && searches.length === 1) return only;
  const condition = group(
    operator,
    searches.map((search) => search.condition),
  );
  scope.marks.markCondition(condition, start);
  return combined(condition, searches);
}

/** `~` */
export function negated({ scope, start }: Place, argument: Argument): Search {
  const search = searchOf(scope, argument);
  const condition = group("NOT", [search.condition]);
  scope.marks.markCondition(condition, start);
  return combined(condition, [search]);
}

const pageParameters: readonly Parameter[] = [{ name: "page" }, { name: "size", defaultValue: 20 }];

interface SearchMethod {
  /** undefined: any number of arguments. */
  readonly parameters?: readonly Parameter[];
  apply(search: Search, call: Call): Search;
}

const methods = {
  filter: { apply: extended("AND") },
  and_: { apply: extended("AND") },
  or_: { apply: extended("OR") },
  exclude: {
    apply: (search, call) => extend(call, "AND", [search, ...call.arguments.map((one) => negated(call, one))]),
  },
  sort: { apply: sorted },
  order_by: { apply: sorted },
  limit: {
    parameters: [{ name: "limit" }],
    apply: (search, call) => ({ ...search, limit: countArgument(call, "limit") }),
  },
  offset: {
    parameters: [{ name: "offset" }],
    apply: (search, call) => ({ ...search, offset: countArgument(call, "offset") }),
  },
  page: { parameters: pageParameters, apply: paged },
  first: { parameters: [], apply: (search) => ({ ...search, limit: 1 }) },
} as const satisfies Record<string, SearchMethod>;

/** The method of a search by its name; undefined where there is none. */
export function searchMethod(name: string, scope: Scope, receiver: Argument): FunctionValue | undefined {
  const method: SearchMethod | undefined = Object.hasOwn(methods, name)
    ? methods[name as keyof typeof methods]
    : undefined;
  if (method === undefined) return undefined;
  return {
    kind: "function",
    parameters: method.parameters ?? [],
    isVariadic: method.parameters === undefined,
    call: (call) => ({ kind: "search", search: method.apply(searchOf(scope, receiver), call) }),
  };
}

function extended(operator: "AND" | "OR"): SearchMethod["apply"] {
  return (search, call) => extend(call, operator, [search, ...searchesOf(call)]);
}

/** As a group, in which the first search's own group of that kind is opened up: a chain of a thousand calls is one group. */
function extend({ scope, start }: Call, operator: "AND" | "OR", searches: readonly Search[]): Search {
  const [first, ...others] = searches;
  if (first === undefined || others.length === 0) return first ?? united({ scope, start }, operator, searches);
  const opened = membersOf(first, operator);
  const members = [...opened, ...others.map(({ condition }) => condition)];
  const condition = group(operator, members);
  if (opened[0] === first.condition) scope.marks.markCondition(condition, start);
  else scope.marks.markExtension(condition, start, first.condition);
  return combined(condition, searches);
}

function sorted(search: Search, { scope, arguments: given }: Call): Search {
  const added = given.map(({ value, start }) => {
    const sort = typeof value === "string" ? sortNamed(value) : isKind(value, "sort") ? { ...value.sort } : undefined;
    if (sort === undefined) throw scope.source.refuse(start, "Sort by a name such as '-age', or by .asc() or .desc().");
    scope.marks.markObject(sort, start);
    return sort;
  });
  return { ...search, sorts: [...search.sorts, ...added] };
}

function paged(search: Search, call: Call): Search {
  const [page, size] = call.arguments;
  const [number, count] = [intArgument(call, page), intArgument(call, size)];
  const { source } = call.scope;
  if (number < 1) throw source.refuse(page?.start ?? call.start, `Page number must be >= 1, got ${number}.`);
  if (count < 1) throw source.refuse(size?.start ?? call.start, `Page size must be >= 1, got ${count}.`);
  const offset = (number - 1) * count;
  if (!Number.isSafeInteger(offset)) throw source.refuse(page?.start ?? call.start, "There is no page so far away.");
  call.scope.marks.markMember("limit", size?.start ?? call.start);
  return { ...search, limit: count, offset };
}

function countArgument(call: Call, member: "limit" | "offset"): number {
  const [argument] = call.arguments;
  const count = intArgument(call, argument);
  if (count < 0) throw call.scope.source.refuse(argument?.start ?? call.start, `The ${member} is not negative.`);
  call.scope.marks.markMember(member, argument?.start ?? call.start);
  return count;
}
