/** Where a pass stands in the data, and what it has to complain about. */
import type { Issue } from "../base/errors.ts";

/** More complaints than these help nobody, and hostile input could make millions. */
export const maxIssues = 1000;

export interface IssueCursor {
  /** Path to the value at hand: passes push and pop. */
  readonly path: (string | number)[];
  readonly issues: Issue[];
}

export function startCursor(): IssueCursor {
  return { path: [], issues: [] };
}

export function report(at: IssueCursor, message: string, ...below: (string | number)[]): void {
  if (at.issues.length < maxIssues) at.issues.push({ path: [...at.path, ...below], message });
}

/** The first issue of each path. */
export function onePerPath(issues: readonly Issue[]): Issue[] {
  const byPath = new Map<string, Issue>();
  for (const issue of issues) {
    const key = JSON.stringify(issue.path);
    if (!byPath.has(key)) byPath.set(key, issue);
  }
  return [...byPath.values()].slice(0, maxIssues);
}
