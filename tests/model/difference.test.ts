import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import { changedPaths, difference } from "../../src/model/difference.ts";
import { applyPatch, type PatchOperation } from "../../src/model/patch.ts";
import { jsonObjects } from "./json-arbitraries.ts";

const limits = { maxOperations: 1_000_000 };

describe("difference", () => {
  test("is a patch that turns the one into the other", () => {
    fc.assert(
      fc.property(jsonObjects, jsonObjects, (before, after) => {
        const patched = applyPatch(before, difference(before, after), limits);
        // Not toStrictEqual, which takes a field called "constructor" for the type.
        expect(isDeepStrictEqual(patched, after), JSON.stringify([patched, after])).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test("of equal documents is empty, whatever the order of their keys", () => {
    fc.assert(
      fc.property(jsonObjects, (document) => {
        const reversed = Object.fromEntries(Object.entries(document).reverse());
        expect(difference(document, reversed)).toEqual([]);
      }),
    );
  });

  test.each<[string, JsonObject, JsonObject, PatchOperation[]]>([
    ["a changed field", { a: 1, b: 2 }, { a: 1, b: 3 }, [{ op: "replace", path: "/b", value: 3 }]],
    [
      "a field deep inside",
      { a: { b: { c: 1 } } },
      { a: { b: { c: null } } },
      [{ op: "replace", path: "/a/b/c", value: null }],
    ],
    [
      "a field that came, one that went",
      { a: 1 },
      { b: 1 },
      [
        { op: "remove", path: "/a" },
        { op: "add", path: "/b", value: 1 },
      ],
    ],
    ["another kind of value", { a: [] }, { a: {} }, [{ op: "replace", path: "/a", value: {} }]],
    [
      "one insertion at the head of a list",
      { a: [2, 3, 4] },
      { a: [1, 2, 3, 4] },
      [{ op: "add", path: "/a/0", value: 1 }],
    ],
    ["one removal in a list", { a: [1, 2, 3, 4] }, { a: [1, 2, 4] }, [{ op: "remove", path: "/a/2" }]],
    [
      "a field of a list's element",
      { a: [{ x: 1 }, { x: 2 }] },
      { a: [{ x: 1 }, { x: 3 }] },
      [{ op: "replace", path: "/a/1/x", value: 3 }],
    ],
    [
      "names with / and ~",
      { "a/b": 1, "m~n": 1 },
      { "a/b": 2, "m~n": 2 },
      [
        { op: "replace", path: "/a~1b", value: 2 },
        { op: "replace", path: "/m~0n", value: 2 },
      ],
    ],
  ])("is short for %s", (_what, before, after, expected) => {
    expect(difference(before, after)).toEqual(expected);
  });

  test("replaces what holds a key that no patch may name", () => {
    const before = JSON.parse('{"free":{"__proto__":1,"a":1}}') as JsonObject;
    const after = JSON.parse('{"free":{"__proto__":2,"a":1}}') as JsonObject;
    expect(difference(before, after).map(({ path }) => path)).toEqual(["/free"]);
  });

  test("takes time in proportion to the length of a list", () => {
    const list = (length: number) => Array.from({ length }, (_, id) => ({ id, tags: ["a", "b"] }));
    const before = { items: list(50_000) };
    const after = { items: before.items.map((item) => (item.id % 2 ? item : { ...item, tags: ["a", "c"] })) };
    expect(difference(before, after)).toHaveLength(25_000);
    expect(difference(before, { items: [...list(3).reverse(), ...before.items] })).toHaveLength(3);
  });
});

describe("changed paths", () => {
  test("are the pointers of what differs, sorted, each once", () => {
    const before = { b: 1, a: { x: 1, y: 2 }, list: [1, 2, 3, 4], same: {} };
    const after = { b: 2, a: { x: 1, z: 2 }, list: [1, 4], same: {} };
    expect(changedPaths(before, after)).toEqual(["/a/y", "/a/z", "/b", "/list/1", "/list/2"]);
    expect(changedPaths(before, before)).toEqual([]);
  });

  test("are those of the top-level fields where there are more than 256", () => {
    const numbers = (value: number, length: number) => Array.from({ length }, () => value);
    expect(changedPaths({ list: numbers(0, 256) }, { list: numbers(1, 256) })).toHaveLength(256);
    const before = { "a/b": numbers(0, 257), list: numbers(0, 257), same: 1 };
    const after = { "a/b": numbers(1, 257), list: numbers(1, 257), same: 1 };
    expect(changedPaths(before, after)).toEqual(["/a~1b", "/list"]);
  });

  test("are the whole document where even the top-level fields are more than 256", () => {
    const fields = (value: number) =>
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, value]));
    expect(changedPaths(fields(0), fields(1))).toEqual([""]);
  });
});
