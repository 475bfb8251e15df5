/** The S3 server itself goes away and comes back, on a server of this file's own. */
import { afterAll, describe, expect, test } from "vitest";
import { s3BlobStore } from "../../src/stores/blob/drivers/s3.ts";
import { s3PayloadStore } from "../../src/stores/payload/drivers/s3.ts";
import { parseS3Location } from "../../src/stores/s3/location.ts";
import { freshBucket, skippedWithoutS3 } from "../servers/s3.ts";
import { type S3Server, startS3 } from "../servers/start-s3.ts";

const reason = await skippedWithoutS3();

describe.skipIf(reason !== "")(`S3 killed and started again ${reason}`, () => {
  let server: S3Server | undefined;
  afterAll(() => server?.stop());

  test("no acknowledged payload or blob is lost, calls meanwhile end in time, and the stores go on by themselves", async () => {
    server = await startS3();
    // Not removed: after a kill that takes the server 30 s, and all of it goes away.
    const fresh = await freshBucket(server);
    const { credentials } = fresh;
    const location = parseS3Location(fresh.url);
    const payloads = s3PayloadStore({ location: { ...location, prefix: "payload" }, credentials, timeoutMs: 3_000 });
    const blobs = s3BlobStore({ location: { ...location, prefix: "blob" }, credentials, timeoutMs: 3_000 });
    await payloads.ping();
    await blobs.ping();
    const keys: string[] = [];
    const blobIds: string[] = [];
    let isDone = false;
    let refused = 0;
    let longestMs = 0;
    const writer = async (name: string) => {
      for (let index = 0; !isDone; index++) {
        const key = `hero/hero:${name}/${index}/w`;
        const began = performance.now();
        try {
          await payloads.put(key, Buffer.from(key));
          keys.push(key);
          blobIds.push((await blobs.put(Buffer.from(key))).blobId);
        } catch (error) {
          expect(error).toMatchObject({ code: "STORE_UNAVAILABLE" });
          refused += 1;
        }
        longestMs = Math.max(longestMs, performance.now() - began);
      }
    };
    const writing = Promise.all(["a", "b", "c", "d"].map(writer));
    for (let round = 1; round <= 2; round++) {
      await expect.poll(() => blobIds.length, { timeout: 20_000 }).toBeGreaterThan(50 * round);
      await server.kill();
      await expect(payloads.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      await expect(blobs.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      await server.restart();
      await payloads.ping();
      await blobs.ping();
    }
    const acknowledged = blobIds.length;
    await expect.poll(() => blobIds.length, { timeout: 20_000 }).toBeGreaterThan(acknowledged + 20);
    isDone = true;
    await writing;
    expect(refused).toBeGreaterThan(0);
    // A payload and a blob, each of two calls behind the other at most.
    expect(longestMs).toBeLessThan(4 * 3_000 + 1_000);
    for (const key of keys) expect(Buffer.from((await payloads.get(key)) ?? []).toString()).toBe(key);
    for (const blobId of blobIds) expect(await blobs.size(blobId)).toBeGreaterThan(0);
    await payloads.close();
    await blobs.close();
  });
});
