/** What an error of SQLite means to who calls a store, and patience where another process writes. */
import { setTimeout as delay } from "node:timers/promises";
import { ConfigurationError, WeftError } from "../../../../base/errors.ts";

/** How long a call is tried while other processes hold the file. */
const patienceMs = 5000;
const longestPauseMs = 30;

/** Mistakes of ours: to be seen, not to be tried again. https://www.sqlite.org/rescode.html */
const bugs: ReadonlySet<string> = new Set(["SQLITE_ERROR", "SQLITE_MISUSE", "SQLITE_RANGE", "SQLITE_MISMATCH"]);

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));
}

/** Runs it again while the file is busy. @throws STORE_UNAVAILABLE where it stays so, or cannot be read or written */
export async function patiently<T>(file: string, work: () => T): Promise<T> {
  for (const giveUpAt = Date.now() + patienceMs; ; await delay(1 + Math.random() * longestPauseMs)) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || Date.now() > giveUpAt) throw weftErrorOf(file, error);
    }
  }
}

/** An error of SQLite as callers of a store know it. */
export function weftErrorOf(file: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === "SQLITE_NOTADB") {
    return new ConfigurationError(`${file} is no SQLite database. Name another file.`, { cause: error });
  }
  const isOurs = error instanceof WeftError || error instanceof ConfigurationError;
  if (isOurs || !code.startsWith("SQLITE_") || bugs.has(code)) return error;
  // Not for clients, who need not know where our files are.
  const isDamaged = code.startsWith("SQLITE_CORRUPT");
  const why = isDamaged ? new Error(`${file} is damaged: restore it from a backup.`, { cause: error }) : error;
  return new WeftError("STORE_UNAVAILABLE", {}, why);
}
