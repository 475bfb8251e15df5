import { WeftError } from "../../base/errors.ts";
import type { Commit } from "./meta-store.ts";

/** What `replay` throws for a commit that stands on another state than the one it finds. For the log: which one it is. */
export function unfitCommit(commit: Commit | undefined, after: number): WeftError {
  const ids = commit?.writes.map(({ resourceId }) => resourceId).join(", ");
  const which = commit === undefined ? "A commit" : `Commit ${commit.commitId} (${ids})`;
  return new WeftError(
    "INTERNAL",
    {},
    new Error(`${which} of a replay behind ${after} does not fit: nothing is written`),
  );
}
