/**
 * Who holds a blob, on disk: beside the blobs, one small file a holder, so that notes of one blob can be added by many at once and
 * looked up one by one.
 *
 *     holders/3f/3f5a…/9b12…    JSON { holder, note }; the folder is the blob's id, the file the SHA-256 of the holder
 *
 * Files are put in place by a rename: the last note wins, whole.
 */
import { hash, randomUUID } from "node:crypto";
import { mkdir, open, opendir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { removeFile, syncFolder, syncParents, unavailable } from "../../../base/durable-file.ts";
import { WeftError } from "../../../base/errors.ts";
import type { BlobHolders } from "../blob-store.ts";
import { isBlobId } from "./blob-id.ts";

export interface DiskHolders extends BlobHolders {
  /** All notes of these blobs. */
  remove(blobIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

interface Note {
  readonly holder: string;
  readonly note: string;
}

export function diskHolders(given: string): DiskHolders {
  const directory = resolve(given);
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;
  const folderOf = (blobId: string) => join(directory, "holders", blobId.slice(0, 2), blobId);

  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error(`${directory} is closed`));
    const running = work();
    underWay.add(running);
    try {
      return await running;
    } catch (error) {
      throw unavailable(error);
    } finally {
      underWay.delete(running);
    }
  };

  return {
    add: (blobId, holder, note) =>
      run(async () => {
        if (!isBlobId(blobId)) return;
        const folder = folderOf(blobId);
        const path = join(folder, hash("sha256", holder, "hex"));
        if ((await readNote(path))?.note === note) return await syncFolder(folder);
        const made = await mkdir(folder, { recursive: true });
        await replaceFile(path, JSON.stringify({ holder, note }));
        if (made !== undefined) await syncParents(folder, dirname(made));
      }),
    note: (blobId, holder) =>
      run(async () =>
        isBlobId(blobId) ? (await readNote(join(folderOf(blobId), hash("sha256", holder, "hex"))))?.note : undefined,
      ),
    async *list(blobId) {
      if (!isBlobId(blobId)) return;
      const folder = folderOf(blobId);
      const entries = await run(() => opendir(folder).catch(undefinedIfMissing));
      // Leaving the loop closes the folder.
      for await (const { name } of entries ?? []) {
        const found = isBlobId(name) ? await run(() => readNote(join(folder, name))) : undefined;
        if (found) yield found.holder;
      }
    },
    remove: (blobIds) =>
      run(async () => {
        for (const blobId of blobIds) await rm(folderOf(blobId), { recursive: true, force: true });
      }),
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
}

async function readNote(path: string): Promise<Note | undefined> {
  const text = await readFile(path, "utf8").catch(undefinedIfMissing);
  return text === undefined ? undefined : (JSON.parse(text) as Note);
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporaryPath = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporaryPath, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporaryPath, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await removeFile(temporaryPath).catch(() => {});
    throw error;
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
