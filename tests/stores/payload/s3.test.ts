import { hash } from "node:crypto";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { s3PayloadStore } from "../../../src/stores/payload/drivers/s3.ts";
import { parseS3Location } from "../../../src/stores/s3/location.ts";
import { payloadStoreSuite } from "../../conformance/payload-store.suite.ts";
import { freshBucket, s3Client, skippedWithoutS3 } from "../../servers/s3.ts";
import { openS3PayloadStore } from "./s3-fixture.ts";

/** What `freshBucket` does not look for. */
async function removeVersions(client: S3Client, Bucket: string): Promise<void> {
  const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
  await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
}

const reason = await skippedWithoutS3();

describe.skipIf(reason !== "")(`on S3 ${reason}`, () => {
  payloadStoreSuite("s3", () => openS3PayloadStore());

  test("a payload is an object of exactly its bytes, under its key made safe, beside FORMAT", async () => {
    await using opened = await openS3PayloadStore();
    const { store, fresh } = opened;
    await store.put("hero/hero:1/1/w", Buffer.from("bytes"));
    await store.put("hero/../1/w~2", Buffer.from("bytes"));
    const client = s3Client(fresh);
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: fresh.bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual([
      "prefix/FORMAT",
      "prefix/data/hero/!2E!2E/1/w!7E2",
      "prefix/data/hero/hero:1/1/w",
    ]);
    const textOf = async (Key: string) =>
      (await client.send(new GetObjectCommand({ Bucket: fresh.bucket, Key }))).Body?.transformToString();
    expect(await textOf("prefix/data/hero/hero:1/1/w")).toBe("bytes");
    expect(await textOf("prefix/FORMAT")).toBe("weft payload 1\n");
    const sum = { Bucket: fresh.bucket, Key: "prefix/data/hero/hero:1/1/w", ChecksumMode: "ENABLED" } as const;
    // Kept by the server, which has checked it.
    expect((await client.send(new HeadObjectCommand(sum))).ChecksumSHA256).toBe(hash("sha256", "bytes", "base64"));
    client.destroy();
  });

  test("reading alone makes nothing", async () => {
    await using opened = await openS3PayloadStore();
    expect(await opened.store.get("hero/hero:1/1/w")).toBeUndefined();
    const client = s3Client(opened.fresh);
    expect((await client.send(new ListObjectsV2Command({ Bucket: opened.fresh.bucket }))).KeyCount).toBe(0);
    client.destroy();
  });

  test("40 MB go in parts, whole and once, with several ranges of them read at once", async () => {
    await using opened = await openS3PayloadStore();
    const { store } = opened;
    const bytes = Buffer.alloc(40 * 1024 * 1024 + 7);
    for (let at = 0; at + 4 <= bytes.length; at += 4_096) bytes.writeUInt32LE(at, at);
    await store.put("hero/hero:1/1/w", bytes);
    await expect(store.put("hero/hero:1/1/w", bytes)).rejects.toThrow(/written twice/);
    expect(Buffer.compare((await store.get("hero/hero:1/1/w")) ?? Buffer.alloc(0), bytes)).toBe(0);
    const starts = Array.from({ length: 20 }, (_, index) => (19 - index) * 2_000_000);
    const parts = await store.getRanges(
      "hero/hero:1/1/w",
      starts.map((start) => ({ start, end: start + 5_000 })),
    );
    for (const [index, start] of starts.entries()) {
      expect(Buffer.compare(parts?.[index] ?? Buffer.alloc(0), bytes.subarray(start, start + 5_000))).toBe(0);
    }
  });

  test.each([
    ["weft payload 2\n", /layout 2; this version of weft knows layout 1/],
    ["weft blob 1\n", /not weft's payload objects/],
  ])("refuses a prefix whose FORMAT is %j", async (format, message) => {
    await using opened = await openS3PayloadStore();
    const { store, fresh } = opened;
    const client = s3Client(fresh);
    await client.send(new PutObjectCommand({ Bucket: fresh.bucket, Key: "prefix/FORMAT", Body: format }));
    client.destroy();
    await expect(store.ping()).rejects.toThrow(message);
    await expect(store.get("hero/hero:1/1/w")).rejects.toThrow(message);
    await expect(store.put("hero/hero:1/1/w", Buffer.from("a"))).rejects.toThrow(message);
  });

  test("two stores share a prefix, even while both make it", async () => {
    await using opened = await openS3PayloadStore();
    const stores = [opened.store, await opened.reopen()];
    await Promise.all(stores.map((store, index) => store.put(`hero/hero:1/${index}/w`, Buffer.from(`${index}`))));
    for (const store of stores) {
      for (const index of stores.keys()) {
        expect(Buffer.from((await store.get(`hero/hero:1/${index}/w`)) ?? []).toString()).toBe(`${index}`);
      }
    }
    await stores[1]?.close();
  });

  test("a missing bucket and a wrong key are STORE_UNAVAILABLE with their reason, and no secret", async () => {
    await using fresh = await freshBucket();
    const location = parseS3Location(fresh.url);
    const wrongKey = { ...fresh.credentials, secretAccessKey: "a-secret-that-is-wrong" };
    const stores = [
      { options: { location, credentials: wrongKey }, reason: /HTTP 403/ },
      {
        options: { location: { ...location, bucket: `${fresh.bucket}-none` }, credentials: fresh.credentials },
        reason: /HTTP 404/,
      },
    ];
    for (const { options, reason } of stores) {
      const store = s3PayloadStore(options);
      const error = await store.ping().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", cause: { message: expect.stringMatching(reason) } });
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("a-secret-that-is-wrong");
      await expect(store.get("hero/hero:1/1/w")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      await store.close();
    }
  });

  test("on a server that ignores If-None-Match, a key that exists is refused all the same, and the lack is told once", async () => {
    const told: string[] = [];
    await using fresh = await freshBucket();
    const client = s3Client(fresh);
    // The real server, but for the one header.
    client.middlewareStack.add(
      (next) => async (args) => {
        const { request } = args as { request: { headers: Record<string, string> } };
        delete request.headers["if-none-match"];
        return next(args);
      },
      { step: "build", name: "ignoresCondition" },
    );
    const store = s3PayloadStore({
      location: parseS3Location(fresh.url),
      client,
      warn: (message) => told.push(message),
    });
    await store.put("hero/hero:1/1/w", Buffer.from("first"));
    await expect(store.put("hero/hero:1/1/w", Buffer.from("second"))).rejects.toThrow(/written twice/);
    expect(Buffer.from((await store.get("hero/hero:1/1/w")) ?? []).toString()).toBe("first");
    expect(told).toEqual([expect.stringMatching(/ignores If-None-Match/)]);
    await store.close();
    client.destroy();
  });

  test("bytes that were corrupted on their way are refused, and nothing is stored", async () => {
    await using fresh = await freshBucket();
    const client = s3Client(fresh);
    const store = s3PayloadStore({ location: parseS3Location(fresh.url), client });
    await store.ping();
    client.middlewareStack.add(
      (next) => async (args) => {
        const { request } = args as { request: { body?: unknown } };
        if (request.body instanceof Uint8Array) request.body = Uint8Array.from(request.body, (byte) => byte ^ 1);
        return next(args);
      },
      // After the checksum and the signature have been made.
      { step: "finalizeRequest", priority: "low", name: "corrupts" },
    );
    await expect(store.put("hero/hero:1/1/w", Buffer.from("bytes"))).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    expect(await store.get("hero/hero:1/1/w")).toBeUndefined();
    await store.close();
    client.destroy();
  });

  test("examines conditional writes, the clock and what deletion leaves behind", async () => {
    await using opened = await openS3PayloadStore();
    const { store, fresh } = opened;
    const states = async () => (await store.examine?.())?.map(({ subject, state }) => `${subject}: ${state}`);
    expect(await states()).toEqual(["conditional writes: ok", "clock: ok", "versioning: ok"]);
    const client = s3Client(fresh);
    const versioning = { Bucket: fresh.bucket, VersioningConfiguration: { Status: "Enabled" } } as const;
    await client.send(new PutBucketVersioningCommand(versioning));
    expect(await states()).toContain("versioning: warning");
    await removeVersions(client, fresh.bucket);
    client.destroy();
  });
});
