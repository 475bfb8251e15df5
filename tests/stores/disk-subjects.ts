/** Every store that keeps its data in a folder, seen alike: numbered contents are written and read back. */
import { hash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { diskBlobStore } from "../../src/stores/blob/drivers/disk.ts";
import { diskMetaStore } from "../../src/stores/meta/drivers/disk.ts";
import { pgliteMetaStore } from "../../src/stores/meta/drivers/pglite.ts";
import { sqliteMetaStore } from "../../src/stores/meta/drivers/sqlite.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { diskPayloadStore } from "../../src/stores/payload/drivers/disk.ts";
import { commitAll, createWrite } from "../conformance/meta-fixtures.ts";

export interface OpenSubject {
  write(number: number): Promise<unknown>;
  /** Whether it is there; throws where it is not what was written. */
  has(number: number): Promise<boolean>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface Subject {
  /** Opens an existing or a new one in the folder. */
  open(folder: string): Promise<OpenSubject>;
  /** What a write comes to while it is open: `either` where it depends on what files are open already. */
  readonly whenFull: Fate;
  readonly whenReadOnly: Fate;
  readonly whenLockedOut: Fate;
  /** Whether its ping tells of a full disk. A database's does not: it answers, and reads go on. */
  readonly tellsWhenFull: boolean;
  /** Whether `open` asks the disk at all. */
  readonly opensLazily: boolean;
  /** Files that must not be there once all is closed. */
  leftovers(folder: string): Promise<string[]>;
  /** Of a disk on which it has room for a while. */
  readonly mebibytes: number;
}

export type Fate = "refused" | "done" | "either";

/** Too much for what is left in pages that are begun, and not to be compressed. */
const textOf = (number: number) =>
  Array.from({ length: 2000 }, (_, i) => hash("sha256", `${number}-${i}`, "base64")).join("");

const namesIn = async (folder: string) => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
};

const leftoversBut = (expected: RegExp) => async (folder: string) =>
  (await namesIn(folder)).filter((name) => !expected.test(name));

function meta(store: MetaStore): OpenSubject {
  const idOf = (number: number) => `a:${number}`;
  return {
    write: (number) =>
      commitAll(store, createWrite("a", idOf(number), { indexedData: { title: textOf(number) } }).write),
    async has(number) {
      const [head] = await store.heads([idOf(number)]);
      if (head && head.indexedData.title !== textOf(number)) throw new Error(`${idOf(number)} is another`);
      return head !== undefined;
    },
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

const openFiles = {
  tellsWhenFull: true,
  whenFull: "refused",
  whenReadOnly: "done",
  whenLockedOut: "done",
  opensLazily: false,
} as const;
const filesByName = {
  tellsWhenFull: true,
  whenFull: "refused",
  whenReadOnly: "refused",
  whenLockedOut: "refused",
  opensLazily: true,
} as const;
const tree = leftoversBut(/^(FORMAT|[0-9a-f]{2}\/[0-9a-f]{64}|holders\/[0-9a-f]{2}\/[0-9a-f]{64}\/[0-9a-f]{64})$/);

export const subjects: Readonly<Record<string, Subject>> = {
  "meta on disk": {
    ...openFiles,
    mebibytes: 4,
    open: async (folder) => meta(await diskMetaStore({ directory: folder, eraseAfterMs: 1e6, warn: () => undefined })),
    leftovers: leftoversBut(/^(FORMAT|(log|snapshot)-[0-9]{8})$/),
  },
  "meta on SQLite": {
    ...openFiles,
    tellsWhenFull: false,
    mebibytes: 4,
    open: async (folder) => meta(await sqliteMetaStore({ file: join(folder, "meta.db") })),
    leftovers: leftoversBut(/^meta\.db(-wal|-shm)?$/),
  },
  "meta on PGlite": {
    ...openFiles,
    tellsWhenFull: false,
    mebibytes: 160,
    whenReadOnly: "either",
    whenLockedOut: "either",
    open: async (folder) => meta(await pgliteMetaStore({ directory: folder })),
    leftovers: leftoversBut(/^data\//),
  },
  "payloads on disk": {
    ...filesByName,
    mebibytes: 4,
    async open(folder) {
      const store = diskPayloadStore({ directory: folder });
      const keyOf = (number: number) => `hero/hero:${number}/1/w`;
      return {
        write: (number) => store.put(keyOf(number), Buffer.from(textOf(number))),
        has: async (number) => isWhole(await store.get(keyOf(number)), number),
        ping: store.ping,
        close: store.close,
      };
    },
    leftovers: tree,
  },
  "blobs on disk": blobs(async (store, number) => {
    await store.put(Buffer.from(textOf(number)));
  }),
  "uploads in flight": blobs(async (store, number) => {
    await store.put(inPieces(Buffer.from(textOf(number))));
  }),
  "notes of who holds a blob": {
    ...filesByName,
    mebibytes: 4,
    async open(folder) {
      const store = diskBlobStore({ directory: folder });
      const blobId = hash("sha256", "one blob", "hex");
      // A note takes a block of its own.
      const holderOf = (number: number) => `doc:${number}`;
      return {
        write: (number) => store.holders.add(blobId, holderOf(number), "text/plain"),
        has: async (number) => (await store.holders.note(blobId, holderOf(number))) === "text/plain",
        ping: store.ping,
        close: store.close,
      };
    },
    leftovers: tree,
  },
};

function blobs(write: (store: ReturnType<typeof diskBlobStore>, number: number) => Promise<void>): Subject {
  return {
    ...filesByName,
    mebibytes: 4,
    async open(folder) {
      const store = diskBlobStore({ directory: folder });
      return {
        write: (number) => write(store, number),
        async has(number) {
          const found = await store.get(hash("sha256", textOf(number), "hex"));
          if (!found) return false;
          const chunks: Uint8Array[] = [];
          for await (const chunk of found) chunks.push(chunk);
          return isWhole(Buffer.concat(chunks), number);
        },
        ping: store.ping,
        close: store.close,
      };
    },
    leftovers: tree,
  };
}

function isWhole(bytes: Uint8Array | undefined, number: number): boolean {
  if (bytes && Buffer.compare(bytes, Buffer.from(textOf(number))) !== 0) throw new Error(`${number} is not whole`);
  return bytes !== undefined;
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
}
