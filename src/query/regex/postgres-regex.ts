/**
 * A pattern as PostgreSQL's regular expression (https://www.postgresql.org/docs/15/functions-matching.html) of the same
 * language, to be bound as the right side of `~`: whatever PostgreSQL reads otherwise than RE2, or by the database's
 * locale (letter cases, classes, word boundaries, newlines), is spelt out in explicit characters.
 */
import { complementOf, type RuneRanges, runeRanges } from "./rune-set.ts";
import { type Assertion, parseRegex, type RegexNode } from "./syntax.ts";

/** @param pattern one that `compileRegex` takes */
export function postgresRegex(pattern: string): string {
  return printed(parseRegex(pattern)) ?? "(?!)";
}

/** PostgreSQL's greatest number in braces. */
const maxRepeat = 255;

/** Undefined where nothing matches. No result begins with what PostgreSQL takes for options (`***`, `(?i)`). */
function printed(node: RegexNode): string | undefined {
  switch (node.kind) {
    case "runes":
      return printedRunes(runeRanges(node.expression));
    case "assertion":
      return assertions[node.assertion];
    case "sequence": {
      const parts = node.nodes.map((part) => (part.kind === "choice" ? groupOf(part) : printed(part)));
      return parts.every((part) => part !== undefined) ? parts.join("") : undefined;
    }
    case "choice": {
      const parts = node.nodes.map(printed).filter((part) => part !== undefined);
      return parts.length === 0 ? undefined : parts.join("|");
    }
    case "repeat":
      return printedRepeat(node);
  }
}

function groupOf(node: RegexNode): string | undefined {
  const text = printed(node);
  return text === undefined || node.kind === "runes" ? text : `(?:${text})`;
}

function printedRepeat({ node, min, max }: Extract<RegexNode, { kind: "repeat" }>): string | undefined {
  const atom = groupOf(node);
  if (atom === undefined) return min === 0 ? "" : undefined;
  if (max === Number.POSITIVE_INFINITY) return min <= maxRepeat ? `${atom}{${min},}` : `${times(atom, min)}${atom}*`;
  return max <= maxRepeat ? `${atom}{${min},${max}}` : times(atom, min) + times(atom, max - min, "0,");
}

/** Exactly so many times; with `0,` as `from`, at most. */
function times(atom: string, count: number, from = ""): string {
  const whole = Math.floor(count / maxRepeat);
  const rest = count % maxRepeat;
  return (
    (whole === 0 ? "" : `(?:${atom}{${from}${maxRepeat}}){${whole}}`) + (rest === 0 ? "" : `${atom}{${from}${rest}}`)
  );
}

// Each looks at one character at most, which costs PostgreSQL no more than taking one.
const word = "[0-9A-Z\\u005fa-z]";
const assertions: Readonly<Record<Assertion, string>> = {
  textStart: "^",
  textEnd: "$",
  lineStart: "(?<![^\\u000a])",
  lineEnd: "(?![^\\u000a])",
  wordBoundary: `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
  noWordBoundary: `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
};

function printedRunes(ranges: RuneRanges): string | undefined {
  const [[first, last] = [0, 0]] = ranges;
  if (ranges.length === 0) return undefined;
  if (ranges.length === 1 && first === last) return printedRune(first);
  const others = complementOf(ranges);
  // Without options, PostgreSQL's dot takes newlines.
  if (others.length === 0) return ".";
  return others.length < ranges.length ? `[^${printedRanges(others)}]` : `[${printedRanges(ranges)}]`;
}

function printedRanges(ranges: RuneRanges): string {
  return ranges
    .map(([first, last]) => {
      if (first === last) return printedRune(first);
      return `${printedRune(first)}${first + 1 === last ? "" : "-"}${printedRune(last)}`;
    })
    .join("");
}

/** What PostgreSQL might read as syntax, and what cannot be seen, by number. */
function printedRune(rune: number): string {
  const text = String.fromCodePoint(rune);
  return rune > 0xa0 || /[0-9A-Za-z]/.test(text) ? text : `\\u${rune.toString(16).padStart(4, "0")}`;
}
