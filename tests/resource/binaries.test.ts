/** Binary content through a manager: every way in and out, without a face. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigurationError } from "../../src/base/errors.ts";
import { binary } from "../../src/model/binary.ts";
import { memoryBlobStore } from "../../src/stores/blob/drivers/memory.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import { openModel } from "./open-model.ts";

const schema = z.object({
  title: z.string(),
  file: binary().nullish(),
  small: binary({ maxBytes: 4 }).nullish(),
  byName: z.record(z.string(), binary({ types: ["text/plain"] })).optional(),
});
const open = () => openModel("Doc", schema);
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const base64 = (text: string, contentType?: string) => ({
  base64: { data: Buffer.from(text).toString("base64"), ...(contentType && { contentType }) },
});

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("bytes come in", () => {
  test.each<[string, () => Uint8Array | Blob | AsyncIterable<Uint8Array>]>([
    ["an array", () => Buffer.from("hello")],
    ["a blob", () => new Blob(["hello"], { type: "text/markdown" })],
    ["a Node stream", () => Readable.from([Buffer.from("hel"), Buffer.from("lo")])],
    ["a web stream", () => new Blob(["hello"]).stream() as unknown as AsyncIterable<Uint8Array>],
  ])("as %s", async (_name, source) => {
    const { manager } = open();
    const { meta, data } = await manager.create({ title: "a", file: { file: source(), contentType: "text/plain" } });
    expect(data.file).toEqual({ fileId: sha256("hello"), size: 5, contentType: "text/plain" });
    const blob = await manager.getBlob(meta.resourceId, sha256("hello"));
    expect([blob.size, blob.contentType, await textOf(blob.bytes)]).toEqual([5, "text/plain", "hello"]);
  });

  test("with the type that a Blob says", async () => {
    const { data } = await open().manager.create({
      title: "a",
      file: { file: new Blob(["#"], { type: "text/markdown" }) },
    });
    expect(data.file?.contentType).toBe("text/markdown");
  });

  test("once, though the write is planned again because another was faster", async () => {
    const meta = memoryMetaStore();
    let losses = 2;
    const contested: typeof meta = {
      ...meta,
      async commit(commit) {
        const [write] = commit.writes;
        if (write?.previous && losses-- > 0) {
          const head = (await meta.heads([write.resourceId]))[0] ?? null;
          return { isCommitted: false, conflicts: new Map([[write.resourceId, head]]), violations: new Map() };
        }
        return await meta.commit(commit);
      },
    };
    const { manager } = openModel("Doc", schema, { services: { meta: contested } });
    const { meta: made } = await manager.create({ title: "a" });
    const source = Readable.from([Buffer.from("once")]);
    const { data } = await manager.update(made.resourceId, { title: "b", file: { file: source } });
    expect([losses, data.file?.fileId]).toEqual([-1, sha256("once")]);
  });

  test("however slowly, without keeping other writers of the resource waiting", async () => {
    const { manager } = open();
    const { meta } = await manager.create({ title: "a" });
    let send = () => {};
    const sent = new Promise<void>((resolve) => {
      send = resolve;
    });
    const source = (async function* () {
      yield Buffer.from("slow");
      await sent;
    })();
    const slow = manager.update(meta.resourceId, { title: "slow", file: { file: source } });
    expect((await manager.update(meta.resourceId, { title: "fast" })).revision.revisionId).toBe(`${meta.resourceId}:2`);
    send();
    expect((await slow).revision.revisionId).toBe(`${meta.resourceId}:3`);
  });

  test("not at all where the rest of the input is invalid", async () => {
    const blob = memoryBlobStore();
    const { manager } = openModel("Doc", schema, { services: { blob } });
    let isRead = false;
    const source = (async function* () {
      isRead = true;
      yield Buffer.from("x");
    })();
    const refused = manager.create({ title: 5 as never, file: { file: source } });
    await expect(refused).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
    expect(isRead).toBe(false);
  });

  test("up to the field's limit, whichever way, and a source that is too long is ended", async () => {
    const { manager } = open();
    let isEnded = false;
    const endless = (async function* () {
      try {
        for (;;) yield Buffer.from("xxx");
      } finally {
        isEnded = true;
      }
    })();
    for (const small of [{ file: endless }, base64("12345"), { file: Buffer.alloc(5) }]) {
      await expect(manager.create({ title: "a", small })).rejects.toMatchObject({
        code: "PAYLOAD_TOO_LARGE",
        details: { path: ["small"], maxBytes: 4 },
      });
    }
    expect(isEnded).toBe(true);
    expect((await manager.create({ title: "a", small: base64("1234") })).data.small?.size).toBe(4);
  });

  test("of the field's types, with the path where they are not", async () => {
    const { manager } = open();
    await expect(manager.create({ title: "a", byName: { x: base64("GIF89a", "text/plain") } })).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
      details: { issues: [{ path: ["byName", "x"] }] },
    });
    const { data } = await manager.create({ title: "a", byName: { x: base64("text", "text/plain") } });
    expect(data.byName?.x?.contentType).toBe("text/plain");
  });

  test("and what a source throws fails the write with it", async () => {
    const { manager } = open();
    const broken = new Error("the disk I read from broke");
    const source = (async function* () {
      yield Buffer.from("x");
      throw broken;
    })();
    await expect(manager.create({ title: "a", file: { file: source } })).rejects.toBe(broken);
    expect(await manager.count()).toBe(0);
  });
});

describe("bytes go out", () => {
  test("of an earlier revision by its id", async () => {
    const { manager } = open();
    const { meta, revision } = await manager.create({ title: "a", file: base64("first") });
    await manager.update(meta.resourceId, { title: "a", file: base64("second") });
    await expect(manager.getBlob(meta.resourceId, sha256("first"))).rejects.toMatchObject({ code: "BLOB_NOT_FOUND" });
    const old = await manager.getBlob(meta.resourceId, sha256("first"), { revisionId: revision.revisionId });
    expect(await textOf(old.bytes)).toBe("first");
  });

  test("within an input that makes the same data elsewhere", async () => {
    const { manager } = open();
    const { meta, data } = await manager.create({
      title: "a",
      file: base64("hello", "text/plain"),
      byName: { x: base64("x", "text/plain") },
    });
    const restored = await manager.restoreBinary(meta.resourceId);
    expect(restored).toEqual({
      title: "a",
      file: base64("hello", "text/plain"),
      byName: { x: base64("x", "text/plain") },
    });
    const elsewhere = await openModel("Doc", schema).manager.create(restored);
    expect(elsewhere.data).toEqual(data);
  });

  test("of no other model's resource", async () => {
    const { manager } = open();
    await manager.create({ title: "a", file: base64("hello") });
    await expect(manager.getBlob("other:1", sha256("hello"))).rejects.toMatchObject({ code: "BLOB_NOT_FOUND" });
  });
});

test("who holds a blob is noted before the write commits, and kept bytes are not noted again", async () => {
  const blob = memoryBlobStore();
  const noted: string[] = [];
  const holders = {
    ...blob.holders,
    add: (blobId: string, holder: string, note: string) => {
      noted.push(`${holder} ${blobId}`);
      return blob.holders.add(blobId, holder, note);
    },
  };
  const { manager } = openModel("Doc", schema, { services: { blob: { ...blob, holders } } });
  const { meta } = await manager.create({ title: "a", file: base64("x") }, { resourceId: "doc:1" });
  expect(noted).toEqual([`doc:1 ${sha256("x")}`]);
  await manager.patch(meta.resourceId, [{ op: "replace", path: "/title", value: "b" }]);
  expect(noted).toHaveLength(1);
  await manager.create({ title: "c", file: { fileId: sha256("x") } }, { resourceId: "doc:2" });
  expect(noted[1]).toBe(`doc:2 ${sha256("x")}`);
});

test.each([{ maxBytes: 0 }, { maxBytes: 1.5 }, { types: ["png"] }, { types: ["*/*"] }])(
  "binary(%j) is refused",
  (options) => {
    expect(() => binary(options)).toThrow(ConfigurationError);
  },
);
