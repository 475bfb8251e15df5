import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { JsonObject } from "../../src/base/json.ts";
import { type BinaryInput, type BinaryValue, binary } from "../../src/model/binary.ts";
import { modelOf, parsed, refusedPaths, typeOf } from "./models.ts";

test("the types of its input and output are exact", () => {
  const schema = z.object({ picture: binary(), scan: binary().optional() });
  expectTypeOf<z.input<typeof schema>>().toEqualTypeOf<{ picture: BinaryInput; scan?: BinaryInput | undefined }>();
  expectTypeOf<z.output<typeof schema>>().toEqualTypeOf<{ picture: BinaryValue; scan?: BinaryValue | undefined }>();
  expectTypeOf<BinaryValue>().toEqualTypeOf<Readonly<{ fileId: string; size: number; contentType: string }>>();
});

test("the declaration survives wrappers and clones", () => {
  for (const schema of [
    binary().nullable(),
    binary().describe("d").optional(),
    binary().meta({ deprecated: true }),
    z.lazy(() => binary()),
  ]) {
    expect(typeOf(schema)).toEqual({ kind: "binary" });
  }
});

describe("input", () => {
  test.each<[string, unknown]>([
    ["bytes", { base64: { data: "aGVsbG8=", contentType: "text/plain; charset=utf-8" } }],
    ["no bytes", { base64: { data: "" } }],
    ["a reference", { fileId: "a".repeat(64) }],
    ["what is stored", { fileId: "a".repeat(64), size: 5, contentType: "image/svg+xml" }],
  ])("%s", (_name, value) => {
    expect(parsed(binary(), value)).toEqual(value);
  });

  test.each<[string, unknown, string[]]>([
    ["unpadded base64", { base64: { data: "aGVsbG8" } }, ["it.base64.data"]],
    ["base64url", { base64: { data: "-_-_" } }, ["it.base64.data"]],
    ["line breaks", { base64: { data: "aGVs\nbG8=" } }, ["it.base64.data"]],
    ["unused bits that are set", { base64: { data: "aGVsbG9=" } }, ["it.base64.data"]],
    [
      "a media type that would break a header",
      { base64: { data: "", contentType: "a/b\r\nx: y" } },
      ["it.base64.contentType"],
    ],
    ["both forms", { base64: { data: "" }, fileId: "a" }, ["it"]],
    ["neither form", {}, ["it.fileId"]],
    ["an unknown key", { fileId: "a", name: "b" }, ["it"]],
    ["text", "aGVsbG8=", ["it"]],
    ["a path as an id", { fileId: "../../etc/passwd" }, ["it.fileId"]],
    ["a negative size", { fileId: "a", size: -1 }, ["it.size"]],
  ])("%s is refused", (_name, value, paths) => {
    expect(refusedPaths(binary(), value)).toEqual(paths);
  });
});

describe("mapBinaries", () => {
  const model = modelOf({
    title: z.string(),
    cover: binary().nullable(),
    pages: z.array(z.object({ scan: binary().optional() })),
    kind: z.discriminatedUnion("of", [
      z.object({ of: z.literal("a"), file: binary() }),
      z.object({ of: z.literal("b") }),
    ]),
    byName: z.record(z.string(), binary()),
  });
  const file = (fileId: string): JsonObject => ({ fileId, size: 1, contentType: "a/b" });
  const document = model.parse({
    title: "t",
    cover: null,
    pages: [{ scan: file("p0") }, {}],
    kind: { of: "a", file: file("k") },
    byName: { x: file("x") },
  });

  test("replaces each value that is not null, in order, with its path", () => {
    const seen: string[] = [];
    const mapped = model.mapBinaries(document, (value, path) => {
      seen.push(`${path.join(".")}=${value.fileId}`);
      return { ...value, size: 2 };
    });
    expect(seen).toEqual(["pages.0.scan=p0", "kind.file=k", "byName.x=x"]);
    expect(mapped).toMatchObject({
      title: "t",
      cover: null,
      pages: [{ scan: { size: 2 } }, {}],
      byName: { x: { size: 2 } },
    });
    expect(document).toMatchObject({ pages: [{ scan: { size: 1 } }, {}] });
  });

  test("is the document itself for a model without any", () => {
    const plain = modelOf({ title: z.string() });
    const stored = plain.parse({ title: "t" });
    expect([plain.hasBinaries, model.hasBinaries]).toEqual([false, true]);
    expect(plain.mapBinaries(stored, () => ({}))).toBe(stored);
  });
});
