import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/base/json.ts";
import { applyPatch } from "../../src/model/patch.ts";

const apply = (document: JsonObject, patch: unknown) => applyPatch(document, patch, { maxOperations: 1_000 });
const failure = (index: number, path: string | null) =>
  expect.objectContaining({ code: "PATCH_FAILED", details: { index, path } });

describe("the examples of RFC 6902, appendix A", () => {
  test.each<[string, JsonObject, unknown[], JsonObject]>([
    ["A.1", { foo: "bar" }, [{ op: "add", path: "/baz", value: "qux" }], { baz: "qux", foo: "bar" }],
    ["A.2", { foo: ["bar", "baz"] }, [{ op: "add", path: "/foo/1", value: "qux" }], { foo: ["bar", "qux", "baz"] }],
    ["A.3", { baz: "qux", foo: "bar" }, [{ op: "remove", path: "/baz" }], { foo: "bar" }],
    ["A.4", { foo: ["bar", "qux", "baz"] }, [{ op: "remove", path: "/foo/1" }], { foo: ["bar", "baz"] }],
    ["A.5", { baz: "qux", foo: "bar" }, [{ op: "replace", path: "/baz", value: "boo" }], { baz: "boo", foo: "bar" }],
    [
      "A.6",
      { foo: { bar: "baz", waldo: "fred" }, qux: { corge: "grault" } },
      [{ op: "move", from: "/foo/waldo", path: "/qux/thud" }],
      { foo: { bar: "baz" }, qux: { corge: "grault", thud: "fred" } },
    ],
    [
      "A.7",
      { foo: ["all", "grass", "cows", "eat"] },
      [{ op: "move", from: "/foo/1", path: "/foo/3" }],
      { foo: ["all", "cows", "eat", "grass"] },
    ],
    [
      "A.8",
      { baz: "qux", foo: ["a", 2, "c"] },
      [
        { op: "test", path: "/baz", value: "qux" },
        { op: "test", path: "/foo/1", value: 2 },
      ],
      { baz: "qux", foo: ["a", 2, "c"] },
    ],
    [
      "A.10",
      { foo: "bar" },
      [{ op: "add", path: "/child", value: { grandchild: {} } }],
      { foo: "bar", child: { grandchild: {} } },
    ],
    ["A.11", { foo: "bar" }, [{ op: "add", path: "/baz", value: "qux", xyz: 123 }], { foo: "bar", baz: "qux" }],
    ["A.14", { "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: 10 }], { "/": 9, "~1": 10 }],
    [
      "A.16",
      { foo: ["bar"] },
      [{ op: "add", path: "/foo/-", value: ["abc", "def"] }],
      { foo: ["bar", ["abc", "def"]] },
    ],
  ])("%s", (_example, document, patch, expected) => {
    expect(apply(document, patch)).toEqual(expected);
  });

  test.each<[string, JsonObject, unknown[], string]>([
    ["A.9", { baz: "qux" }, [{ op: "test", path: "/baz", value: "bar" }], "/baz"],
    ["A.12", { foo: "bar" }, [{ op: "add", path: "/baz/bat", value: "qux" }], "/baz/bat"],
    ["A.15", { "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: "10" }], "/~01"],
  ])("%s", (_example, document, patch, path) => {
    expect(() => apply(document, patch)).toThrow(failure(0, path));
  });
});

describe("a patch", () => {
  const document = { name: "x", list: [1, 2, 3], nested: { a: { b: null } }, 0: "zero", hasOwnProperty: 1 };

  test.each<[string, unknown[], JsonObject]>([
    ["may be empty", [], document],
    [
      "copies by value",
      [
        { op: "copy", from: "/nested/a", path: "/c" },
        { op: "add", path: "/c/d", value: 1 },
      ],
      { ...document, c: { b: null, d: 1 } },
    ],
    ["moves onto the same place without a change", [{ op: "move", from: "/list", path: "/list" }], document],
    [
      "replaces a list's element",
      [{ op: "replace", path: "/list/2", value: null }],
      { ...document, list: [1, 2, null] },
    ],
    ["replaces the whole document by an object", [{ op: "replace", path: "", value: { a: 1 } }], { a: 1 }],
    ["adds over the whole document", [{ op: "add", path: "", value: {} }], {}],
    ["moves a part over the whole document", [{ op: "move", from: "/nested", path: "" }], { a: { b: null } }],
    ["copies a part over the whole document", [{ op: "copy", from: "/nested/a", path: "" }], { b: null }],
    ["copies the document into itself", [{ op: "copy", from: "", path: "/self" }], { ...document, self: document }],
    [
      "tests null, lists and objects by content",
      [
        { op: "test", path: "/nested", value: { a: { b: null } } },
        { op: "test", path: "/list", value: [1, 2, 3] },
      ],
      document,
    ],
    ["tests an object that hides its methods", [{ op: "test", path: "", value: { ...document } }], document],
    [
      "takes names of Object's own methods as any other",
      [
        { op: "add", path: "/toString", value: 1 },
        { op: "add", path: "/constructor", value: 2 },
      ],
      { ...document, toString: 1, constructor: 2 } as unknown as JsonObject,
    ],
  ])("%s", (_rule, patch, expected) => {
    expect(apply(document, patch)).toEqual(expected);
  });

  test("changes neither the document nor itself", () => {
    const patch = [
      { op: "add", path: "/added", value: { deep: [] } },
      { op: "add", path: "/added/deep/-", value: 1 },
      { op: "remove", path: "/list/0" },
      { op: "replace", path: "/nested/a/b", value: 1 },
    ];
    const [documentBefore, patchBefore] = [JSON.stringify(document), JSON.stringify(patch)];
    const patched = apply(document, patch);
    expect(patched.added).toEqual({ deep: [1] });
    expect([JSON.stringify(document), JSON.stringify(patch)]).toEqual([documentBefore, patchBefore]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["fails its test", { op: "test", path: "/name", value: "y" }],
    ["tests a list against an object", { op: "test", path: "/list", value: { 0: 1, 1: 2, 2: 3 } }],
    ["tests what is not there", { op: "test", path: "/absent", value: null }],
    ["removes what is not there", { op: "remove", path: "/absent" }],
    ["removes an inherited method", { op: "remove", path: "/nested/toString" }],
    ["replaces what is not there", { op: "replace", path: "/absent", value: 1 }],
    ["moves what is not there", { op: "move", from: "/absent", path: "/a" }],
    ["copies what is not there", { op: "copy", from: "/list/3", path: "/a" }],
    ["copies an inherited method", { op: "copy", from: "/nested/constructor", path: "/a" }],
    ["moves a value into itself", { op: "move", from: "/nested", path: "/nested/a/c" }],
    ["adds behind the end of a list", { op: "add", path: "/list/4", value: 1 }],
    ["adds below text", { op: "add", path: "/name/0", value: 1 }],
    ["adds below null", { op: "add", path: "/nested/a/b/c", value: 1 }],
    ["writes an index with a leading zero", { op: "add", path: "/list/01", value: 1 }],
    ["replaces at an index with a leading zero", { op: "replace", path: "/list/00", value: 1 }],
    ["names an element by a word", { op: "add", path: "/list/length", value: 0 }],
    ["names an element by a negative index", { op: "remove", path: "/list/-1" }],
    ["names an element by 1e0", { op: "replace", path: "/list/1e0", value: 1 }],
    ["removes the element behind the last", { op: "remove", path: "/list/-" }],
    ["removes the whole document", { op: "remove", path: "" }],
    ["replaces the document by a list", { op: "replace", path: "", value: [] }],
    ["replaces the document by null", { op: "add", path: "", value: null }],
    ["moves a list over the document", { op: "move", from: "/list", path: "" }],
    ["writes a path without its slash", { op: "add", path: "name", value: 1 }],
    ["writes a path with a stray ~", { op: "add", path: "/a~2", value: 1 }],
    ["sets a prototype", { op: "add", path: "/__proto__", value: { polluted: true } }],
    ["reaches through a prototype", { op: "add", path: "/__proto__/polluted", value: true }],
    ["reaches through a constructor", { op: "add", path: "/constructor/prototype/polluted", value: true }],
    ["has an unknown op", { op: "spam", path: "/name" }],
    ["has the library's inner op", { op: "_get", path: "/name" }],
    ["has an op that is a method's name", { op: "toString", path: "/name" }],
    ["has no op", { path: "/name" }],
    ["adds without a value", { op: "add", path: "/name" }],
    ["tests without a value", { op: "test", path: "/name" }],
    ["moves without from", { op: "move", path: "/a" }],
  ])("that %s fails, and says where", (_what, operation) => {
    const patch = [{ op: "test", path: "/name", value: "x" }, operation];
    expect(() => apply(document, patch)).toThrow(failure(1, operation.path as string));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each([null, "add", 1, []])("whose operation is %j fails", (operation) => {
    expect(() => apply(document, [operation])).toThrow(failure(0, null));
  });

  test.each([null, undefined, "[]", {}, 7])("that is %j instead of a list fails", (patch) => {
    expect(() => apply(document, patch)).toThrow(expect.objectContaining({ code: "PATCH_FAILED" }));
  });

  test("keeps keys called __proto__ that are there already, and values that hold some", () => {
    const document = JSON.parse('{"free":{"__proto__":{"a":1}}}') as JsonObject;
    const value = JSON.parse('{"__proto__":{"b":1}}') as Json;
    const patched = apply(document, [
      { op: "add", path: "/more", value },
      { op: "copy", from: "/free", path: "/copied" },
    ]);
    expect(JSON.stringify(patched)).toBe(
      '{"free":{"__proto__":{"a":1}},"more":{"__proto__":{"b":1}},"copied":{"__proto__":{"a":1}}}',
    );
  });
});

describe("the limits of a patch", () => {
  const exceeded = expect.objectContaining({ code: "LIMIT_EXCEEDED" });

  test("too many operations are refused before any is looked at", () => {
    const patch = Array.from({ length: 1_001 }, () => null);
    expect(() => apply({}, patch)).toThrow(exceeded);
    expect(() => applyPatch({}, [null, null], { maxOperations: 1 })).toThrow(exceeded);
  });

  test.each<[string, JsonObject, Record<string, unknown>]>([
    ["side by side", { list: [1] }, { op: "copy", from: "/list", path: "/list/-" }],
    ["into their own depth", { a: {} }, { op: "copy", from: "", path: "/a/a" }],
    ["of one long text", { text: "x".repeat(1_000_000), list: [] }, { op: "copy", from: "/text", path: "/list/-" }],
  ])("a thousand copies %s are refused before they fill the memory", (_how, document, operation) => {
    expect(() =>
      apply(
        document,
        Array.from({ length: 1_000 }, () => operation),
      ),
    ).toThrow(exceeded);
  });

  test("a value nested 100,000 deep is refused", () => {
    const value = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`) as Json;
    expect(() => apply({ a: value }, [])).toThrow();
    for (const op of ["add", "test", "replace"])
      expect(() => apply({ a: 1 }, [{ op, path: "/a", value }])).toThrow(exceeded);
  });

  test("a thousand honest operations on a large document pass", () => {
    const document = { items: Array.from({ length: 10_000 }, (_, id) => ({ id, text: "x".repeat(100) })) };
    const patch = Array.from({ length: 1_000 }, (_, index) => ({
      op: "replace",
      path: `/items/${index}/id`,
      value: -1,
    }));
    const patched = apply(document, patch).items as readonly JsonObject[];
    expect(patched.filter(({ id }) => id === -1)).toHaveLength(1_000);
  });
});
