/** `GET /blobs/{fileId}` over the real server: who gets what, and RFC 9110. */
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BlobGateway, createDoc, docOf, png, startBlobGateway } from "./blob-gateway.ts";

const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, i) => i % 251));
let server: BlobGateway;
let fileId: string;
let resourceId: string;
let url: string;

const base64 = (content: Uint8Array | string, contentType?: string) => ({
  base64: { data: Buffer.from(content).toString("base64"), ...(contentType && { contentType }) },
});

beforeAll(async () => {
  server = await startBlobGateway();
  const doc = docOf(await server.graphql(createDoc, { data: { title: "a", file: base64(bytes, "audio/x-raw") } }));
  ({ resourceId } = doc.meta);
  ({ fileId, url } = doc.data.file);
});
afterAll(() => server[Symbol.asyncDispose]());

const blobUrl = (id: string, query = "") => `${server.origin}/blobs/${id}${query}`;
const get = (headers: Record<string, string> = {}, to = blobUrl(fileId)) => fetch(to, { headers });

describe("a download", () => {
  test("gives the bytes with type, size, ETag and no room for guesses", async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "audio/x-raw",
      "content-length": "400000",
      etag: `"${fileId}"`,
      "accept-ranges": "bytes",
      "x-content-type-options": "nosniff",
      "content-disposition": `inline; filename="${fileId.slice(0, 16)}.raw"`,
      "cache-control": "private, no-cache",
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test("answers HEAD as GET, without the bytes", async () => {
    const response = await fetch(blobUrl(fileId), { method: "HEAD", headers: { range: "bytes=0-1" } });
    expect([response.status, response.headers.get("content-length")]).toEqual([200, "400000"]);
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });

  test("without a server is the same", async () => {
    const response = await server.gateway.fetch(new Request(blobUrl(fileId), { headers: { range: "bytes=5-9" } }));
    expect(response.status).toBe(206);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes.subarray(5, 10));
  });

  test.each([
    ["bytes=0-99", 0, 100],
    ["bytes=399990-", 399_990, 400_000],
    ["bytes=-10", 399_990, 400_000],
    ["bytes=-900000", 0, 400_000],
    ["bytes=100-900000", 100, 400_000],
    ["bytes=0-0", 0, 1],
  ])("answers 206 to the range %s", async (range, start, end) => {
    const response = await get({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/400000`);
    expect(response.headers.get("content-length")).toBe(String(end - start));
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(start, end))).toBe(true);
  });

  test.each(["bytes=400000-", "bytes=999999999999999-", "bytes=-0"])("answers 416 to the range %s", async (range) => {
    const response = await get({ range });
    expect(response.status).toBe(416);
    expect(response.headers.get("content-range")).toBe("bytes */400000");
  });

  test.each([
    "bytes=9-1",
    "lines=1-2",
    "bytes=a-b",
    "bytes=",
    "bytes=0-1,5-6",
    "bytes=1e3-",
    `bytes=${"9".repeat(20)}-`,
  ])("ignores the range %s, as one may", async (range) => {
    expect((await get({ range })).status).toBe(200);
  });

  test("obeys If-Range and If-None-Match", async () => {
    expect((await get({ range: "bytes=0-1", "if-range": `"${fileId}"` })).status).toBe(206);
    expect((await get({ range: "bytes=0-1", "if-range": '"other"' })).status).toBe(200);
    expect((await get({ range: "bytes=0-1", "if-range": "Sat, 01 Jan 2028 00:00:00 GMT" })).status).toBe(200);
    const known = await get({ "if-none-match": `"other", W/"${fileId}"` });
    expect([known.status, await known.text()]).toEqual([304, ""]);
    expect((await get({ "if-none-match": '"other"' })).status).toBe(200);
  });

  test.each([
    ["<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", undefined, "image/svg+xml", "attachment"],
    ["<!doctype html><script>1</script>", "image/png", "text/html", "attachment"],
    ["<b>bold</b>", "text/plain", "text/plain", "inline"],
    ["%PDF-1.7", undefined, "application/pdf", "inline"],
    ["PK\x03\x04", "application/epub+zip", "application/epub+zip", "attachment"],
    ["anything", "application/xhtml+xml", "application/xhtml+xml", "attachment"],
    ["anything", undefined, "application/octet-stream", "attachment"],
  ])("of %j called %s is %s, %s", async (content, claimed, type, disposition) => {
    const doc = docOf(await server.graphql(createDoc, { data: { title: "t", file: base64(content, claimed) } }));
    const response = await get({}, doc.data.file.url);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("content-disposition")).toMatch(new RegExp(`^${disposition};`));
  });

  test("of equal bytes is what each resource calls them", async () => {
    const text = "a,b\n1,2\n";
    const first = docOf(await server.graphql(createDoc, { data: { title: "1", file: base64(text, "text/csv") } }));
    const second = docOf(await server.graphql(createDoc, { data: { title: "2", file: base64(text, "text/plain") } }));
    expect(first.data.file.fileId).toBe(second.data.file.fileId);
    for (const { meta, data } of [first, second]) {
      const response = await get({}, blobUrl(data.file.fileId, `?resourceId=${meta.resourceId}`));
      expect(response.headers.get("content-type")).toBe(data.file.contentType);
      expect((await get({}, data.file.url)).headers.get("content-type")).toBe(data.file.contentType);
    }
  });

  test.each(["POST", "PUT", "DELETE", "PATCH"])("takes no %s", async (method) => {
    const response = await fetch(blobUrl(fileId), { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  });

  test("to a reader who stops is let go, and holds nobody else up", async () => {
    const large = docOf(
      await server.graphql(createDoc, { data: { title: "l", file: base64(Buffer.alloc(700_000, 1)) } }),
    );
    for (let i = 0; i < 20; i++) {
      await new Promise<void>((resolve) => {
        httpRequest(large.data.file.url, (response) => {
          response.once("data", () => {
            response.destroy();
            resolve();
          });
        }).end();
      });
    }
    expect((await (await get({}, large.data.file.url)).arrayBuffer()).byteLength).toBe(700_000);
  });
});

describe("a blob that is not there for the caller is 404", () => {
  const notFound = async (to: string, headers: Record<string, string> = {}) => {
    const response = await get(headers, to);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ status: 404, code: "BLOB_NOT_FOUND" });
  };

  test.each(["0".repeat(64), "x", "..%2f..%2fetc%2fpasswd", "%00", "a/b", ""])("by the id %j", (id) =>
    notFound(blobUrl(id)),
  );

  test("by a link that is forged, expired, or for another blob", async () => {
    await using other = await startBlobGateway({ authenticate: () => null });
    const link = new URL(url);
    const to = (change: (query: URLSearchParams) => void) => {
      const query = new URLSearchParams(link.search);
      change(query);
      return `${other.origin}/blobs/${"0".repeat(64)}?${query}`;
    };
    await notFound(to(() => {}));
    await notFound(to((query) => query.set("expires", "99999999999")));
    await notFound(to((query) => query.set("type", "text/html")));
    await notFound(to((query) => query.delete("signature")));
  });

  test("in a resource that is deleted, until it is restored; but by the revision", async () => {
    const doc = docOf(await server.graphql(createDoc, { data: { title: "d", file: base64("deleted") } }));
    const id = doc.data.file.fileId;
    const { resourceId } = doc.meta;
    await server.files.delete(resourceId);
    await notFound(blobUrl(id));
    await notFound(blobUrl(id, `?resourceId=${resourceId}`));
    expect((await get({}, blobUrl(id, `?revisionId=${resourceId}:1`))).status).toBe(200);
    await server.files.restore(resourceId);
    expect((await get({}, blobUrl(id))).status).toBe(200);
    await server.files.purge(resourceId);
    await notFound(blobUrl(id));
    await notFound(blobUrl(id, `?revisionId=${resourceId}:1`));
  });

  test("in an earlier revision only, unless that is named", async () => {
    const doc = docOf(await server.graphql(createDoc, { data: { title: "r", file: base64("first content") } }));
    const id = doc.data.file.fileId;
    const { resourceId } = doc.meta;
    await server.files.update(resourceId, { title: "r", file: base64("second content") });
    await notFound(blobUrl(id));
    await notFound(blobUrl(id, `?resourceId=${resourceId}`));
    await notFound(blobUrl(id, `?revisionId=${resourceId}:2`));
    await notFound(blobUrl(id, `?revisionId=${resourceId}:3`));
    const old = await get({}, blobUrl(id, `?revisionId=${encodeURIComponent(`${resourceId}:1`)}`));
    expect(await old.text()).toBe("first content");
  });
});

describe("bytes that are there already", () => {
  test("are stored once for 1,000 uploads of them, at once", async () => {
    await using other = await startBlobGateway();
    const content = base64(Buffer.alloc(3000, 3));
    const made = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => other.files.create({ title: `${i}`, file: content })),
    );
    const ids = new Set(made.map(({ data }) => data.file?.fileId));
    expect(await other.onDisk()).toEqual({ blobs: [...ids], unfinished: [] });
  });

  test("are referred to by fileId from another resource, which keeps them alive", async () => {
    const first = docOf(
      await server.graphql(createDoc, { data: { title: "1", file: base64("shared bytes", "text/plain") } }),
    );
    const { fileId: shared } = first.data.file;
    const second = docOf(await server.graphql(createDoc, { data: { title: "2", file: { fileId: shared } } }));
    expect(second.data.file).toMatchObject({ fileId: shared, size: "12", contentType: "text/plain" });
    await server.files.purge(first.meta.resourceId);
    expect(await (await get({}, blobUrl(shared))).text()).toBe("shared bytes");
  });

  test("obey the limits of the field that refers to them", async () => {
    const refer = (field: string) => server.graphql(createDoc, { data: { title: "x", [field]: { fileId } } });
    expect((await refer("small")).errors?.[0]?.extensions).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      path: ["small"],
    });
    const text = docOf(await server.graphql(createDoc, { data: { title: "t", file: base64("hi", "image/png") } }));
    const spoofed = await server.graphql(createDoc, {
      data: { title: "x", picture: { fileId: text.data.file.fileId } },
    });
    expect(spoofed.errors?.[0]?.extensions).toMatchObject({
      code: "VALIDATION_FAILED",
      issues: [{ path: ["picture"] }],
    });
    const picture = docOf(await server.graphql(createDoc, { data: { title: "p", file: base64(png) } }));
    const taken = await server.graphql(createDoc, {
      data: { title: "x", picture: { fileId: picture.data.file.fileId } },
    });
    expect(taken.errors).toBeUndefined();
  });

  test("are named by who calls a manager with the resource that holds them", async () => {
    const made = await server.files.create({ title: "m", file: { fileId, resourceId } });
    expect(made.data.file).toMatchObject({ fileId, contentType: "audio/x-raw" });
    const wrong = server.files.create({ title: "m", file: { fileId, resourceId: "note:1" } });
    await expect(wrong).rejects.toMatchObject({ code: "BLOB_NOT_FOUND" });
  });
});
