import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { msgpackEncoding } from "../../src/codec/msgpack/encoding.ts";
import { compilePartial, compileWhole } from "../../src/codec/msgpack/generator/compile.ts";
import { literal } from "../../src/codec/msgpack/generator/source.ts";
import { selectionFromPaths } from "../../src/codec/partial-path.ts";
import type { ObjectShape, Shape } from "../../src/codec/shape.ts";
import { generated, generatedWhole } from "./readers.ts";

function run(...flags: string[]): { canGenerateCode: boolean; read: unknown } {
  const script = join(import.meta.dirname, "read-in-process.ts");
  const env = { ...process.env, JITI_FS_CACHE: "false" };
  const text = execFileSync(process.execPath, [...flags, "--import", "jiti/register", script], { env });
  return JSON.parse(text.toString());
}

test("without code generation the interpreter gives the same answers", () => {
  const forbidden = run("--disallow-code-generation-from-strings");
  const allowed = run();
  expect(forbidden.canGenerateCode).toBe(false);
  expect(allowed.canGenerateCode).toBe(true);
  expect(forbidden.read).toStrictEqual(allowed.read);
});

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
