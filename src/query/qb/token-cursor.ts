/** Where a parser stands among the tokens, and how much it may still read: nesting and literals are counted here. */
import type { QbLimits, Source } from "./source.ts";
import { type Token, tokenReader } from "./tokens.ts";

export interface TokenCursor {
  readonly source: Source;
  /** The next token. */
  peek(): Token;
  /** The one behind it. */
  peekBehind(): Token;
  next(): Token;
  /** Is the next token one of these signs or words? */
  isNext(...texts: readonly string[]): boolean;
  /** @throws QUERY_INVALID unless it comes next */
  expect(text: string): void;
  /** Reads something within brackets or behind a prefix: every way into nesting goes through here. @throws LIMIT_EXCEEDED */
  nested<Result>(start: number, read: () => Result): Result;
  /** @throws LIMIT_EXCEEDED */
  countLiteral(start: number): void;
}

/** @throws QUERY_INVALID, LIMIT_EXCEEDED */
export function createCursor(source: Source, { maxQbLength, maxQbDepth, maxQbLiterals }: QbLimits): TokenCursor {
  if (source.text.length > maxQbLength) {
    throw source.tooMuch(maxQbLength, maxQbLength, `A QB expression has at most ${maxQbLength} characters.`);
  }
  const read = tokenReader(source);
  let current = read();
  /** Read ahead where the parser had to look. */
  let following: Token | undefined;
  let depth = 0;
  let literals = 0;
  const next = (): Token => {
    const token = current;
    current = following ?? read();
    following = undefined;
    return token;
  };
  return {
    source,
    peek: () => current,
    peekBehind() {
      following ??= read();
      return following;
    },
    next,
    isNext: (...texts) => isMark(current, texts),
    expect(text) {
      if (!isMark(current, [text])) throw unexpected(source, current, `"${text}" is missing`);
      next();
    },
    nested(start, read) {
      depth += 1;
      if (depth > maxQbDepth) {
        throw source.tooMuch(start, maxQbDepth, `A QB expression nests at most ${maxQbDepth} deep.`);
      }
      const result = read();
      depth -= 1;
      return result;
    },
    countLiteral(start) {
      literals += 1;
      if (literals > maxQbLiterals) {
        throw source.tooMuch(start, maxQbLiterals, `A QB expression has at most ${maxQbLiterals} literals.`);
      }
    },
  };
}

/** Is the token a sign or a word, and one of these? */
export function isMark({ type, text }: Token, texts: readonly string[]): boolean {
  return (type === "symbol" || type === "name") && texts.includes(text);
}

export function unexpected(source: Source, { type, text, start }: Token, why: string): Error {
  const found = type === "end" ? "the end" : JSON.stringify(text.slice(0, 40));
  return source.refuse(start, `Syntax error: unexpected ${found}; ${why}.`);
}
