/** A blob store on S3 whose network fails: every call ends in time, with the right answer or STORE_UNAVAILABLE. */
import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { BlobStore } from "../../../src/stores/blob/blob-store.ts";
import { s3BlobStore } from "../../../src/stores/blob/drivers/s3.ts";
import { parseS3Location } from "../../../src/stores/s3/location.ts";
import { freshBucket, skippedWithoutS3 } from "../../servers/s3.ts";
import { type ProxyMode, startProxy, type TcpProxy } from "../../servers/tcp-proxy.ts";

const reason = await skippedWithoutS3();
const mebibyte = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => hash("sha256", bytes, "hex");
const numbered = (size: number, seed: number) => {
  const bytes = Buffer.alloc(size, "weft ");
  for (let at = 0; at + 8 < size; at += 65_536) bytes.writeUInt32LE(at + seed, at);
  return bytes;
};

interface Proxied extends AsyncDisposable {
  readonly store: BlobStore;
  readonly direct: BlobStore;
  readonly proxy: TcpProxy;
}

async function openProxied(timeoutMs: number): Promise<Proxied> {
  const fresh = await freshBucket();
  const location = parseS3Location(fresh.url);
  const proxy = await startProxy(Number(new URL(location.endpoint ?? "").port));
  const { credentials } = fresh;
  const endpoint = `http://127.0.0.1:${proxy.port}`;
  const store = s3BlobStore({ location: { ...location, endpoint }, credentials, timeoutMs });
  const direct = s3BlobStore({ location, credentials });
  return {
    store,
    direct,
    proxy,
    async [Symbol.asyncDispose]() {
      await store.close();
      await direct.close();
      await proxy.stop();
      await fresh[Symbol.asyncDispose]();
    },
  };
}

/** Undefined where the store was unavailable; anything else that goes wrong is thrown. */
async function unlessUnavailable<T>(call: Promise<T>): Promise<{ readonly answer: T } | undefined> {
  try {
    return { answer: await call };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "STORE_UNAVAILABLE") return undefined;
    throw error;
  }
}

async function read(store: BlobStore, blobId: string): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  const found = await store.get(blobId);
  for await (const chunk of found ?? []) chunks.push(chunk);
  return found && Buffer.concat(chunks);
}

async function idsIn(store: BlobStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const { blobId } of store.list()) ids.push(blobId);
  return ids;
}

async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += mebibyte) yield bytes.subarray(at, at + mebibyte);
}

const faults: readonly { readonly name: string; readonly mode: ProxyMode; readonly timeoutMs: number }[] = [
  { name: "connections refused", mode: "refuse", timeoutMs: 3_000 },
  { name: "half a second of delay each way", mode: { delayMs: 500 }, timeoutMs: 10_000 },
  { name: "replies cut after a byte", mode: { cutInMidReply: 1 }, timeoutMs: 3_000 },
  { name: "replies cut within their body", mode: { cutInMidReply: 900 }, timeoutMs: 3_000 },
  { name: "a black hole", mode: "black hole", timeoutMs: 2_000 },
];

describe.skipIf(reason !== "")(`blob store on S3, a failing network ${reason}`, () => {
  test.each(faults)("$name", async ({ mode, timeoutMs }) => {
    await using opened = await openProxied(timeoutMs);
    const { store, direct, proxy } = opened;
    const kept = numbered(300_000, 1);
    const { blobId } = await store.put(kept);
    const added = [numbered(1_000, 2), numbered(500_000, 3), numbered(20 * mebibyte, 4)];

    await proxy.mode(mode);
    const began = performance.now();
    const puts = added.map((bytes) => unlessUnavailable(store.put(inChunks(bytes))));
    const [size, bytes, ids] = await Promise.all([
      unlessUnavailable(store.size(blobId)),
      unlessUnavailable(read(store, blobId)),
      unlessUnavailable(idsIn(store)),
      unlessUnavailable(store.ping()),
      unlessUnavailable(store.holders.add(blobId, "zone:1", "note")),
    ]);
    const acknowledged = (await Promise.all(puts)).flatMap((put) => (put ? [put.answer.blobId] : []));
    // A large blob takes several calls, one behind the other: its first part, its end, the copy, what is cleared away.
    expect(performance.now() - began).toBeLessThan(5 * timeoutMs + 2_000);
    if (size) expect(size.answer).toBe(kept.length);
    if (bytes) expect(bytes.answer?.equals(kept)).toBe(true);
    if (ids) expect(ids.answer).toContain(blobId);

    await proxy.mode("pass");
    await store.ping();
    for (const one of added) {
      const found = await read(direct, sha256(one));
      if (acknowledged.includes(sha256(one))) expect(found).toBeDefined();
      if (found) expect(found.equals(one)).toBe(true);
    }
    expect((await read(store, blobId))?.equals(kept)).toBe(true);
    expect((await store.put(inChunks(added[2] ?? kept))).blobId).toBe(sha256(added[2] ?? kept));
  });

  test("a download goes on where its connection was cut", async () => {
    await using opened = await openProxied(5_000);
    const { store, proxy } = opened;
    const bytes = numbered(24 * mebibyte, 5);
    const { blobId } = await store.put(bytes);
    const chunks: Uint8Array[] = [];
    let taken = 0;
    let cuts = 0;
    for await (const chunk of (await store.get(blobId)) ?? []) {
      chunks.push(chunk);
      taken += chunk.length;
      if (taken > (cuts + 1) * 4 * mebibyte) {
        cuts += 1;
        proxy.cut();
      }
    }
    expect(cuts).toBeGreaterThan(3);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test("a download that gets no byte any more is STORE_UNAVAILABLE in time", async () => {
    await using opened = await openProxied(1_500);
    const { store, direct, proxy } = opened;
    // More than the proxy and the sockets have taken in before the first chunk is seen.
    const { blobId } = await direct.put(numbered(64 * mebibyte, 6));
    const reading = async () => {
      const found = await store.get(blobId);
      if (!found) throw new Error("The blob is not found.");
      let taken = 0;
      for await (const chunk of found) {
        // Once: a new mode ends the one before, and a hole that ends gives out what it holds.
        if (taken === 0) await proxy.mode("black hole");
        taken += chunk.length;
      }
      return `the end after ${taken} bytes`;
    };
    const began = performance.now();
    await expect(reading()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(performance.now() - began).toBeLessThan(10_000);
    await proxy.mode("pass");
  });

  test("connections cut again and again: what is acknowledged is whole", async () => {
    await using opened = await openProxied(5_000);
    const { store, direct, proxy } = opened;
    await store.ping();
    const cutting = setInterval(() => proxy.cut(), 150);
    const blobs = [9, 12, 18, 25].map((mebibytes) => numbered(mebibytes * mebibyte, mebibytes));
    const outcomes = await Promise.all(blobs.map((bytes) => unlessUnavailable(store.put(inChunks(bytes)))));
    clearInterval(cutting);
    for (const [index, bytes] of blobs.entries()) {
      const found = await read(direct, sha256(bytes));
      if (outcomes[index]) expect(found).toBeDefined();
      if (found) expect(found.equals(bytes)).toBe(true);
    }
  });
});
