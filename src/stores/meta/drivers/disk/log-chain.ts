/** The logs of a directory as one: written is the last, and a new one can be begun. */
import { rm } from "node:fs/promises";
import { createLog, logPath } from "./directory.ts";
import { openLogFile } from "./log-file.ts";

export interface LogChain {
  /** Of the log that is written now, in bytes. */
  size(): number;
  append(bytes: Uint8Array): Promise<void>;
  check(): Promise<void>;
  /** Not while something is appended. @returns the new log's generation */
  beginNext(): Promise<number>;
  close(): Promise<void>;
}

/** @param last the last generation, and what counts of its log, in bytes */
export async function openLogChain(
  directory: string,
  last: { readonly generation: number; readonly size: number },
): Promise<LogChain> {
  let { generation } = last;
  let log = await openLogFile(logPath(directory, generation), last.size);
  return {
    size: () => log.size(),
    append: (bytes) => log.append(bytes),
    check: () => log.check(),
    async beginNext() {
      await log.check();
      const path = logPath(directory, generation + 1);
      try {
        await createLog(directory, generation + 1);
        const next = await openLogFile(path, 0);
        await log.close();
        log = next;
      } catch (error) {
        // Else the log before it would not be the last.
        await rm(path, { force: true });
        throw error;
      }
      generation += 1;
      return generation;
    },
    close: () => log.close(),
  };
}
