import { describe, expect, test } from "vitest";
import { isOfTypes, mediaTypeOf } from "../../src/resource/media-type.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const typeOf = (text: string, claimed?: string) => mediaTypeOf(latin1(text), claimed);

describe("the type of content", () => {
  test.each([
    ["\x89PNG\r\n\x1a\n....", "image/png"],
    ["\xff\xd8\xff\xe0", "image/jpeg"],
    ["GIF89a", "image/gif"],
    ["RIFF\x10\0\0\0WEBPVP8 ", "image/webp"],
    ["RIFF\x10\0\0\0WAVEfmt ", "audio/wav"],
    ["\0\0\0\x20ftypavif", "image/avif"],
    ["\0\0\0\x20ftypisom", "video/mp4"],
    ["%PDF-1.4", "application/pdf"],
    ["PK\x03\x04", "application/zip"],
    ["\x1f\x8b\x08", "application/gzip"],
    [`${"\0".repeat(257)}ustar`, "application/x-tar"],
    ["  \n<!DOCTYPE html>", "text/html"],
    ["\xef\xbb\xbf<HTML>", "text/html"],
    ["<!-- c --><svg width='1'>", "image/svg+xml"],
    ["<?xml version='1.0'?><svg>", "image/svg+xml"],
    ["<?xml version='1.0'?><feed>", "application/xml"],
  ])("is that of its first bytes: %j", (bytes, type) => {
    for (const claimed of [undefined, "image/x-other", "application/javascript"]) {
      expect(typeOf(bytes, claimed)).toEqual({ type, isShown: true });
    }
  });

  test.each([
    ["PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    ["PK\x03\x04", "application/epub+zip"],
    ["<!doctype html>", "text/plain; charset=utf-8"],
    ["<svg>", "text/plain"],
    ["<?xml version='1.0'?>", "application/rss+xml"],
    ["\0\0\0\x20ftypisom", "audio/mp4"],
    ["OggS", "audio/ogg"],
  ])("may be a more special one that it says it is: %j as %s", (bytes, claimed) => {
    expect(typeOf(bytes, claimed)).toEqual({ type: claimed, isShown: true });
  });

  test("is what it says where the bytes say nothing, and not shown where they ought to", () => {
    expect(typeOf("a,b", "text/csv")).toEqual({ type: "text/csv", isShown: true });
    expect(typeOf("a,b")).toEqual({ type: "application/octet-stream", isShown: true });
    expect(typeOf("", "text/plain")).toEqual({ type: "text/plain", isShown: true });
    for (const claimed of ["image/png", "IMAGE/PNG; x=1", "application/pdf", "image/svg+xml"])
      expect(typeOf("a,b", claimed)).toEqual({ type: claimed, isShown: false });
  });

  test("takes no time on bytes made against it", () => {
    const started = performance.now();
    for (const text of ["<!---->".repeat(200), `<!--${"-".repeat(500)}`, " ".repeat(512), "<?xml ".repeat(100)])
      typeOf(text, "text/html");
    expect(performance.now() - started).toBeLessThan(50);
  });
});

test("patterns name types and families, whatever the case and the parameters", () => {
  expect(isOfTypes("Image/PNG; a=b", ["image/png"])).toBe(true);
  expect(isOfTypes("image/png", ["image/*"])).toBe(true);
  expect(isOfTypes("imagex/png", ["image/*"])).toBe(false);
  expect(isOfTypes("text/html", ["image/*", "text/plain"])).toBe(false);
});
