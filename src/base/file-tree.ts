/**
 * Durable files named by 64 hex digits, in a directory that one or several processes share.
 *
 *     FORMAT        "weft <content> 1": what lies here, and the version of this layout. Written last, when all is made
 *     tmp/          files being written; what a crash leaves is never read, and swept away after a day
 *     00/ … ff/     one folder for each first two digits
 *     3f/3f5a…      a file: the bytes as they were given, nothing around them
 *
 * Names are hashes, so that every key is safe on every file system (case, length, `..`) and the folders fill evenly.
 * One level of 256 folders is made at once, in 7 ms, and serves tens of millions of files; two levels would cost most
 * writes a new folder and its fsyncs until 65,536 of them exist.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, open, readdir, stat, utimes } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import {
  fileSize,
  readFileBytes,
  readFileRanges,
  removeFile,
  removeOlderFile,
  streamFile,
  syncFolder,
  syncParents,
  unavailable,
  writeHashedFile,
  writeNewFile,
} from "./durable-file.ts";
import { ConfigurationError, WeftError } from "./errors.ts";

export interface FileTreeOptions {
  /** Made on first use, with its parents. */
  readonly directory: string;
  /** One word: what is kept here. */
  readonly content: string;
}

/** Every call answers STORE_UNAVAILABLE where the file system fails, and after `close`. */
export interface FileTree {
  /** Durable when it resolves; false where the name is taken (what is there stays, and is durable). */
  write(name: string, bytes: Uint8Array): Promise<boolean>;
  /** Stores bytes as they come under their SHA-256, `hash`. Durable when it resolves; throws what the source throws, with nothing left behind. */
  writeByHash(source: AsyncIterable<Uint8Array>): Promise<HashedFile>;
  read(name: string): Promise<Uint8Array | undefined>;
  readRanges(
    name: string,
    ranges: readonly { readonly start: number; readonly end: number }[],
  ): Promise<Uint8Array[] | undefined>;
  /** Bytes [start, end) in chunks; the file is opened at the first. */
  stream(name: string, start: number, end: number): AsyncIterable<Uint8Array>;
  size(name: string): Promise<number | undefined>;
  /** Makes `writtenTime` now; false where the name is missing. */
  touch(name: string): Promise<boolean>;
  /** Differs when the file was made anew; undefined where it is missing. */
  stamp(name: string): Promise<string | undefined>;
  /** Every file, in no order; those written or removed meanwhile may be there or not. */
  list(): AsyncIterable<ListedFile>;
  /** Durable when it resolves; missing names are no error. */
  remove(names: readonly string[]): Promise<void>;
  /** As `remove`, but for files written or touched at or after the time. @returns the names of these */
  removeOlder(names: readonly string[], writtenBefore: Date): Promise<string[]>;
  ping(): Promise<void>;
  /** Waits for writes under way. Idempotent. */
  close(): Promise<void>;
}

export interface HashedFile {
  readonly hash: string;
  /** In bytes. */
  readonly size: number;
  /** False where the bytes were there already. */
  readonly isNew: boolean;
}

export interface ListedFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly writtenTime: Date;
}

const version = 1;
const folderNames = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, "0"));
const dayMs = 24 * 60 * 60 * 1000;

