/**
 * The grammar of QB expressions: the part of Python's that builds conditions, in EBNF.
 *
 *   expression = "not" expression | comparison
 *   comparison = union { ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) union }
 *   union      = both { "|" both }
 *   both       = shift { "&" shift }
 *   shift      = sum { ( "<<" | ">>" ) sum }
 *   sum        = product { ( "+" | "-" ) product }
 *   product    = prefixed { ( "*" | "/" | "%" ) prefixed }
 *   prefixed   = ( "~" | "-" | "+" ) prefixed | access
 *   access     = atom { "." NAME | "(" [ arguments ] ")" | "[" items "]" }
 *   arguments  = argument { "," argument } [ "," ]
 *   argument   = [ NAME "=" ] expression
 *   atom       = NAME | NUMBER | STRING { STRING } | "True" | "False" | "None"
 *              | "(" expression ")" | "[" [ items ] "]" | "(" [ expression "," [ items ] ] ")"
 *   items      = expression { "," expression } [ "," ]
 *
 * NAME, NUMBER and STRING are Python's; blanks, line breaks and comments (`# …`) may stand between any two. What Python has
 * beyond this is refused by name, at its place.
 */
import type { QbLimits, Source } from "./source.ts";
import type { ArgumentSyntax, Link, PrefixOperator, Step, Syntax } from "./syntax.ts";
import { createCursor, isMark, type TokenCursor, unexpected } from "./token-cursor.ts";
import type { Token } from "./tokens.ts";

/** @throws QUERY_INVALID, LIMIT_EXCEEDED; `details.line` and `details.column` tell where */
export function parseSyntax(source: Source, limits: QbLimits): Syntax {
  const cursor = createCursor(source, limits);
  const syntax = expression(cursor);
  if (cursor.peek().type !== "end") throw unexpected(source, cursor.peek(), "the expression is over");
  return syntax;
}

const comparisons = ["==", "!=", "<", "<=", ">", ">="];

/** From the weakest to the strongest. */
const precedence = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "%", "//", "@"]];

/** Python's, to be refused by name. */
const foreignOperators = ["^", "//", "@"];
const foreignWords = ["and", "or", "not", "in", "is", "if", "else", "for", "lambda", "await", "async", "yield"];

const constants = new Map<string, boolean | null>([
  ["True", true],
  ["False", false],
  ["None", null],
]);

function expression(cursor: TokenCursor): Syntax {
  return cursor.isNext("not") ? prefix(cursor, expression) : comparison(cursor);
}

function prefix(cursor: TokenCursor, read: (cursor: TokenCursor) => Syntax): Syntax {
  const { text, start } = cursor.next();
  return { kind: "prefix", operator: text as PrefixOperator, operand: cursor.nested(start, () => read(cursor)), start };
}

function comparison(cursor: TokenCursor): Syntax {
  const first = binary(cursor, 0);
  const rest: Link[] = [];
  while (cursor.isNext(...comparisons)) {
    const { text, start } = cursor.next();
    rest.push({ operator: text, operand: binary(cursor, 0), start });
  }
  refuseForeign(cursor);
  return rest.length === 0 ? first : { kind: "comparison", first, rest, start: first.start };
}

function binary(cursor: TokenCursor, level: number): Syntax {
  const operators = precedence[level];
  if (operators === undefined) return prefixed(cursor);
  const first = binary(cursor, level + 1);
  const rest: Link[] = [];
  while (cursor.isNext(...operators)) {
    const { text, start } = cursor.next();
    if (foreignOperators.includes(text)) throw unsupported(cursor.source, text, start);
    rest.push({ operator: text, operand: binary(cursor, level + 1), start });
  }
  return rest.length === 0 ? first : { kind: "chain", first, rest, start: first.start };
}

function prefixed(cursor: TokenCursor): Syntax {
  if (cursor.isNext("~", "-", "+")) return prefix(cursor, prefixed);
  const value = access(cursor);
  if (cursor.isNext("**")) throw unsupported(cursor.source, "**", cursor.peek().start);
  return value;
}

function access(cursor: TokenCursor): Syntax {
  const base = atom(cursor);
  const steps: Step[] = [];
  while (cursor.isNext(".", "(", "[")) steps.push(step(cursor));
  return steps.length === 0 ? base : { kind: "access", base, steps, start: base.start };
}

function step(cursor: TokenCursor): Step {
  const { text, start } = cursor.next();
  if (text === ".") {
    const name = cursor.next();
    if (name.type !== "name") throw unexpected(cursor.source, name, "a name is missing");
    return { kind: "attribute", name: name.text, start: name.start };
  }
  return cursor.nested(start, () => {
    if (text === "(") return { kind: "call", arguments: listUntil(cursor, ")", argument), start };
    return { kind: "subscript", key: subscript(cursor), start };
  });
}

