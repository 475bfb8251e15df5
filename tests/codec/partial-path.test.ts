import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/base/json.ts";
import { encodingOf } from "../../src/codec/encodings.ts";
import { selectionFromPaths } from "../../src/codec/partial-path.ts";
import { pick } from "../../src/codec/prune.ts";
import type { ObjectShape, Shape, UnionShape } from "../../src/codec/shape.ts";
import { casesOf } from "../cases/cases.ts";

interface PathCase {
  readonly id: string;
  readonly data: string | JsonObject;
  readonly paths: readonly string[];
  readonly expect: { readonly result?: Json; readonly error?: string };
  readonly recommend?: string;
}

const scalar: Shape = { kind: "scalar", revive: "none" };
const scalars: Shape = { kind: "list", element: scalar };
const objectShape = (fields: Record<string, Shape>): ObjectShape => ({
  kind: "object",
  fields: new Map(Object.entries(fields)),
});

/** The cases' Manager (recursive) with the discriminated content of their last case, and fields of our own cases. */
const user = objectShape({ name: scalar, age: scalar, wage: scalar, books: scalars });
const managerFields = new Map<string, Shape>();
const manager: ObjectShape = { kind: "object", fields: managerFields };
const content: UnionShape = {
  kind: "union",
  discriminator: "type",
  members: new Map([
    ["a", objectShape({ type: scalar, a_field: scalar, both: objectShape({ x: scalar }) })],
    ["b", objectShape({ type: scalar, b_field: scalar, both: { kind: "list", element: scalar } })],
  ]),
};
const own = { content, free: { kind: "json" } as const, "a/b": objectShape({ "m~n": scalar }) };
for (const [name, shape] of [
  ...user.fields,
  ...Object.entries({ slaves: { kind: "list", element: manager } as const, boss: user, ...own }),
]) {
  managerFields.set(name, shape);
}

/** Our documents hold their defaults, as a stored one does. */
function withDefaults(data: JsonObject): JsonObject {
  const slaves = (data.slaves ?? []) as readonly JsonObject[];
  const boss = (data.boss ?? null) as JsonObject | null;
  return {
    ...{ wage: null, books: [] },
    ...data,
    slaves: slaves.map(withDefaults),
    boss: boss && { wage: null, books: [], ...boss },
  };
}

function partial(document: JsonObject, paths: readonly string[]): Json {
  const selection = selectionFromPaths(paths, manager);
  const encoding = encodingOf("msgpack");
  return pick(encoding.decodePartial(encoding.encode(document, manager), selection, manager), selection);
}

const suites = JSON.parse(readFileSync(new URL("../cases/autocrud_cases.json", import.meta.url), "utf8")) as {
  readonly partial_paths: { readonly datasets: Readonly<Record<string, JsonObject>> };
};
const { datasets } = suites.partial_paths;

describe("AutoCRUD's cases", () => {
  test.each(casesOf<PathCase>("partial_paths").map((one) => [one.id, one] as const))("%s", (id, one) => {
    const data = typeof one.data === "string" ? withDefaults(datasets[one.data] ?? {}) : one.data;
    const read = () => partial(data, one.paths);
    if (one.expect.error || one.recommend === "diverge: error") {
      expect(read).toThrow(expect.objectContaining({ code: "PARTIAL_PATH_INVALID", details: { path: one.paths[0] } }));
    } else if (one.recommend === "diverge: empty list") {
      expect(read()).toEqual({ slaves: [] });
    } else if (id === "empty-string-selects-all") {
      expect(read()).toEqual(data);
    } else {
      expect(read()).toEqual(one.expect.result);
    }
  });
});

