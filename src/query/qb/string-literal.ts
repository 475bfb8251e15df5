/** Python's string literals (https://docs.python.org/3/reference/lexical_analysis.html#strings), but for bytes, f-strings and \N{…}. */
import type { Source } from "./source.ts";

export interface StringStart {
  readonly start: number;
  readonly prefix: string;
  readonly quote: string;
}

/** The text that a literal stands for, and where it ends. @throws QUERY_INVALID */
export function readString(source: Source, { start, prefix, quote }: StringStart): { value: string; end: number } {
  const kind = prefix.toLowerCase();
  if (kind !== "" && kind !== "r" && kind !== "u") {
    throw source.refuse(start, `AST node type not supported: a text with the prefix "${prefix}".`);
  }
  const bodyStart = start + prefix.length + quote.length;
  const bodyEnd = endOfBody(source, bodyStart, quote);
  if (bodyEnd === undefined) throw source.refuse(start, "Syntax error: the text has no closing quote.");
  const body = source.text.slice(bodyStart, bodyEnd);
  const value = kind === "r" || !body.includes("\\") ? body : unescaped(source, body, bodyStart);
  return { value, end: bodyEnd + quote.length };
}

function endOfBody({ text }: Source, bodyStart: number, quote: string): number | undefined {
  for (let at = bodyStart; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text.startsWith(quote, at)) return at;
    else if (quote.length === 1 && (text[at] === "\n" || text[at] === "\r")) return undefined;
  }
  return undefined;
}

const escapeSequence = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|\r\n|.)/gs;

const controls: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function unescaped(source: Source, body: string, bodyStart: number): string {
  return body.replace(escapeSequence, (written, offset: number) => {
    const letter = written[1] ?? "";
    if (letter === "\n" || letter === "\r") return "";
    if (letter === "\\" || letter === "'" || letter === '"') return letter;
    if (Object.hasOwn(controls, letter)) return controls[letter] ?? "";
    if (/[0-7]/.test(letter)) return String.fromCharCode(Number.parseInt(written.slice(1), 8));
    if (!"xuUN".includes(letter)) return written;
    const code = written.length > 2 ? Number.parseInt(written.slice(2), 16) : Number.NaN;
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    throw source.refuse(bodyStart + offset, `Syntax error: "${written}" is no escape sequence.`);
  });
}
