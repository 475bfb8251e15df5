import { createHash, hash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import type { BlobStore, DirectTransfer } from "../../../src/stores/blob/blob-store.ts";
import { blobStoreSuite } from "../../conformance/blob-store.suite.ts";
import { type FreshBucket, s3Client, skippedWithoutS3 } from "../../servers/s3.ts";
import { openS3BlobStore } from "./s3-fixture.ts";

const reason = await skippedWithoutS3();
const mebibyte = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => hash("sha256", bytes, "hex");

async function keysIn({ bucket, ...place }: FreshBucket): Promise<string[]> {
  const client = s3Client(place);
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  client.destroy();
  return Contents.map(({ Key = "" }) => Key.replace("prefix/", ""));
}

/** Bytes that differ from chunk to chunk, and their hash when all have been taken. */
function numbered(mebibytes: number) {
  const sum = createHash("sha256");
  const source = async function* () {
    const chunk = Buffer.alloc(mebibyte, "weft ");
    for (let index = 0; index < mebibytes; index++) {
      chunk.writeUInt32LE(index, 0);
      sum.update(chunk);
      yield chunk;
    }
  };
  return { source: source(), blobId: () => sum.copy().digest("hex") };
}

async function hashOf(store: BlobStore, blobId: string): Promise<string> {
  const sum = createHash("sha256");
  for await (const chunk of (await store.get(blobId)) ?? []) sum.update(chunk);
  return sum.digest("hex");
}

function directOf(store: BlobStore): DirectTransfer {
  if (!store.direct) throw new Error("S3 has direct transfer");
  return store.direct;
}

describe.skipIf(reason !== "")(`on S3 ${reason}`, () => {
  blobStoreSuite("s3", () => openS3BlobStore());

  test("a large stream is one object, read back whole, in ranges and by its hash; nothing temporary is left", async () => {
    await using opened = await openS3BlobStore();
    const { store, fresh } = opened;
    const { source, blobId } = numbered(75);
    expect(await store.put(source)).toEqual({ blobId: blobId(), size: 75 * mebibyte });
    expect(await hashOf(store, blobId())).toBe(blobId());
    const part: Uint8Array[] = [];
    for await (const chunk of (await store.get(blobId(), { start: 70 * mebibyte - 2, end: 70 * mebibyte + 4 })) ?? []) {
      part.push(chunk);
    }
    expect([...Buffer.concat(part).subarray(2)]).toEqual([70, 0, 0, 0]);
    const again = numbered(75);
    expect((await store.put(again.source)).blobId).toBe(blobId());
    expect(await keysIn(fresh)).toEqual(["FORMAT", `data/${blobId()}`]);
  });

  test("200 MB up and down take less than 150 MB of memory", async () => {
    await using opened = await openS3BlobStore();
    const { store } = opened;
    await store.put(numbered(20).source);
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 20);
    const { source, blobId } = numbered(200);
    await store.put(source);
    expect(await hashOf(store, blobId())).toBe(blobId());
    clearInterval(watch);
    expect((most - before) / mebibyte).toBeLessThan(150);
  });

  test.each([
    ["notes a blob", async (store: BlobStore, blobId: string) => store.holders.add(blobId, "zone:1", "")],
    ["puts its bytes again", async (store: BlobStore) => (await store.put(Buffer.from("old"))).size === 3],
  ])(
    "who %s between a collector's last look and its deletion waits for it, and learns what became of it",
    async (_, act) => {
      await using opened = await openS3BlobStore();
      const { store, fresh, reopen } = opened;
      const { blobId } = await store.put(Buffer.from("old"));
      await delay(2100);
      const client = s3Client(fresh);
      let begun: Promise<boolean> | undefined;
      client.middlewareStack.add(
        (next) => async (request) => {
          const { Delete } = request.input as { Delete?: { Objects: { Key: string }[] } };
          if (Delete?.Objects.some(({ Key }) => Key.endsWith(`data/${blobId}`)) && !begun) {
            begun = act(store, blobId);
            await delay(500);
          }
          return await next(request);
        },
        { step: "initialize" },
      );
      const collector = await reopen({ client });
      await collector.delete([blobId], { writtenBefore: new Date() });
      const isThere = await begun;
      expect(isThere).toBeDefined();
      expect((await store.size(blobId)) !== undefined).toBe(isThere);
      expect((await keysIn(fresh)).filter((key) => key.startsWith("tmp/"))).toEqual([]);
      await collector.close();
      client.destroy();
    },
  );

  test("a mark that a collector's crash has left holds nobody up without an end: for a time the answer is to try again", async () => {
    await using opened = await openS3BlobStore();
    const { store, fresh } = opened;
    const { blobId } = await store.put(Buffer.from("held"));
    const client = s3Client(fresh);
    const Key = `prefix/tmp/condemned-${blobId}-crashed`;
    await client.send(new PutObjectCommand({ Bucket: fresh.bucket, Key, Body: new Uint8Array() }));
    client.destroy();
    const noting = store.holders.add(blobId, "zone:1", "");
    await expect(noting).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await store.holders.note(blobId, "zone:1")).toBe("");
  }, 40_000);

  test("a large stream that fails leaves nothing: no object, no upload", async () => {
    await using opened = await openS3BlobStore();
    const { store, fresh } = opened;
    const broken = new Error("the caller went away");
    const source = async function* () {
      yield Buffer.alloc(30 * mebibyte);
      throw broken;
    };
    await expect(store.put(source())).rejects.toBe(broken);
    expect(await keysIn(fresh)).toEqual(["FORMAT"]);
    const client = s3Client(fresh);
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: fresh.bucket }));
    expect(Uploads).toEqual([]);
    client.destroy();
  });

  test("uploads that others have begun today are left alone when a store is opened", async () => {
    await using opened = await openS3BlobStore();
    const { store, fresh } = opened;
    const client = s3Client(fresh);
    await client.send(new CreateMultipartUploadCommand({ Bucket: fresh.bucket, Key: "prefix/tmp/young" }));
    await store.put(Buffer.from("bytes"));
    await store.close();
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: fresh.bucket }));
    expect(Uploads.map(({ Key }) => Key)).toEqual(["prefix/tmp/young"]);
    client.destroy();
  });

  test("a presigned download answers with the headers asked for, in ranges too, and ends in time", async () => {
    await using opened = await openS3BlobStore();
    const { store } = opened;
    const { blobId } = await store.put(Buffer.from("0123456789"));
    const contentDisposition = "attachment; filename*=UTF-8''a%20b.txt";
    const answer = { contentType: "text/plain; charset=utf-8", contentDisposition };
    const url = await directOf(store).downloadUrl(blobId, { ...answer, expiresSeconds: 60 });
    const reply = await fetch(url);
    expect([reply.status, await reply.text()]).toEqual([200, "0123456789"]);
    expect(reply.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(reply.headers.get("content-disposition")).toBe(contentDisposition);
    const part = await fetch(url, { headers: { range: "bytes=2-4" } });
    expect([part.status, await part.text()]).toEqual([206, "234"]);
    const brief = await directOf(store).downloadUrl(blobId, { ...answer, expiresSeconds: 1 });
    await expect.poll(async () => (await fetch(brief)).status, { timeout: 5_000 }).toBe(403);
  });

  describe("a presigned upload", () => {
    const bytes = Buffer.from("brought by the client itself");
    const blob = { blobId: sha256(bytes), size: bytes.length };
    const request = { blob, contentType: "text/plain", expiresSeconds: 60 };

    test("takes the bytes that it is for, which are a blob once it is completed, as often as that is said", async () => {
      await using opened = await openS3BlobStore();
      const { store, fresh } = opened;
      const direct = directOf(store);
      const { url, method, headers } = await direct.upload({ ...request, uploadId: "up-1" });
      expect((await fetch(url, { method, headers, body: bytes })).status).toBe(200);
      expect(await store.size(blob.blobId)).toBeUndefined();
      for (let round = 0; round < 3; round++) expect(await direct.completeUpload("up-1", blob)).toBe(true);
      expect(await hashOf(store, blob.blobId)).toBe(blob.blobId);
      expect(await keysIn(fresh)).toEqual(["FORMAT", `data/${blob.blobId}`, "uploads/up-1"]);
    });

    test("refuses other bytes, another size, another type and a later time", async () => {
      await using opened = await openS3BlobStore();
      const direct = directOf(opened.store);
      const { url, method, headers } = await direct.upload({ ...request, uploadId: "up-1" });
      const sent = async (change: { body?: Uint8Array<ArrayBuffer>; headers?: Record<string, string> }) =>
        (await fetch(url, { method, headers, body: bytes, ...change })).status;
      const others = Buffer.from(Uint8Array.from(bytes)).fill("x", 0, 1);
      expect(await sent({ body: others })).toBe(400);
      expect(await sent({ body: bytes.subarray(1) })).toBe(403);
      expect(await sent({ headers: { ...headers, "content-type": "text/html" } })).toBe(403);
      const sum = hash("sha256", others, "base64");
      expect(await sent({ body: others, headers: { ...headers, "x-amz-checksum-sha256": sum } })).toBe(403);
      const { "x-amz-checksum-sha256": _sum, "x-amz-sdk-checksum-algorithm": _name, ...withoutSum } = headers;
      expect(await sent({ body: others, headers: withoutSum })).toBe(403);
      expect(await direct.completeUpload("up-1", blob)).toBe(false);
      expect(await opened.store.size(blob.blobId)).toBeUndefined();
      const brief = await direct.upload({ ...request, uploadId: "up-2", expiresSeconds: 1 });
      await expect
        .poll(async () => (await fetch(brief.url, { method, headers: brief.headers, body: others })).status, {
          timeout: 5_000,
        })
        .toBe(403);
    });

    test("that nobody used completes nothing, though the blob is there by another way", async () => {
      await using opened = await openS3BlobStore();
      const { store } = opened;
      await store.put(bytes);
      const direct = directOf(store);
      await direct.upload({ ...request, uploadId: "up-1" });
      expect(await direct.completeUpload("up-1", blob)).toBe(false);
    });

    test("is no proof for another blob, and is removed then", async () => {
      await using opened = await openS3BlobStore();
      const { store, fresh } = opened;
      const direct = directOf(store);
      const { url, method, headers } = await direct.upload({ ...request, uploadId: "up-1" });
      await fetch(url, { method, headers, body: bytes });
      expect(await direct.completeUpload("up-1", { ...blob, blobId: "0".repeat(64) })).toBe(false);
      expect(await keysIn(fresh)).not.toContain("uploads/up-1");
      expect(await direct.completeUpload("up-1", blob)).toBe(false);
    });

    test("of more than S3 takes at once is refused", async () => {
      await using opened = await openS3BlobStore();
      const large = { ...request, uploadId: "up-1", blob: { ...blob, size: 6 * 1024 ** 3 } };
      await expect(directOf(opened.store).upload(large)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    });
  });
});
