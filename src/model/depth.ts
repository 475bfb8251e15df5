/** The first look at an input, before anything recurses into it. */
import { WeftError } from "../base/errors.ts";
import { isByteSource } from "./byte-source.ts";
import { type IssueCursor, report } from "./issue-cursor.ts";

interface Level {
  readonly keys: readonly string[] | undefined;
  readonly value: Readonly<Record<string, unknown>> | readonly unknown[];
  next: number;
}

/**
 * Walks lists and objects without recursion. Reports every key `__proto__`: such a key means harm, and libraries that copy objects
 * by assignment do it.
 * @returns how many values there are
 * @throws LIMIT_EXCEEDED where they nest deeper than `maxDepth`, the outermost counting as 1; so does what contains itself
 */
export function checkNesting(root: unknown, maxDepth: number, at: IssueCursor): number {
  const levels: Level[] = [];
  const enter = (value: unknown): boolean => {
    const level = levelOf(value);
    if (level === undefined) return false;
    if (levels.length >= maxDepth)
      throw new WeftError("LIMIT_EXCEEDED", { hint: `Data may nest ${maxDepth} deep.`, limit: maxDepth });
    levels.push(level);
    return true;
  };
  enter(root);
  let count = 1;
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const key = advance(level);
    if (key === undefined) {
      levels.pop();
      at.path.pop();
      continue;
    }
    count++;
    if (key === "__proto__") report(at, "A key must not be __proto__", key);
    if (enter((level.value as Readonly<Record<string | number, unknown>>)[key])) at.path.push(key);
  }
  return count;
}

function levelOf(value: unknown): Level | undefined {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return undefined;
  if (Array.isArray(value)) return { keys: undefined, value, next: 0 };
  if (isByteSource(value)) return undefined;
  const object = value as Readonly<Record<string, unknown>>;
  return { keys: Object.keys(object), value: object, next: 0 };
}

function advance(level: Level): string | number | undefined {
  const index = level.next++;
  if (level.keys !== undefined) return level.keys[index];
  return index < (level.value as readonly unknown[]).length ? index : undefined;
}
