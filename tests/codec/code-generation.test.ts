import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { msgpackEncoding } from "../../src/codec/msgpack/encoding.ts";
import { compilePartial, compileWhole } from "../../src/codec/msgpack/generator/compile.ts";
import { literal } from "../../src/codec/msgpack/generator/source.ts";
import { selectionFromPaths } from "../../src/codec/partial-path.ts";
import type { ObjectShape, Shape } from "../../src/codec/shape.ts";
import { generated, generatedWhole } from "./readers.ts";

const isSoak = process.env.WEFT_SOAK === "1";
const timeLimitMs = isSoak ? 3_600_000 : 120_000;
const forbidden = "--disallow-code-generation-from-strings";

function run(flags: readonly string[], script: string, ...args: string[]): Record<string, unknown> {
  const env = { ...process.env, JITI_FS_CACHE: "false" };
  const command = [...flags, "--import", "jiti/register", join(import.meta.dirname, script), ...args];
  return JSON.parse(execFileSync(process.execPath, command, { env, timeout: timeLimitMs }).toString());
}

test("without code generation the interpreter gives the same answers", () => {
  const without = run([forbidden], "read-in-process.ts");
  const allowed = run([], "read-in-process.ts");
  expect(without.canGenerateCode).toBe(false);
  expect(allowed.canGenerateCode).toBe(true);
  expect(without.read).toStrictEqual(allowed.read);
});

test(
  "without code generation random documents are read right, and damaged bytes give an error or a right answer",
  () => {
    const [documents, inputs] = isSoak ? [100_000, 1_000_000] : [500, 5_000];
    const ran = run([forbidden], "interpret-in-process.ts", String(documents), String(inputs));
    expect(ran).toEqual({ canGenerateCode: false, documents, inputs });
    if (isSoak) console.log("without code generation:", ran);
  },
  timeLimitMs,
);

describe("names out of a schema", () => {
  const scalar: Shape = { kind: "scalar", revive: "none" };
  const names = [
    "__proto__",
    "constructor",
    "toString",
    "v0",
    "end",
    "0",
    "",
    'a"b',
    "a'b",
    "a`$" + "{b}",
    "a\\",
    "*/",
    "//",
    "a\nb",
    "a\u2028b\u2029",
    '"]: 1 }; globalThis.injected = true; //',
    "); globalThis.injected = true; (",
    "ä".repeat(40),
    "x".repeat(300),
  ];

  test("are data in generated readers, whatever they hold", () => {
    const shape: ObjectShape = { kind: "object", fields: new Map(names.map((name) => [name, scalar])) };
    const document = JSON.parse(`{${names.map((name, index) => `${JSON.stringify(name)}:${index}`).join(",")}}`);
    const bytes = msgpackEncoding.encode(document, shape);
    expect(generatedWhole(shape)(bytes)).toStrictEqual(document);
    for (const [index, name] of names.entries()) {
      const selection = { kind: "object", fields: new Map([[name, "all"]] as const) } as const;
      const read = generated(selection, shape)(bytes);
      expect(Object.entries(read)).toEqual([[name, index]]);
      expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    }
    expect(globalThis).not.toHaveProperty("injected");
  });

  test("are data as discriminators and tags of unions", () => {
    const members = new Map(
      names.map((name) => [
        name,
        {
          kind: "object" as const,
          fields: new Map([
            ["*/", scalar],
            [name, scalar],
          ]),
        },
      ]),
    );
    const shape: ObjectShape = {
      kind: "object",
      fields: new Map<string, Shape>([["u", { kind: "union", discriminator: "*/", members }]]),
    };
    for (const name of names.filter((each) => each !== "*/")) {
      const document = JSON.parse(`{"u":{"*/":${JSON.stringify(name)},${JSON.stringify(name)}:1}}`);
      expect(generatedWhole(shape)(msgpackEncoding.encode(document, shape))).toStrictEqual(document);
    }
    expect(globalThis).not.toHaveProperty("injected");
  });

  test("become string literals without line ends", () => {
    expect(literal('a"\u2028\u2029\n')).toBe('"a\\"\\u2028\\u2029\\n"');
  });
});

test("recursive shapes become readers that call themselves, and stop at the depth where the interpreter does", () => {
  const fields = new Map<string, Shape>();
  const node: ObjectShape = { kind: "object", fields };
  fields.set("child", node);
  const nested = (depth: number) => Buffer.from(`${"81a56368696c64".repeat(depth)}c0`, "hex");
  const read = generatedWhole(node);
  expect(JSON.stringify(read(nested(1_000)))).toHaveLength('{"child":'.length * 1_000 + "null".length + 1_000);
  expect(() => read(nested(1_002))).toThrow(expect.objectContaining({ code: "PAYLOAD_CORRUPT" }));
});

test("shapes too large for an engine to optimise are left to the interpreter", () => {
  const scalar: Shape = { kind: "scalar", revive: "none" };
  const shape: ObjectShape = {
    kind: "object",
    fields: new Map(Array.from({ length: 5_000 }, (_, index) => [`field${index}`, scalar])),
  };
  expect(compileWhole(shape)).toBeUndefined();
  const selection = selectionFromPaths(["field0"], shape);
  if (selection === "all" || selection.kind !== "object") throw new Error("no object selection");
  expect(compilePartial(selection, shape)).toBeUndefined();
});

test("selections that nest too deep for the stack of whoever writes a reader are left to the interpreter", () => {
  const fields = new Map<string, Shape>();
  const node: ObjectShape = { kind: "object", fields };
  fields.set("a", node);
  fields.set("l", { kind: "list", element: node });
  for (const [step, nesting, depth] of [
    ["a/", "81a161", 2_000],
    ["l/-/", "81a16c91", 1_000],
  ] as const) {
    const selection = selectionFromPaths([step.repeat(depth)], node);
    if (selection === "all" || selection.kind !== "object") throw new Error("no object selection");
    expect(compilePartial(selection, node)).toBeUndefined();
    const bytes = Buffer.from(`${nesting.repeat(depth)}c0`, "hex");
    for (let use = 0; use < 60; use++) {
      expect(msgpackEncoding.decodePartial(bytes, selection, node)).toHaveProperty(step.startsWith("a") ? "a" : "l");
    }
  }
});

test("a selection through recursive unions is written once for each shape it meets, not once for each way there", () => {
  const scalar: Shape = { kind: "scalar", revive: "none" };
  const members = new Map<string, ObjectShape>();
  const union: Shape = { kind: "union", discriminator: "kind", members };
  for (let member = 0; member < 10; member++) {
    const fields = new Map<string, Shape>([
      ["kind", scalar],
      ["child", union],
    ]);
    members.set(`m${member}`, { kind: "object", fields });
  }
  const shape: ObjectShape = { kind: "object", fields: new Map([["child", union]]) };
  const selection = selectionFromPaths(["child/".repeat(40)], shape);
  const document = { child: { kind: "m1", child: { kind: "m2", child: null } } };
  expect(generated(selection, shape)(msgpackEncoding.encode(document, shape))).toStrictEqual(document);
});
