/** What every BlobStore must do (src/stores/blob/blob-store.ts). */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { BlobStore } from "../../src/stores/blob/blob-store.ts";

export interface OpenBlobStore extends AsyncDisposable {
  readonly store: BlobStore;
  /** A second store on the same medium, after a restart. Left out where nothing outlives the process. */
  readonly reopen?: () => Promise<BlobStore>;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = async (store: BlobStore, blobId: string) => (await read(store, blobId))?.toString();
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const absent = "0".repeat(64);

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function read(store: BlobStore, ...asked: Parameters<BlobStore["get"]>): Promise<Buffer | undefined> {
  const found = await store.get(...asked);
  return found && Buffer.concat(await allOf(found));
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  // One buffer for all chunks, as a stream may use.
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size);
    buffer.set(chunk);
    yield buffer.subarray(0, chunk.length);
    buffer.fill(0);
  }
}

export function blobStoreSuite(name: string, open: () => Promise<OpenBlobStore>): void {
  describe(`blob store: ${name}`, () => {
    test("gives each blob the SHA-256 of its bytes as id, and the bytes back by it", async () => {
      await using opened = await open();
      for (const size of [0, 1, 70_000, 1_000_000]) {
        const bytes = Buffer.alloc(size, size % 251);
        const { blobId, size: stored } = await opened.store.put(bytes);
        expect([blobId, stored]).toEqual([sha256(bytes), size]);
        expect(await opened.store.size(blobId)).toBe(size);
        expect((await read(opened.store, blobId))?.equals(bytes)).toBe(true);
      }
    });

    test("stores a stream as the same blob as its bytes in one piece", async () => {
      await using opened = await open();
      const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, i) => (i * 31) % 253));
      for (const size of [1_000, 65_536, 1_000_000]) {
        expect(await opened.store.put(inChunks(bytes, size))).toEqual({ blobId: sha256(bytes), size: bytes.length });
      }
      expect(await opened.store.put(inChunks(Buffer.alloc(0), 10))).toEqual({
        blobId: sha256(Buffer.alloc(0)),
        size: 0,
      });
      expect((await read(opened.store, sha256(bytes)))?.equals(bytes)).toBe(true);
    });

    test("gives ranges, cut at the blob's end", async () => {
      await using opened = await open();
      const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, i) => i % 251));
      const { blobId } = await opened.store.put(bytes);
      for (const [start, end] of [
        [0, 1],
        [0, 0],
        [5, 300_000],
        [599_999, 600_000],
        [599_990, 700_000],
        [700_000, 800_000],
      ] as const) {
        const part = await read(opened.store, blobId, { start, end });
        expect(part?.equals(bytes.subarray(start, end)), `${start}-${end}`).toBe(true);
      }
      expect((await read(opened.store, blobId, { start: 599_000 }))?.length).toBe(1000);
      expect(await opened.store.get(absent, { start: 0, end: 1 })).toBeUndefined();
    });

    test("reads its source no faster than it stores, and a blob no faster than it is taken", async () => {
      await using opened = await open();
      let made = 0;
      const source = async function* () {
        for (; made < 64; made++) yield Buffer.alloc(256 * 1024, made);
      };
      const { blobId, size } = await opened.store.put(source());
      expect([made, size]).toEqual([64, 16 * 1024 * 1024]);
      const found = await opened.store.get(blobId);
      let largest = 0;
      for await (const chunk of found ?? []) largest = Math.max(largest, chunk.length);
      expect(largest).toBeGreaterThan(0);
      expect(largest).toBeLessThanOrEqual(1024 * 1024);
    });

    test("a source that fails leaves nothing, and its own error is thrown", async () => {
      await using opened = await open();
      const { store } = opened;
      const broken = new Error("the caller went away");
      const source = async function* () {
        yield bytesOf("half");
        throw broken;
      };
      await expect(store.put(source())).rejects.toBe(broken);
      expect(await store.size(sha256(bytesOf("half")))).toBeUndefined();
      expect(await allOf(store.list())).toEqual([]);
    });

    test("a reader that stops early harms nothing", async () => {
      await using opened = await open();
      const bytes = Buffer.alloc(3_000_000, 7);
      const { blobId } = await opened.store.put(bytes);
      for (let round = 0; round < 20; round++) {
        for await (const chunk of (await opened.store.get(blobId)) ?? []) {
          expect(chunk[0]).toBe(7);
          break;
        }
      }
      await opened.store.get(blobId);
      expect((await read(opened.store, blobId))?.length).toBe(3_000_000);
    });

    test("takes equal bytes again, one after the other and 1,000 times at once, and stores them once", async () => {
      await using opened = await open();
      const { store } = opened;
      const first = await store.put(bytesOf("same"));
      const again = await Promise.all(Array.from({ length: 16 }, () => store.put(bytesOf("same"))));
      expect(again.every(({ blobId }) => blobId === first.blobId)).toBe(true);
      const bytes = Buffer.alloc(20_000, 5);
      const fresh = await Promise.all(
        Array.from({ length: 1000 }, (_, i) => store.put(i % 10 === 0 ? inChunks(bytes, 7_000) : bytes)),
      );
      expect(new Set(fresh.map(({ blobId }) => blobId))).toEqual(new Set([sha256(bytes)]));
      const listed = await allOf(store.list());
      expect(listed.map(({ blobId, size }) => `${blobId} ${size}`).sort()).toEqual(
        [`${first.blobId} 4`, `${sha256(bytes)} 20000`].sort(),
      );
      expect((await read(store, sha256(bytes)))?.equals(bytes)).toBe(true);
    });

    test("lists every blob with its size and when it was written", async () => {
      await using opened = await open();
      const { store } = opened;
      const before = Date.now() - 2000;
      const ids = new Map<string, number>();
      for (let i = 0; i < 20; i++) ids.set((await store.put(bytesOf("x".repeat(i)))).blobId, i);
      await store.holders.add([...ids.keys()][0] ?? "", "zone:1", "");
      const listed = await allOf(store.list());
      expect(new Map(listed.map(({ blobId, size }) => [blobId, size]))).toEqual(ids);
      for (const { writtenTime } of listed) {
        expect(writtenTime.getTime()).toBeGreaterThan(before);
        expect(writtenTime.getTime()).toBeLessThan(Date.now() + 2000);
      }
    });

    test("counts bytes that are written again as written anew", async () => {
      await using opened = await open();
      const { store } = opened;
      const writtenTime = async () => (await allOf(store.list()))[0]?.writtenTime.getTime() ?? 0;
      for (const again of [bytesOf("again"), inChunks(bytesOf("again"), 2)]) {
        await store.put(bytesOf("again"));
        const first = await writtenTime();
        // S3 counts in seconds.
        await new Promise((resolve) => setTimeout(resolve, 1100));
        await store.put(again);
        expect(await writtenTime()).toBeGreaterThan(first);
      }
    });

    test("keeps the bytes it was given, though the caller uses the buffer again", async () => {
      await using opened = await open();
      const buffer = bytesOf("first");
      const { blobId } = await opened.store.put(buffer);
      buffer.fill(0);
      expect(await textOf(opened.store, blobId)).toBe("first");
    });

    test.each([absent, "", "../FORMAT", "../../../../etc/passwd", absent.slice(1), absent.replace("0", "A"), "\0"])(
      "answers undefined for the missing id %j",
      async (blobId) => {
        await using opened = await open();
        const { store } = opened;
        await store.put(bytesOf("something"));
        expect(await store.get(blobId)).toBeUndefined();
        expect(await store.size(blobId)).toBeUndefined();
        expect(await store.holders.note(blobId, "zone:1")).toBeUndefined();
        expect(await allOf(store.holders.list(blobId))).toEqual([]);
        await store.delete([blobId]);
      },
    );

    test("deletes for good, and takes the same bytes afterwards", async () => {
      await using opened = await open();
      const { store } = opened;
      const { blobId } = await store.put(bytesOf("gone"));
      await store.holders.add(blobId, "zone:1", "");
      await store.delete([blobId, absent]);
      expect(await store.get(blobId)).toBeUndefined();
      expect(await store.size(blobId)).toBeUndefined();
      expect(await allOf(store.holders.list(blobId))).toEqual([]);
      expect(await store.put(bytesOf("gone"))).toEqual({ blobId, size: 4 });
      expect(await textOf(store, blobId)).toBe("gone");
    });

    test("leaves what was put at or after a time, with its notes, where it is asked to", async () => {
      await using opened = await open();
      const { store } = opened;
      const { blobId } = await store.put(bytesOf("came again"));
      await store.holders.add(blobId, "zone:1", "");
      await store.delete([blobId, absent], { writtenBefore: new Date(Date.now() - 60_000) });
      expect(await textOf(store, blobId)).toBe("came again");
      expect(await allOf(store.holders.list(blobId))).toEqual(["zone:1"]);
      await store.delete([blobId, absent], { writtenBefore: new Date(Date.now() + 60_000) });
      expect(await store.size(blobId)).toBeUndefined();
      expect(await allOf(store.holders.list(blobId))).toEqual([]);
    });

    test("leaves what was noted at or after a time, and tells who notes it whether it is there", async () => {
      await using opened = await open();
      const { store } = opened;
      const [held, left] = [await store.put(bytesOf("held")), await store.put(bytesOf("left"))];
      for (const { blobId } of [held, left]) expect(await store.holders.add(blobId, "zone:1", "")).toBe(true);
      // S3 counts in seconds.
      await new Promise((resolve) => setTimeout(resolve, 2100));
      const writtenBefore = new Date();
      for (const note of ["", "text/plain"]) expect(await store.holders.add(held.blobId, "zone:1", note)).toBe(true);
      await store.delete([held.blobId, left.blobId], { writtenBefore });
      expect(await textOf(store, held.blobId)).toBe("held");
      expect(await allOf(store.holders.list(held.blobId))).toEqual(["zone:1"]);
      expect(await store.size(left.blobId)).toBeUndefined();
      expect(await store.holders.add(left.blobId, "zone:1", "")).toBe(false);
      expect(await store.holders.add("", "zone:1", "")).toBe(false);
    });

    test("who notes a blob while it is removed for its age learns truly whether it stays, and its note stays with it", async () => {
      await using opened = await open();
      const { store } = opened;
      const stored = await Promise.all(Array.from({ length: 24 }, (_, i) => store.put(bytesOf(`blob ${i}`))));
      const ids = stored.map(({ blobId }) => blobId);
      for (const blobId of ids) await store.holders.add(blobId, "old:1", "");
      await new Promise((resolve) => setTimeout(resolve, 2100));
      const writtenBefore = new Date();
      const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      const removed = store.delete(ids, { writtenBefore });
      const noted = await Promise.all(
        ids.flatMap((blobId) =>
          ["zone:1", "zone:2"].map(async (holder) => {
            await pause(Math.random() * 60);
            return { blobId, holder, isThere: await store.holders.add(blobId, holder, "mine") };
          }),
        ),
      );
      await removed;
      for (const { blobId, holder, isThere } of noted) {
        expect((await store.size(blobId)) !== undefined, `${blobId} for ${holder}`).toBe(isThere);
        if (isThere) expect(await store.holders.note(blobId, holder)).toBe("mine");
      }
    });

    test("keeps notes of holders, whatever they are called, the last one of each", async () => {
      await using opened = await open();
      const { holders } = opened.store;
      const { blobId } = await opened.store.put(bytesOf("held"));
      const names = ["zone:1", "Zone:1", "../../x", "a/b", "zone:..", "é ☃", "x".repeat(300)];
      await Promise.all(names.map((holder) => holders.add(blobId, holder, "")));
      expect((await allOf(holders.list(blobId))).sort()).toEqual([...names].sort());
      expect(await holders.note(blobId, "zone:1")).toBe("");
      await holders.add(blobId, "zone:1", "text/plain; charset=utf-8");
      await holders.add(blobId, "zone:1", "text/plain; charset=utf-8");
      expect(await holders.note(blobId, "zone:1")).toBe("text/plain; charset=utf-8");
      expect(await holders.note(blobId, "zone:2")).toBeUndefined();
      expect(await allOf(holders.list(absent))).toEqual([]);
      expect((await allOf(holders.list(blobId))).length).toBe(names.length);
    });

    test("answers a ping while it is open, and STORE_UNAVAILABLE once it is closed", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.ping();
      const last = store.put(bytesOf("last"));
      await store.close();
      await store.close();
      await last;
      const calls = [
        store.ping(),
        store.get(absent),
        store.size(absent),
        store.put(bytesOf("b")),
        store.put(inChunks(bytesOf("b"), 1)),
        store.delete([absent]),
        store.holders.add(absent, "zone:1", ""),
        store.holders.note(absent, "zone:1"),
        allOf(store.list()),
      ];
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({ status: "rejected", reason: { code: "STORE_UNAVAILABLE" } });
      }
    });

    test("finds everything after a restart", async ({ skip }) => {
      await using opened = await open();
      const { store, reopen } = opened;
      if (!reopen) return skip("nothing outlives the process");
      const { blobId } = await store.put(bytesOf("kept"));
      await store.holders.add(blobId, "zone:1", "a/b");
      await store.close();
      const reopened = await reopen();
      expect(await textOf(reopened, blobId)).toBe("kept");
      expect(await reopened.holders.note(blobId, "zone:1")).toBe("a/b");
      await reopened.close();
    });
  });
}