/** @throws ConfigurationError where the directory holds something else, or a newer layout */
export function fileTree({ directory: given, content }: FileTreeOptions): FileTree {
  const directory = resolve(given);
  const isMade = checkFormat(directory, content);
  const underWay = new Set<Promise<unknown>>();
  let prepared: Promise<void> | undefined;
  let isClosed = false;

  // Not by `join`, which would look again whether there is anything to normalise: 0.2 µs a call of the 5 that a read takes.
  const folderOf = (name: string) => `${directory}${sep}${name.slice(0, 2)}`;
  const pathOf = (name: string) => `${folderOf(name)}${sep}${name}`;
  const temporaryPath = () => join(directory, "tmp", randomUUID());
  const checkOpen = () => {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error(`${directory} is closed`));
  };
  const prepare = () => {
    prepared ??= prepareDirectory({ directory, content, isMade }).catch((error) => {
      prepared = undefined;
      throw unavailable(error);
    });
    return prepared;
  };
  /** Runs a change of the tree, so that `close` can wait for it. */
  const change = async <T>(run: () => Promise<T>): Promise<T> => {
    checkOpen();
    const running = prepare().then(run);
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
    write: (name, bytes) =>
      change(() => writeNewFile({ path: pathOf(name), folder: folderOf(name), temporaryPath: temporaryPath(), bytes })),
    writeByHash: async (source) => {
      // `change` takes every failure for the file system's; a source has failures of its own.
      const outcome = await change(() =>
        writeHashedFile({
          temporaryPath: temporaryPath(),
          source,
          placeOf: (hash) => ({ path: pathOf(hash), folder: folderOf(hash) }),
        }).catch((error: unknown) => ({ error })),
      );
      if ("error" in outcome) throw outcome.error;
      return outcome;
    },
    async read(name) {
      checkOpen();
      return readFileBytes(pathOf(name));
    },
    async readRanges(name, ranges) {
      checkOpen();
      return readFileRanges(pathOf(name), ranges);
    },
    async *stream(name, start, end) {
      checkOpen();
      yield* streamFile(pathOf(name), start, end);
    },
    async size(name) {
      checkOpen();
      return fileSize(pathOf(name));
    },
    touch: (name) =>
      change(async () => {
        const now = new Date();
        return (await utimes(pathOf(name), now, now).then(() => true, ignoreMissing)) ?? false;
      }),
    async stamp(name) {
      checkOpen();
      const found = await stat(pathOf(name)).catch(ignoreMissing);
      return found && `${found.ino}-${found.mtimeMs}-${found.size}`;
    },
    async *list() {
      for (const folderName of folderNames) {
        checkOpen();
        yield* await listFolder(join(directory, folderName));
      }
    },
    removeOlder: (names, writtenBefore) =>
      change(async () => {
        const kept: string[] = [];
        for (const name of names) {
          const path = pathOf(name);
          const isKept = await removeOlderFile({ path, temporaryPath: temporaryPath(), writtenBefore });
          if (isKept) kept.push(name);
        }
        await Promise.all([...new Set(names.map(folderOf))].map(syncFolder));
        return kept;
      }),
    remove: (names) =>
      change(async () => {
        await Promise.all(names.map((name) => removeFile(pathOf(name))));
        await Promise.all([...new Set(names.map(folderOf))].map(syncFolder));
      }),
    ping: () => change(() => probe(temporaryPath())),
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
}

/** Whether the tree is made already. An unreadable directory is for the first use to report, as one that may come back. */
function checkFormat(directory: string, content: string): boolean {
  let format: string;
  try {
    format = readFileSync(join(directory, "FORMAT"), "utf8").trim();
  } catch {
    return false;
  }
  const [, kind, found] = /^weft (\S+) ([0-9]+)$/.exec(format) ?? [];
  if (kind !== content) throw new ConfigurationError(`${directory} holds "${format}", not weft's ${content} files`);
  if (Number(found) > version) {
    throw new ConfigurationError(`${directory} has layout ${found}; this version of weft knows layout ${version}`);
  }
  return true;
}

async function prepareDirectory(tree: FileTreeOptions & { readonly isMade: boolean }): Promise<void> {
  const { directory, content, isMade } = tree;
  const temporaryFolder = join(directory, "tmp");
  if (!isMade) {
    const firstMade = await mkdir(directory, { recursive: true });
    await Promise.all(["tmp", ...folderNames].map((name) => mkdir(join(directory, name), { recursive: true })));
    // FORMAT says that all of these are there: it must not outlive a crash that they do not.
    await syncFolder(directory);
    await writeNewFile({
      path: join(directory, "FORMAT"),
      folder: directory,
      temporaryPath: join(temporaryFolder, randomUUID()),
      bytes: Buffer.from(`weft ${content} ${version}\n`),
    });
    if (firstMade !== undefined) await syncParents(directory, dirname(firstMade));
  }
  await sweep(temporaryFolder);
}

/** Younger files may be another process's, still being written. */
async function sweep(temporaryFolder: string): Promise<void> {
  const oldest = Date.now() - dayMs;
  for (const name of await readdir(temporaryFolder)) {
    const path = join(temporaryFolder, name);
    const age = await stat(path).catch(() => undefined);
    if (age && age.mtimeMs < oldest) await removeFile(path);
  }
}

/** What is no name of ours is passed over: others may have put it there, and it is not ours to report or remove. */
async function listFolder(folder: string): Promise<ListedFile[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}$/.test(name));
    const files: ListedFile[] = [];
    for (const name of names) {
      const found = await stat(join(folder, name)).catch(ignoreMissing);
      if (found?.isFile()) files.push({ name, size: found.size, writtenTime: found.mtime });
    }
    return files;
  } catch (error) {
    ignoreMissing(error);
    return [];
  }
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw unavailable(error);
}

/** A byte that can be written shows more than a folder that can be read. */
async function probe(path: string): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile("1");
  } finally {
    await file.close();
    await removeFile(path);
  }
}
