/**
 * Texts compared whatever their case, as `foldCase` of the query floor defines it. Letters that the folded operand does not have may stay as they
 * are: nothing of it would match them either way. So a few replacements do, where folding the whole would take a thousand.
 */
import { foldCase, foldings } from "../../../../query/fold-case.ts";
import { literal } from "./field-sql.ts";

/** Each looks through the whole text once more. */
const maxReplacements = 40;

export function isFoldable(operand: string): boolean {
  return casesOf(foldCase(operand)).length <= maxReplacements;
}

/** The text with those letters folded that the folded operand has. */
export function foldedSql(text: string, foldedOperand: string): string {
  return casesOf(foldedOperand).reduce(
    (sql, [letter, folding]) => `replace(${sql}, ${literal(letter)}, ${literal(folding)})`,
    `lower(${text})`,
  );
}

/** Folding → the letters beyond ASCII that fold to it. ASCII is what SQLite's lower() knows. */
const casesByFolding = new Map<string, string[]>();
for (const [letter, folding] of foldings) {
  if (letter <= "\x7f") continue;
  casesByFolding.set(folding, [...(casesByFolding.get(folding) ?? []), letter]);
}

function casesOf(foldedOperand: string): [letter: string, folding: string][] {
  return [...new Set(foldedOperand)].flatMap((folding) =>
    (casesByFolding.get(folding) ?? []).map((letter): [string, string] => [letter, folding]),
  );
}