describe("our own rules", () => {
  const document = withDefaults({
    name: "Alice",
    age: 30,
    slaves: [
      { name: "Bob", age: 25 },
      { name: "Eve", age: 22 },
    ],
    content: { type: "a", a_field: "hello", both: { x: 1 } },
    free: { deep: [1, { x: 2 }] },
    "a/b": { "m~n": 1 },
  });

  test.each<[string, readonly string[], Json]>([
    ["no path selects nothing", [], {}],
    ["the leading slash is optional", ["/name", "age"], { name: "Alice", age: 30 }],
    ["the empty path is the whole document, whatever else is asked", ["name", ""], document],
    ["a lone slash is the whole document too", ["/"], document],
    ["empty segments count for nothing", ["//slaves//1/name/", "boss/"], { slaves: [{ name: "Eve" }], boss: null }],
    ["a list without a selector is whole", ["books/", "slaves/0/slaves"], { books: [], slaves: [{ slaves: [] }] }],
    ["a path twice is once", ["name", "name", "/name"], { name: "Alice" }],
    ["~1 and ~0 are / and ~", ["a~1b/m~0n"], { "a/b": { "m~n": 1 } }],
    [
      "an unknown field below a known one selects nothing of it",
      ["boss/x", "content/zzz"],
      { boss: null, content: { type: "a" } },
    ],
    ["an index counts from the end when it is negative", ["slaves/-1/name"], { slaves: [{ name: "Eve" }] }],
    [
      "several paths of one list count from its own ends",
      ["slaves/0/name", "slaves/-1/age"],
      { slaves: [{ name: "Bob" }, { age: 22 }] },
    ],
    ["free-form JSON is selected whole", ["free/deep/0"], { free: { deep: [1, { x: 2 }] } }],
    ["an index out of range adds nothing to others", ["slaves/0/name", "slaves/9/age"], { slaves: [{ name: "Bob" }] }],
    ["a negative index out of range selects nothing", ["slaves/-3/name"], { slaves: [] }],
    ["a slice may end in an empty step", ["slaves/1::/name"], { slaves: [{ name: "Eve" }] }],
    ["a slice backwards keeps the order", ["slaves/::-1/age"], { slaves: [{ age: 25 }, { age: 22 }] }],
    ["a slice that ends before it starts selects nothing", ["slaves/1:0/name"], { slaves: [] }],
    [
      "the whole list beats its elements, in any order",
      ["slaves/0/name", "slaves", "slaves/-/age"],
      { slaves: (document as { slaves: Json }).slaves },
    ],
    ["a list of scalars takes selectors, and ignores what is below", ["books/0/x"], { books: [] }],
    ["of a union only the actual member's fields are found", ["content/b_field"], { content: { type: "a" } }],
    ["what fits one member of a union is valid", ["content/both/x"], { content: { type: "a", both: { x: 1 } } }],
  ])("%s", (_rule, paths, expected) => {
    expect(partial(document, paths)).toEqual(expected);
  });

  test.each([
    "slaves/name",
    "slaves/-/slaves/x/name",
    "slaves/01/name",
    "slaves/+1/name",
    "slaves/1:2:0/name",
    "slaves/--1",
    "slaves/1 /name",
    "~2",
    "name~",
  ])("%j is invalid, and the error names it", (path) => {
    expect(() => selectionFromPaths(["name", path], manager)).toThrow(
      expect.objectContaining({ code: "PARTIAL_PATH_INVALID", details: { path } }),
    );
  });

  test.each([
    ["more than 1,000 paths", Array.from({ length: 1_001 }, () => "name")],
    ["a path of more than 4,096 characters", [`name/${"x".repeat(4_092)}`]],
  ])("%s are refused", (_what, paths) => {
    expect(() => selectionFromPaths(paths, manager)).toThrow(expect.objectContaining({ code: "LIMIT_EXCEEDED" }));
  });

  test("1,000 paths of 4,096 characters, each its own, are read", () => {
    const deep = "slaves/0/".repeat(454);
    const paths = Array.from({ length: 1_000 }, (_, index) => `${deep}x${index}`);
    expect(partial(document, paths)).toEqual({ slaves: [{ slaves: [] }] });
  });
});