/** What stands in square brackets behind a value: as in Python a list where there is a comma. */
function subscript(cursor: TokenCursor): Syntax {
  const refuseSlice = () => {
    const { start } = cursor.peek();
    if (cursor.isNext(":")) throw cursor.source.refuse(start, "AST node type not supported: a slice.");
  };
  refuseSlice();
  const key = expression(cursor);
  refuseSlice();
  if (!cursor.isNext(",")) {
    cursor.expect("]");
    return key;
  }
  cursor.next();
  return { kind: "list", items: [key, ...listUntil(cursor, "]", expression)], start: key.start };
}

function argument(cursor: TokenCursor): ArgumentSyntax {
  const { type, text, start } = cursor.peek();
  if (type !== "name" || !isMark(cursor.peekBehind(), ["="]))
    return { name: undefined, value: expression(cursor), start };
  cursor.next();
  cursor.next();
  return { name: text, value: expression(cursor), start };
}

function listUntil<Item>(cursor: TokenCursor, close: string, read: (cursor: TokenCursor) => Item): Item[] {
  const items: Item[] = [];
  while (!cursor.isNext(close)) {
    items.push(read(cursor));
    if (!cursor.isNext(",")) break;
    cursor.next();
  }
  cursor.expect(close);
  return items;
}

function atom(cursor: TokenCursor): Syntax {
  const { source } = cursor;
  const token = cursor.next();
  const { start } = token;
  if (token.type === "literal") return constant(cursor, withNeighbours(cursor, token), start);
  const named = token.type === "name" ? constants.get(token.text) : undefined;
  if (named !== undefined) return constant(cursor, named, start);
  if (isMark(token, foreignWords)) throw source.refuse(start, `AST node type not supported: "${token.text}".`);
  if (token.type === "name") return { kind: "name", name: token.text, start };
  if (token.text === "[") {
    return cursor.nested(start, () => ({ kind: "list", items: listUntil(cursor, "]", expression), start }));
  }
  if (token.text === "(") return cursor.nested(start, () => parenthesised(cursor, start));
  if (token.text === "{") throw source.refuse(start, "AST node type not supported: a dict or set.");
  if (isMark(token, ["*", "**"])) throw source.refuse(start, "AST node type not supported: unpacking.");
  throw unexpected(source, token, "a value is missing");
}

function constant(cursor: TokenCursor, value: string | number | bigint | boolean | null, start: number): Syntax {
  cursor.countLiteral(start);
  return { kind: "constant", value, start };
}

/** Texts side by side are one. */
function withNeighbours(cursor: TokenCursor, { value }: Token & { type: "literal" }): string | number | bigint {
  if (typeof value !== "string") return value;
  let joined = value;
  for (let token = cursor.peek(); token.type === "literal" && typeof token.value === "string"; token = cursor.peek()) {
    joined += token.value;
    cursor.next();
  }
  return joined;
}

/** A value in brackets; with a comma, a list. */
function parenthesised(cursor: TokenCursor, start: number): Syntax {
  if (cursor.isNext(")")) return { kind: "list", items: listUntil(cursor, ")", expression), start };
  const first = expression(cursor);
  const isList = cursor.isNext(",");
  if (isList) cursor.next();
  const others = isList ? listUntil(cursor, ")", expression) : [];
  if (!isList) cursor.expect(")");
  return isList ? { kind: "list", items: [first, ...others], start } : first;
}

/** What Python would read on here. */
function refuseForeign(cursor: TokenCursor): void {
  const token = cursor.peek();
  const { text, start } = token;
  if (isMark(token, ["and", "or"])) {
    const hint = `Write (…) ${text === "and" ? "&" : "|"} (…).`;
    throw cursor.source.refuse(start, `AST node type not supported: "${text}". ${hint}`);
  }
  if (isMark(token, ["in", "is"]) || (isMark(token, ["not"]) && isMark(cursor.peekBehind(), ["in"]))) {
    const hint = "Membership is QB['field'] << [ … ].";
    throw cursor.source.refuse(start, `Comparison operator not supported: "${text}". ${hint}`);
  }
  if (isMark(token, ["if", "else", "for", "async", ":="])) {
    throw cursor.source.refuse(start, `AST node type not supported: "${text}".`);
  }
}

function unsupported(source: Source, operator: string, start: number): Error {
  return source.refuse(start, `Binary operator not supported: "${operator}".`);
}
