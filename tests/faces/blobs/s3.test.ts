/** Blobs over HTTP where the store takes and gives them itself: presigned URLs of a real S3 server. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { skippedWithoutS3 } from "../../servers/s3.ts";
import { openS3BlobStore } from "../../stores/blob/s3-fixture.ts";
import { createDoc, docOf, startBlobGateway } from "./blob-gateway.ts";

const reason = await skippedWithoutS3();
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

interface Prepared {
  readonly uploadId: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
}

async function start() {
  const opened = await openS3BlobStore();
  const server = await startBlobGateway({ blob: opened.store });
  const prepare = async (bytes: string, actor = "ann"): Promise<Prepared> => {
    const answer = await server.graphql(
      `mutation ($size: BigInt!, $sha256: String!) {
        prepareUpload(contentType: "text/csv", size: $size, sha256: $sha256) { uploadId url method headers }
      }`,
      { size: String(bytes.length), sha256: sha256(bytes) },
      { "x-actor": actor },
    );
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data?.prepareUpload as unknown as Prepared;
  };
  const complete = (uploadId: string, actor = "ann") =>
    server.graphql(
      "mutation ($id: ID!) { completeUpload(uploadId: $id) { fileId size contentType } }",
      { id: uploadId },
      { "x-actor": actor },
    );
  return {
    ...server,
    store: opened.store,
    prepare,
    complete,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await opened[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(reason !== "")(`on S3 ${reason}`, () => {
  test("bytes go straight to the store and come straight from it", async () => {
    await using server = await start();
    const text = "a,b\n1,2\n";
    const { uploadId, url, method, headers } = await server.prepare(text);
    expect(url.startsWith(server.origin)).toBe(false);
    expect((await fetch(url, { method, headers, body: text })).status).toBe(200);
    const completed = await server.complete(uploadId);
    expect(completed.data?.completeUpload).toEqual({ fileId: sha256(text), size: "8", contentType: "text/csv" });
    const doc = docOf(await server.graphql(createDoc, { data: { title: "s", file: { fileId: sha256(text) } } }));
    const redirect = await fetch(doc.data.file.url, { redirect: "manual" });
    expect([redirect.status, redirect.headers.get("cache-control")]).toEqual([307, "no-store"]);
    const followed = await fetch(doc.data.file.url, { headers: { range: "bytes=4-6" } });
    expect([followed.status, await followed.text()]).toEqual([206, "1,2"]);
    expect(followed.headers.get("content-type")).toBe("text/csv");
    expect(followed.headers.get("content-disposition")).toMatch(/^attachment; filename="[0-9a-f]{16}\.csv"$/);
    const head = await fetch(doc.data.file.url, { method: "HEAD", redirect: "manual" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "8"]);
    const presigned = await server.files.getBlobUrl(doc.meta.resourceId, sha256(text));
    expect(await (await fetch(presigned)).text()).toBe(text);
  });

  test("others get neither a redirect nor the bytes by announcing their hash", async () => {
    await using server = await start();
    const text = "ann's own";
    const mine = await server.prepare(text);
    await fetch(mine.url, { method: "PUT", headers: mine.headers, body: text });
    const theirs = await server.prepare(text, "bob");
    const codes = [await server.complete(theirs.uploadId, "bob"), await server.complete(mine.uploadId, "bob")].map(
      ({ errors }) => errors?.[0]?.extensions.code,
    );
    expect(codes).toEqual(["BLOB_NOT_FOUND", "BLOB_NOT_FOUND"]);
    expect((await server.complete(mine.uploadId)).errors).toBeUndefined();
    expect((await server.complete(theirs.uploadId, "bob")).errors?.[0]?.extensions.code).toBe("BLOB_NOT_FOUND");
    const path = `${server.origin}/blobs/${sha256(text)}`;
    expect((await fetch(path, { redirect: "manual", headers: { "x-actor": "bob" } })).status).toBe(404);
    expect((await fetch(path, { redirect: "manual", headers: { "x-actor": "ann" } })).status).toBe(307);
  });

  test("other bytes than announced are not taken", async () => {
    await using server = await start();
    const { uploadId, url, headers } = await server.prepare("announced");
    await fetch(url, { method: "PUT", headers, body: "something" });
    await fetch(url, { method: "PUT", headers, body: "announced and more" });
    expect((await server.complete(uploadId)).errors?.[0]?.extensions.code).toBe("BLOB_NOT_FOUND");
    expect(await server.store.size(sha256("announced"))).toBeUndefined();
    expect(await server.store.size(sha256("something"))).toBeUndefined();
  });

  test("a multipart request flows through the gateway into the bucket", async () => {
    await using server = await start();
    const { json } = await server.multipart([
      ["operations", JSON.stringify({ query: createDoc, variables: { data: { title: "m", file: { file: null } } } })],
      ["map", JSON.stringify({ 0: ["variables.data.file.file"] })],
      ["0", new File([Buffer.alloc(3_000_000, 5)], "x")],
    ]);
    const { fileId } = docOf(json).data.file;
    expect(await server.store.size(fileId)).toBe(3_000_000);
  });
});
