/** SQL's LIKE: `%` is any text, `_` one character; nothing escapes them. */
import type { SearchCondition } from "../resource-query.ts";
import { type FieldTarget, leaf, type Operand } from "./search.ts";

/** By the operator that an index can serve, where the wildcards allow one; else by a regular expression. */
export function like(target: FieldTarget, pattern: Operand): SearchCondition {
  if (typeof pattern !== "string") return leaf(target, "regex", pattern);
  const [isOpenAtStart, isOpenAtEnd] = [pattern.startsWith("%"), pattern.endsWith("%")];
  const middle = pattern.slice(isOpenAtStart ? 1 : 0, isOpenAtEnd ? -1 : undefined);
  const isPlain = (isOpenAtStart || isOpenAtEnd) && middle !== "" && !/[%_]/.test(middle);
  if (!isPlain) return leaf(target, "regex", `^${[...pattern].map(asRegex).join("")}$`);
  if (isOpenAtStart && isOpenAtEnd) return leaf(target, "contains", middle);
  return leaf(target, isOpenAtStart ? "endsWith" : "startsWith", middle);
}

function asRegex(character: string): string {
  if (character === "%") return ".*";
  if (character === "_") return ".";
  return character.replace(/[\\.^$*+?{}[\]|()-]/, "\\$&");
}
