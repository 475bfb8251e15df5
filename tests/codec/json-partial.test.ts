import { describe, expect, test } from "vitest";
import { jsonEncoding } from "../../src/codec/json/encoding.ts";
import { selectionFromPaths } from "../../src/codec/partial-path.ts";
import { pick } from "../../src/codec/prune.ts";
import type { ObjectShape, Shape } from "../../src/codec/shape.ts";

const scalar: Shape = { kind: "scalar", revive: "none" };
const shape: ObjectShape = {
  kind: "object",
  fields: new Map<string, Shape>([
    ["name", scalar],
    ["items", { kind: "list", element: { kind: "object", fields: new Map([["id", scalar]]) } }],
    ["level", scalar],
  ]),
};
const read = (text: string, ...paths: string[]) => {
  const selection = selectionFromPaths(paths, shape);
  return pick(jsonEncoding.decodePartial(Buffer.from(text), selection, shape), selection);
};
const corrupt = expect.objectContaining({ code: "PAYLOAD_CORRUPT" });

describe("a part of JSON text", () => {
  test.each([
    [' { "name" : "a\\"b\\\\" , "level":1 } ', ["name", "level"], { name: 'a"b\\', level: 1 }],
    ['{"x":{"y":["}",{"z":"\\\\\\""}]},"level":-1.5e+3}', ["level"], { level: -1500 }],
    ['{"n\\u0061me":"ä","level":null}', ["name", "level"], { name: "ä", level: null }],
    ['{"items":[{"id":1,"x":[1,2]},{"x":"]","id":2},{}]}', ["items/-/id"], { items: [{ id: 1 }, { id: 2 }, {}] }],
    ['{"items":[{"id":1},{"id":2},{"id":3}],"level":4}', ["items/-1", "level"], { items: [{ id: 3 }], level: 4 }],
    ['{"items":[ ],"level":4}', ["items/0"], { items: [] }],
    ['{"items":null}', ["items/-/id"], { items: null }],
    ["{}", ["name"], {}],
  ])("of %s", (text, paths, expected) => {
    expect(read(text, ...paths)).toStrictEqual(expected);
  });

  test("ends behind the last value wanted", () => {
    expect(read('{"name":"x","items":[{"id', "name")).toStrictEqual({ name: "x" });
  });

  test.each([
    ["nothing", ""],
    ["a list", "[]"],
    ["an open object", '{"name":1'],
    ["an open string", '{"name":"x'],
    ["a key without quotes", "{name:1}"],
    ["a missing colon", '{"name" 1}'],
    ["a missing comma", '{"items":[] "level":1}'],
    ["a comma too many", '{"items":[1,],"level":1}'],
    ["a comma before the end", '{"name":1,}'],
    ["a tail", '{"name":1} x'],
    ["a wrong word", '{"level":nul}'],
    ["a wrong bracket", '{"level":[1}]}'],
    ["a control character", '{"level":"\n"}'],
    ["a key twice", '{"name":1,"name":2}'],
    ["100,000 open lists", `{"level":${"[".repeat(100_000)}`],
  ])("refuses %s", (_what, text) => {
    expect(() => read(text, "name", "level", "items/-/id")).toThrow(corrupt);
  });

  test("refuses what is not UTF-8, where it is read", () => {
    const selection = selectionFromPaths(["name"], shape);
    const bytes = Buffer.from('{"name":"\xff"}', "latin1");
    expect(() => jsonEncoding.decodePartial(bytes, selection, shape)).toThrow(corrupt);
  });
});
