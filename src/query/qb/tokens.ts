/** Text to tokens, as Python cuts them; but line breaks are blanks everywhere, and there are no bytes and no f-strings. */
import { readNumber } from "./number-literal.ts";
import type { Source } from "./source.ts";
import { readString } from "./string-literal.ts";

export type Token =
  | {
      readonly type: "literal";
      readonly value: string | number | bigint;
      readonly text: string;
      readonly start: number;
    }
  | { readonly type: "name" | "symbol" | "end"; readonly text: string; readonly start: number };

const blank = /(?:[ \t\f\r\n]|\\\r?\n|#[^\r\n]*)+/y;
const stringStart = /(?<prefix>[a-zA-Z]{0,2})(?<quote>'''|"""|'|")/y;
const name = /[\p{L}_][\p{L}\p{N}_]*/uy;
const numberStart = /\.?[0-9]/y;
const symbol = /\*\*|\/\/|<<|>>|<=|>=|==|!=|:=|->|[-+*/%@&|^~<>()[\]{},.:=;!?]/y;

/** Reads one token after the other; behind the last there is always an `end`. Nothing is read that is not asked for. @throws QUERY_INVALID */
export function tokenReader(source: Source): () => Token {
  const { text } = source;
  let at = 0;
  return () => {
    at += matchAt(blank, text, at)?.[0].length ?? 0;
    if (at >= text.length) return { type: "end", text: "", start: text.length };
    const token = tokenAt(source, at);
    at += token.text.length;
    return token;
  };
}

function tokenAt(source: Source, start: number): Token {
  const { text } = source;
  const { prefix, quote } = matchAt(stringStart, text, start)?.groups ?? {};
  if (prefix !== undefined && quote !== undefined) {
    const { value, end } = readString(source, { start, prefix, quote });
    return { type: "literal", value, text: text.slice(start, end), start };
  }
  if (matchAt(numberStart, text, start)) {
    const { value, end } = readNumber(source, start);
    return { type: "literal", value, text: text.slice(start, end), start };
  }
  const word = matchAt(name, text, start)?.[0];
  if (word !== undefined) return { type: "name", text: word, start };
  const sign = matchAt(symbol, text, start)?.[0];
  if (sign !== undefined) return { type: "symbol", text: sign, start };
  throw source.refuse(
    start,
    `Syntax error: unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(start) ?? 0))}.`,
  );
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
