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
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, read, readSync, statSync } from "node:fs";
import { link, open, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { WeftError } from "./errors.ts";

const readAsync = promisify(read);

const maxSyncRead = 64 * 1024;
const streamChunk = 256 * 1024;

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
    return await keep(temporaryPath, { path, folder });
  } catch (error) {
    throw unavailable(error);
  } finally {
    await removeFile(temporaryPath).catch(() => {});
  }
}

export interface NewHashedFile {
  readonly temporaryPath: string;
  readonly source: AsyncIterable<Uint8Array>;
  /** Where the file belongs, by the SHA-256 of its bytes in hex. */
  readonly placeOf: (hash: string) => Place;
}

interface Place {
  readonly path: string;
  /** The folder of `path`, which exists. */
  readonly folder: string;
}

/**
 * Writes bytes as they come, and keeps them under a name that their hash decides; where it is taken, what is there stays.
 * @throws what the source throws; STORE_UNAVAILABLE; either with nothing left behind
 */
export async function writeHashedFile(given: NewHashedFile): Promise<{ hash: string; size: number; isNew: boolean }> {
  const { temporaryPath, placeOf } = given;
  const source = measured(given.source);
  try {
    const file = await open(temporaryPath, "wx");
    try {
      // The next is asked for when this one is written.
      for await (const chunk of source.chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    const hash = source.hash();
    return { hash, size: source.size(), isNew: await keep(temporaryPath, placeOf(hash)) };
  } catch (error) {
    throw source.failure() === error ? error : unavailable(error);
  } finally {
    await removeFile(temporaryPath).catch(() => {});
  }
}

/** A source that is hashed and counted as it flows, and remembers whether it was the one to fail. */
function measured(source: AsyncIterable<Uint8Array>) {
  const digest = createHash("sha256");
  let size = 0;
  let failure: unknown;
  let isOver = false;
  const next = async (iterator: AsyncIterator<Uint8Array>) => {
    try {
      return await iterator.next();
    } catch (error) {
      isOver = true;
      failure = error;
      throw error;
    }
  };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const iterator = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await next(iterator);
        if (done) {
          isOver = true;
          return;
        }
        digest.update(value);
        size += value.length;
        yield value;
      }
    } finally {
      if (!isOver) await iterator.return?.();
    }
  }
  return { chunks: chunks(), hash: () => digest.digest("hex"), size: () => size, failure: () => failure };
}

/** Gives a written file its name, unless that is taken; durable when it resolves. */
async function keep(temporaryPath: string, { path, folder }: Place): Promise<boolean> {
  const isNew = await linkUnlessTaken(temporaryPath, path);
  try {
    await syncFolder(folder);
  } catch (error) {
    if (isNew) await removeFile(path);
    throw error;
  }
  return isNew;
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

/** Makes folders durable that were made from `outermost` down to `directory`: each is when the folder that names it is. */
export async function syncParents(directory: string, outermost: string): Promise<void> {
  for (let folder = directory; folder !== outermost && folder !== dirname(folder); ) {
    folder = dirname(folder);
    await syncFolder(folder);
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

/** Bytes [start, end) in chunks of 256 KiB, cut at the file's end. Opens the file at the first. @throws STORE_UNAVAILABLE, where it is missing too */
export async function* streamFile(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  const file = await open(path, "r").catch((error) => {
    throw unavailable(error);
  });
  try {
    for (let position = start; position < end; ) {
      const length = Math.min(streamChunk, end - position);
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw unavailable(error);
  } finally {
    await file.close();
  }
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

export interface OlderFile {
  readonly path: string;
  /** A name nobody else uses, on the same file system. */
  readonly temporaryPath: string;
  readonly writtenBefore: Date;
}

/**
 * Removes a file unless it was written or touched at or after the time. It is taken aside first and looked at then, so that whoever touches
 * it either is seen or finds it missing. Durable once the folder is synced. @returns whether it stays
 */
export async function removeOlderFile({ path, temporaryPath, writtenBefore }: OlderFile): Promise<boolean> {
  try {
    // What stays is moved only where it is touched in this very moment: a crash then would leave it aside.
    if ((await stat(path)).mtime >= writtenBefore) return true;
    await rename(path, temporaryPath);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
  try {
    const isKept = (await stat(temporaryPath)).mtime >= writtenBefore;
    if (isKept) await linkUnlessTaken(temporaryPath, path);
    return isKept;
  } finally {
    await removeFile(temporaryPath);
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
