/**
 * Who holds a blob, on disk: beside the blobs, one small file a holder, so that notes of one blob can be added by many at once and
 * looked up one by one.
 *
 *     holders/3f/3f5a…/9b12…    JSON { holder, note }; the folder is the blob's id, the file the SHA-256 of the holder
 *
 * Files are put in place by a rename out of the tree's `tmp/`: the last note wins, whole. One that is damaged all the same counts as missing,
 * so that it hides nothing but itself; the next write of its holder makes it anew.
 */
import { hash, randomUUID } from "node:crypto";
import { link, mkdir, open, opendir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { removeFile, syncFolder, syncParents, unavailable } from "../../../base/durable-file.ts";
import { WeftError } from "../../../base/errors.ts";
import type { BlobHolders } from "../blob-store.ts";
import { isBlobId } from "./blob-id.ts";

export interface DiskHolders extends Omit<BlobHolders, "add"> {
  add(blobId: string, holder: string, note: string): Promise<void>;
  /** Takes the notes of a blob away, for the moment in which it is decided whether it goes. */
  putAside(blobId: string): Promise<NotesAside>;
  /** All notes of these blobs. */
  remove(blobIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const addAttempts = 5;

interface Note {
  readonly holder: string;
  readonly note: string;
}

export interface NotesAside {
  /** Among those that came meanwhile. */
  putBack(): Promise<void>;
  remove(): Promise<void>;
}

export function diskHolders(given: string): DiskHolders {
  const directory = resolve(given);
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;
  // Swept by the tree (base/file-tree.ts).
  const temporaryFolder = join(directory, "tmp");
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
        const path = join(folder, nameOf(holder));
        for (let attempt = 1; ; attempt++) {
          try {
            return await writeNote(path, { holder, note }, temporaryFolder);
          } catch (error) {
            // The folder may be put aside at any moment.
            if (attempt >= addAttempts) throw error;
            undefinedIfMissing(error);
          }
        }
      }),
    putAside: (blobId) =>
      run(async () => {
        const folder = folderOf(blobId);
        for (const left of await leftAside(folder)) await mergeNotes(left, folder);
        const aside = `${folder}.${randomUUID()}`;
        await rename(folder, aside).catch(undefinedIfMissing);
        return {
          putBack: () => run(() => mergeNotes(aside, folder)),
          remove: () => run(() => rm(aside, { recursive: true, force: true })),
        };
      }),
    note: (blobId, holder) =>
      run(async () => (isBlobId(blobId) ? (await readNote(join(folderOf(blobId), nameOf(holder))))?.note : undefined)),
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

async function writeNote(path: string, content: Note, temporaryFolder: string): Promise<void> {
  const folder = dirname(path);
  if ((await readNote(path))?.note === content.note) return await syncFolder(folder);
  const made = await mkdir(folder, { recursive: true });
  await mkdir(temporaryFolder, { recursive: true });
  await replaceFile(path, { temporaryPath: join(temporaryFolder, randomUUID()), text: JSON.stringify(content) });
  if (made !== undefined) await syncParents(folder, dirname(made));
}

async function mergeNotes(from: string, folder: string): Promise<void> {
  const names = (await readdir(from).catch(undefinedIfMissing)) ?? [];
  if (names.length === 0) return;
  await mkdir(folder, { recursive: true });
  for (const name of names.filter(isBlobId)) {
    await link(join(from, name), join(folder, name)).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    });
  }
  await syncParents(folder, dirname(folder));
  await rm(from, { recursive: true, force: true });
}

/** By a process that died before it had decided. */
async function leftAside(folder: string): Promise<string[]> {
  const names = (await readdir(dirname(folder)).catch(undefinedIfMissing)) ?? [];
  return names.filter((name) => name.startsWith(`${basename(folder)}.`)).map((name) => join(dirname(folder), name));
}

async function readNote(path: string): Promise<Note | undefined> {
  const text = await readFile(path, "utf8").catch(undefinedIfMissing);
  if (text === undefined) return undefined;
  try {
    const { holder, note } = JSON.parse(text) as Partial<Note>;
    const isWhole = typeof holder === "string" && typeof note === "string" && basename(path) === nameOf(holder);
    return isWhole ? { holder, note } : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(holder: string): string {
  return hash("sha256", holder, "hex");
}

async function replaceFile(
  path: string,
  { temporaryPath, text }: { readonly temporaryPath: string; readonly text: string },
): Promise<void> {
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
