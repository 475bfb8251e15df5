/**
 * Texts compared whatever their case, as `foldCase` of the query floor defines it. A regular expression that offers each letter's
 * cases says the same as folding both sides, runs in microseconds where folding takes up to hundreds, and can use an index
 * of trigrams; a long one costs the server more to compile than it is worth.
 */
import { foldCase, foldings } from "../../../../query/fold-case.ts";
import { literal } from "./field-sql.ts";

/** In UTF-16 units. */
const maxPatternText = 500;

export function isLong(text: string): boolean {
  return text.length > maxPatternText;
}

/** A regular expression of PostgreSQL for texts that fold to what this one folds to. */
export function caseBlindPattern(text: string): string {
  let pattern = "";
  for (const character of foldCase(text)) {
    const cases = casesByFolding.get(character);
    pattern += cases === undefined ? escaped(character) : `[${cases}]`;
  }
  return pattern;
}

/** Everything but letters and digits may be escaped, in ASCII; nothing else has a meaning. */
function escaped(character: string): string {
  return /[!-/:-@[-`{-~]/.test(character) ? `\\${character}` : character;
}

/** Folding → itself and all that folds to it. */
const casesByFolding = new Map<string, string>();
for (const [key, folding] of foldings) {
  casesByFolding.set(folding, `${casesByFolding.get(folding) ?? folding}${key}`);
}

/** The folded text. Right for every text, and slow. */
export function foldedSql(text: string): string {
  return `translate(${text}, ${literal([...foldings.keys()].join(""))}, ${literal([...foldings.values()].join(""))})`;
}
