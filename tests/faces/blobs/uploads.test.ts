/** `prepareUpload`, PUT, `completeUpload` over the real server, where the blob store takes no uploads itself. */
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BlobStore } from "../../../src/stores/blob/blob-store.ts";
import { memoryBlobStore } from "../../../src/stores/blob/drivers/memory.ts";
import { type BlobGateway, createDoc, docOf, png, startBlobGateway } from "./blob-gateway.ts";

let server: BlobGateway;
beforeAll(async () => {
  server = await startBlobGateway({ maxUploadBytes: 50_000_000 });
  await server.gateway.fetch(new Request(`${server.origin}/health/ready`));
});
afterAll(() => server[Symbol.asyncDispose]());

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

interface Prepared {
  readonly uploadId: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly expires: string;
}

const prepareUpload = /* GraphQL */ `
  mutation ($contentType: String!, $size: BigInt!, $sha256: String!) {
    prepareUpload(contentType: $contentType, size: $size, sha256: $sha256) { uploadId url method headers expires }
  }
`;

async function prepare(bytes: Uint8Array | string, contentType = "text/plain", actor = "ann"): Promise<Prepared> {
  const wish = { contentType, size: String(Buffer.byteLength(bytes)), sha256: sha256(bytes) };
  const answer = await server.graphql(prepareUpload, wish, { "x-actor": actor });
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data?.prepareUpload as unknown as Prepared;
}

const put = ({ url, method, headers }: Prepared, body: Uint8Array | string) =>
  fetch(url, { method, headers, body: body as string });

const complete = (uploadId: string, actor = "ann") =>
  server.graphql(
    "mutation ($id: ID!) { completeUpload(uploadId: $id) { fileId size contentType } }",
    { id: uploadId },
    { "x-actor": actor },
  );

