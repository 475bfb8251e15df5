/** The meaning of a syntax tree: a walk over it that builds conditions, and calls nothing but this folder's own functions. */
import { signed } from "./arithmetic.ts";
import { boundArguments } from "./call-arguments.ts";
import { memberOf } from "./members.ts";
import { names, qb } from "./names.ts";
import { applied, compared } from "./operate.ts";
import type { Search } from "./search.ts";
import { isSearchable, negated, searchOf, united } from "./searches.ts";
import type { Step, Syntax } from "./syntax.ts";
import { type Argument, isKind, isThing, kindOf, type Scope, type Value } from "./values.ts";

/** @throws QUERY_INVALID, LIMIT_EXCEEDED */
export function interpret(scope: Scope, syntax: Syntax): Search {
  return searchOf(scope, argumentOf(scope, syntax));
}

function argumentOf(scope: Scope, syntax: Syntax): Argument {
  return { value: evaluate(scope, syntax), start: syntax.start };
}

function evaluate(scope: Scope, syntax: Syntax): Value {
  switch (syntax.kind) {
    case "constant":
      return syntax.value;
    case "name": {
      const value = names.get(syntax.name);
      if (value !== undefined) return value;
      throw scope.source.refuse(syntax.start, `Undefined variable: ${syntax.name.slice(0, 80)}.`);
    }
    case "list": {
      const items = syntax.items.map((item) => evaluate(scope, item));
      return { kind: "list", items, starts: syntax.items.map(({ start }) => start) };
    }
    case "prefix":
      return prefixed(scope, syntax);
    case "chain":
      return chained(scope, syntax);
    case "comparison":
      return comparison(scope, syntax);
    case "access": {
      const { base, steps, start } = syntax;
      return steps.reduce((value, step) => accessed(scope, { value, start }, step), evaluate(scope, base));
    }
  }
}

function prefixed(scope: Scope, { operator, operand, start }: Syntax & { kind: "prefix" }): Value {
  const argument = argumentOf(scope, operand);
  const isNegation = operator === "~" || operator === "not";
  if (isNegation && isSearchable(argument)) return { kind: "search", search: negated({ scope, start }, argument) };
  // Of constants, what is false here is false in Python.
  if (operator === "not" && !isThing(argument.value)) return !argument.value;
  const value = operator === "not" ? undefined : signed(operator, argument.value);
  if (value !== undefined) return value;
  throw scope.source.refuse(start, `Unary operator not supported: "${operator}" on ${kindOf(argument.value)}.`);
}

function chained(scope: Scope, { first, rest, start }: Syntax & { kind: "chain" }): Value {
  let left = argumentOf(scope, first);
  const [link] = rest;
  const isGroup = link?.operator === "&" || link?.operator === "|";
  if (isGroup && isSearchable(left)) {
    const all = [left, ...rest.map(({ operand }) => argumentOf(scope, operand))];
    const searches = all.map((one) => searchOf(scope, one));
    return {
      kind: "search",
      search: united({ scope, start: link.start }, link.operator === "&" ? "AND" : "OR", searches),
    };
  }
  for (const { operator, operand, start: at } of rest) {
    const right = argumentOf(scope, operand);
    left = { value: applied(scope, { left, operator, right, start: at }), start };
  }
  return left.value;
}

/** Each pair of neighbours is compared, and all of it holds. */
function comparison(scope: Scope, { first, rest }: Syntax & { kind: "comparison" }): Value {
  let left = argumentOf(scope, first);
  const searches = rest.map(({ operator, operand, start }) => {
    const right = argumentOf(scope, operand);
    const search = compared(scope, { left, operator, right, start });
    left = right;
    return search;
  });
  return { kind: "search", search: united({ scope, start: rest[0]?.start ?? first.start }, "AND", searches) };
}

function accessed(scope: Scope, receiver: Argument, step: Step): Value {
  const { source } = scope;
  const { value } = receiver;
  switch (step.kind) {
    case "attribute": {
      const member = memberOf(scope, receiver, step.name);
      if (member === undefined) throw source.refuse(step.start, absent(value, step.name.slice(0, 80)));
      return isKind(member, "function") ? { ...member, start: step.start } : member;
    }
    case "subscript": {
      const key = evaluate(scope, step.key);
      if (value !== qb) throw source.refuse(step.start, "Subscript access not allowed: only QB['field'].");
      if (typeof key !== "string") throw source.refuse(step.key.start, "QB subscript key must be a string.");
      return { kind: "field", target: { fieldPath: key }, start: receiver.start };
    }
    case "call":
      return called(scope, receiver, step);
  }
}

function called(scope: Scope, receiver: Argument, step: Step & { kind: "call" }): Value {
  const { value } = receiver;
  if (!isKind(value, "function") || value.call === undefined) {
    throw scope.source.refuse(step.start, `Method not allowed: ${kindOf(value)} cannot be called.`);
  }
  const start = value.start ?? receiver.start;
  const given = step.arguments.map(({ name, value: syntax, start }) => ({
    name,
    start,
    argument: argumentOf(scope, syntax),
  }));
  return value.call({ scope, start, arguments: boundArguments({ scope, start }, value, given) });
}

function absent(value: Value, name: string): string {
  if (value === qb) return `QB attribute not allowed: ${name}.`;
  if (isKind(value, "function") && value.members?.has("now")) return `datetime attribute not found: ${name}.`;
  return `Attribute not found: ${name}.`;
}
