/**
 * The meta store of tiny installations: all of it in memory, each change in a log on disk. Needs no database; takes memory for every head,
 * revision and change, reads the whole at a start, and searches by looking at every head of the resource.
 *
 * Order: batches are logged and applied one after the other, so seq is the log's length. An acknowledged commit is flushed
 * (fdatasync): it survives `kill -9`, and a loss of power as far as the disk keeps what it says. The layout is told in disk/directory.ts.
 */

import { lockDirectory } from "../../../base/directory-lock.ts";
import { unavailable } from "../../../base/durable-file.ts";
import { ConfigurationError } from "../../../base/errors.ts";
import type { MetaStore } from "../meta-store.ts";
import { makeFolder, prepareDirectory, readDirectory } from "./disk/directory.ts";
import { diskStore } from "./disk/disk-meta-store.ts";

export interface DiskMetaStoreOptions {
  /** Made, parents included, where missing. One process at a time; a local disk. */
  readonly directory: string;
  /** A snapshot is made when the log has grown to this size, in bytes. A larger one makes starts slower, writes cheaper. @default 64 MiB */
  readonly maxLogBytes?: number;
  /**
   * A purge is acknowledged when it is logged. The bytes of what it purged leave the directory with the next snapshot, which is
   * made at most this long after, in milliseconds, and before the store is closed; after a crash, as long after the next start. @default 10,000
   */
  readonly eraseAfterMs?: number;
  /** Told of a record cut off at a start, and of a snapshot that could not be written. @default a warning of the process */
  readonly warn?: (message: string) => void;
}

const defaultMaxLogBytes = 64 * 1024 * 1024;
const defaultEraseAfterMs = 10_000;

/**
 * @throws ConfigurationError where another process has the directory, where it holds something else or a newer layout, or where a
 *   file of it is damaged; STORE_UNAVAILABLE where it cannot be read or written
 */
export async function diskMetaStore(options: DiskMetaStoreOptions): Promise<MetaStore> {
  const { maxLogBytes = defaultMaxLogBytes, eraseAfterMs = defaultEraseAfterMs } = options;
  const { warn = (message: string) => process.emitWarning(message) } = options;
  try {
    const directory = await makeFolder(options.directory);
    const { release } = await lockDirectory(directory);
    try {
      await prepareDirectory(directory);
      const found = await readDirectory(directory);
      if (found.torn > 0) {
        warn(
          `${directory}: the log ended in ${found.torn} bytes of a write that was never acknowledged. They are cut off.`,
        );
      }
      return await diskStore({ directory, maxLogBytes, eraseAfterMs, warn, release }, found);
    } catch (error) {
      await release();
      throw error;
    }
  } catch (error) {
    throw error instanceof ConfigurationError ? error : unavailable(error);
  }
}