describe("an upload", () => {
  test("brings bytes that the same actor may then refer to, and nobody else", async () => {
    const prepared = await prepare(png, "image/png");
    expect(prepared.method).toBe("PUT");
    expect(Date.parse(prepared.expires)).toBeGreaterThan(Date.now());
    expect((await put(prepared, png)).status).toBe(204);
    const early = await server.graphql(createDoc, { data: { title: "e", file: { fileId: sha256(png) } } });
    expect(early.errors?.[0]?.extensions.code).toBe("BLOB_NOT_FOUND");
    const completed = await complete(prepared.uploadId);
    expect(completed.data?.completeUpload).toEqual({
      fileId: sha256(png),
      size: String(png.length),
      contentType: "image/png",
    });
    const theirs = await server.graphql(
      createDoc,
      { data: { title: "b", picture: { fileId: sha256(png) } } },
      { "x-actor": "bob" },
    );
    expect(theirs.errors?.[0]?.extensions.code).toBe("BLOB_NOT_FOUND");
    const doc = await server.graphql(createDoc, { data: { title: "p", picture: { fileId: sha256(png) } } });
    expect(doc.data?.createDoc?.data).toMatchObject({ picture: { fileId: sha256(png), contentType: "image/png" } });
  });

  test("may be completed again, and its type is what the bytes show", async () => {
    const page = "<!doctype html><script>1</script>";
    const prepared = await prepare(page, "image/png");
    await put(prepared, page);
    expect((await complete(prepared.uploadId)).data).toEqual((await complete(prepared.uploadId)).data);
    const doc = docOf(await server.graphql(createDoc, { data: { title: "p", file: { fileId: sha256(page) } } }));
    expect(doc.data.file.contentType).toBe("text/html");
  });

  test("of nobody, of too much, of a type that is none, or of a hash that is none is refused at once", async () => {
    const wish = { contentType: "a/b", size: "1", sha256: sha256("x") };
    const code = async (changes: object) =>
      (await server.graphql(prepareUpload, { ...wish, ...changes })).errors?.[0]?.extensions.code;
    expect(await code({ size: "50000001" })).toBe("PAYLOAD_TOO_LARGE");
    expect(await code({ size: "-1" })).toBe("VALIDATION_FAILED");
    expect(await code({ contentType: "a/b\r\nx: y" })).toBe("VALIDATION_FAILED");
    expect(await code({ sha256: "../x" })).toBe("VALIDATION_FAILED");
    await using open = await startBlobGateway({ authenticate: () => null });
    expect((await open.graphql(prepareUpload, wish)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  });

  test("is not complete before its bytes are here, nor for another actor, nor by another's id", async () => {
    const text = "not yet";
    const prepared = await prepare(text);
    const code = async (id: string, actor?: string) => (await complete(id, actor)).errors?.[0]?.extensions.code;
    expect(await code(prepared.uploadId)).toBe("BLOB_NOT_FOUND");
    await put(prepared, text);
    expect(await code(prepared.uploadId, "bob")).toBe("BLOB_NOT_FOUND");
    const [body = "", signature = ""] = prepared.uploadId.split(".");
    const ticket = JSON.parse(Buffer.from(body, "base64url").toString());
    const forged = Buffer.from(JSON.stringify({ ...ticket, actor: "bob" })).toString("base64url");
    for (const id of [`${forged}.${signature}`, `${body}.${signature}x`, body, "", ".", "x.y"]) {
      expect(await code(id, "bob")).toBe("BLOB_NOT_FOUND");
    }
    expect(await code(prepared.uploadId)).toBeUndefined();
  });

  test.each([
    ["fewer bytes", "announced", "announce", 422],
    ["more bytes", "announced", "announced and more", 413],
    ["other bytes", "announced", "something", 422],
  ])("of %s than announced is refused and keeps nothing", async (_name, announced, brought, status) => {
    const before = await server.onDisk();
    const prepared = await prepare(announced);
    expect((await put(prepared, brought)).status).toBe(status);
    expect(await server.onDisk()).toEqual(before);
    expect((await complete(prepared.uploadId)).errors?.[0]?.extensions.code).toBe("BLOB_NOT_FOUND");
  });

  test.each(["x", "x.y", "..%2f..%2fetc", ""])("to the forged id %j is 404", async (id) => {
    const response = await fetch(`${server.origin}/uploads/${id}`, { method: "PUT", body: "x" });
    expect([response.status, await response.json()]).toMatchObject([404, { code: "BLOB_NOT_FOUND" }]);
  });

  test("that is too large in the middle is answered before it ends", async () => {
    const prepared = await prepare("small");
    const response = await put(prepared, Buffer.alloc(20_000_000));
    expect(response.status).toBe(413);
  });

  test("whose sender goes away leaves nothing", async () => {
    const before = await server.onDisk();
    const prepared = await prepare(Buffer.alloc(4_000_000));
    const { port, hostname, pathname } = new URL(prepared.url);
    const socket = connect(Number(port), hostname);
    socket.write(`PUT ${pathname} HTTP/1.1\r\nhost: x\r\ncontent-length: 4000000\r\n\r\n`);
    socket.write(Buffer.alloc(1_000_000));
    await server.whenUnfinished(1);
    socket.destroy();
    await server.whenUnfinished(0);
    expect(await server.onDisk()).toEqual(before);
  });

  test("may wait for the store longer than its sender may stall", async () => {
    const store = memoryBlobStore();
    const lazy: BlobStore = {
      ...store,
      async put(source) {
        const stored = await store.put(source);
        await new Promise((resolve) => setTimeout(resolve, 600));
        return stored;
      },
    };
    await using slow = await startBlobGateway({ blob: lazy, slowConsumerTimeoutMs: 150 });
    const answer = await slow.graphql(prepareUpload, { contentType: "a/b", size: "3", sha256: sha256("abc") });
    const { url = "" } = (answer.data?.prepareUpload ?? {}) as Partial<Prepared>;
    expect((await fetch(url, { method: "PUT", body: "abc" })).status).toBe(204);
    const { json } = await slow.multipart([
      ["operations", JSON.stringify({ query: createDoc, variables: { data: { title: "m", file: { file: null } } } })],
      ["map", JSON.stringify({ 0: ["variables.data.file.file"] })],
      ["0", new File(["def"], "x")],
    ]);
    expect(docOf(json).data.file.fileId).toBe(sha256("def"));
  });

  test("that stalls is cut off", async () => {
    await using slow = await startBlobGateway({ slowConsumerTimeoutMs: 150 });
    const wish = { contentType: "a/b", size: "4000000", sha256: sha256(Buffer.alloc(4_000_000)) };
    const answer = await slow.graphql(prepareUpload, wish);
    const { url = "" } = (answer.data?.prepareUpload ?? {}) as Partial<Prepared>;
    const { port, hostname, pathname } = new URL(url);
    const socket = connect(Number(port), hostname);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    socket.resume();
    socket.write(`PUT ${pathname} HTTP/1.1\r\nhost: x\r\ncontent-length: 4000000\r\n\r\nabc`);
    await closed;
    await slow.whenUnfinished(0);
  });
});
