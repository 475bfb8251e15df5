/** AutoCRUD's behaviour cases (autocrud_cases.json), and how its words are said here. */
import { readFileSync } from "node:fs";

const all = JSON.parse(readFileSync(new URL("./autocrud_cases.json", import.meta.url), "utf8")) as Record<
  string,
  unknown
>;

export interface CaseSuite<Case> {
  readonly cases: readonly Case[];
}

/** The cases of a suite, whichever of the file's two forms it has. */
export function casesOf<Case>(suite: string): readonly Case[] {
  const value = all[suite];
  if (Array.isArray(value)) return value as Case[];
  if (typeof value === "object" && value !== null && "cases" in value) return (value as CaseSuite<Case>).cases;
  throw new Error(`no suite ${suite}`);
}

/** AutoCRUD's errors → codes. */
export const codeOf: Readonly<Record<string, string>> = {
  NOT_FOUND: "RESOURCE_NOT_FOUND",
  DELETED: "RESOURCE_DELETED",
  REVISION_NOT_FOUND: "REVISION_NOT_FOUND",
  CANNOT_MODIFY: "STABLE_REVISION_IMMUTABLE",
  NOT_MIGRATED: "MIGRATION_REQUIRED",
  UNIQUE: "UNIQUE_VIOLATION",
  VALIDATION: "VALIDATION_FAILED",
  PATCH_TEST_FAILED: "PATCH_FAILED",
};
