/**
 * Single files that are written once: whole and on the disk when the call resolves, or not there at all.
 *
 * The order is: write under a temporary name, fsync the file, link it to its own name, fsync the folder. A link, unlike
 * a rename, never replaces what is there.
 *
 * Reading is synchronous up to 64 KiB. Out of the page cache that takes 6 µs for 800 bytes and 16 µs for 64 KiB, where
 * `fs.readFile` spends 155 µs of which most is waiting for the thread pool (Node 20, ext4, 2 cores). The price is that
 * a read which misses the cache stops the event loop for as long as the disk takes, about 0.1 ms on an SSD: keep the
 * directory on a local disk. Writes go through the thread pool, because an fsync takes far longer than that.
 */
import { closeSync, fstatSync, openSync, read, readSync, statSync } from "node:fs";
import { link, open, unlink } from "node:fs/promises";
import { promisify } from "node:util";
import { WeftError } from "./errors.ts";

const readAsync = promisify(read);

const maxSyncRead = 64 * 1024;

export interface NewFile {
  readonly path: string;
  /** The folder of `path`, which exists. */
  readonly folder: string;
  /** A name nobody else uses, on the same file system. */
  readonly temporaryPath: string;
  readonly bytes: Uint8Array;
}

/**
 * False where the path is taken: the file there stays as it is, and is durable too when this resolves.
 * @throws STORE_UNAVAILABLE with nothing left behind
 */
export async function writeNewFile({ path, folder, temporaryPath, bytes }: NewFile): Promise<boolean> {
  try {
    if (fileSize(path) !== undefined) {
      await syncFolder(folder);
      return false;
    }
    const file = await open(temporaryPath, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    const isNew = await linkUnlessTaken(temporaryPath, path);
    try {
      await syncFolder(folder);
    } catch (error) {
      if (isNew) await removeFile(path);
      throw error;
    }
    return isNew;
  } catch (error) {
    throw unavailable(error);
  } finally {
    await removeFile(temporaryPath).catch(() => {});
  }
}

/** Makes what was created, renamed or removed in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** All bytes; undefined where there is no file. @throws STORE_UNAVAILABLE */
export function readFileBytes(path: string): Promise<Uint8Array | undefined> {
  return withFile(path, (fd) => readAt(fd, 0, fstatSync(fd).size));
}

/** Bytes [start, end) of each range, cut at the file's end; undefined where there is no file. @throws STORE_UNAVAILABLE */
export function readFileRanges(
  path: string,
  ranges: readonly { readonly start: number; readonly end: number }[],
): Promise<Uint8Array[] | undefined> {
  return withFile(path, async (fd) => {
    const parts: Uint8Array[] = [];
    for (const { start, end } of ranges) {
      // Room for what is not there is made for small ranges only.
      const stop = end - start > maxSyncRead ? Math.min(end, fstatSync(fd).size) : end;
      const part = readAt(fd, start, Math.max(0, stop - start));
      parts.push(part instanceof Promise ? await part : part);
    }
    return parts;
  });
}

/** Size in bytes; undefined where there is no file. @throws STORE_UNAVAILABLE */
export function fileSize(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size;
  } catch (error) {
    throw unavailable(error);
  }
}

/** Missing is no error. Durable once the folder is synced. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
}

/** What a failing file system means to whoever uses a store. */
export function unavailable(error: unknown): WeftError {
  return error instanceof WeftError ? error : new WeftError("STORE_UNAVAILABLE", {}, error);
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

async function linkUnlessTaken(temporaryPath: string, path: string): Promise<boolean> {
  try {
    await link(temporaryPath, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

async function withFile<T>(path: string, use: (fd: number) => T | Promise<T>): Promise<T | undefined> {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    return await use(fd);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw unavailable(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readAt(fd: number, position: number, length: number): Uint8Array | Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(length);
  if (length <= maxSyncRead) return bytes.subarray(0, length === 0 ? 0 : readSync(fd, bytes, 0, length, position));
  return readAsync(fd, bytes, 0, length, position).then(({ bytesRead }) => bytes.subarray(0, bytesRead));
}
