/** Defaults as documents hold them. */
import type { Issue } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import type { Content } from "./content.ts";
import { writerOf } from "./document.ts";
import { startCursor } from "./issue-cursor.ts";

/**
 * The document's form of a default, and what is wrong with it. No value where it is no constant: Zod does not tell a constant from a function,
 * so it is asked twice, and what looks like the present time is taken for a clock's.
 */
export function defaultValueOf(
  ask: () => unknown,
  content: Content,
): { value: Json | undefined; issues: readonly Issue[] } {
  const at = startCursor();
  const write = writerOf(content);
  const value = write(ask(), at);
  const again = write(ask(), startCursor());
  const isConstant = JSON.stringify(value) === JSON.stringify(again) && !isNow(value);
  return { value: isConstant ? value : undefined, issues: at.issues };
}

const dayMs = 86_400_000;

function isNow(value: Json | undefined): boolean {
  const ms = typeof value === "string" ? Date.parse(value) : typeof value === "number" ? value : Number.NaN;
  return [ms, ms * 1000].some((time) => Math.abs(time - Date.now()) < dayMs);
}
