import { expect, test } from "vitest";
import { z } from "zod";
import { binary } from "../../src/model/binary.ts";
import { modelOf } from "./models.ts";

const plain = { kind: "scalar", revive: "none" };
const text = { ...plain, isText: true };

test("says of each field what the codec needs, in the schema's order", () => {
  const { shape } = modelOf({
    title: z.string(),
    at: z.date(),
    text: z.iso.datetime().nullable(),
    big: z.bigint(),
    tags: z.array(z.enum(["a"])),
    address: z.object({ city: z.string() }),
    extra: z.record(z.string(), z.string()),
    file: binary(),
  });
  expect([...shape.fields]).toEqual([
    ["title", text],
    ["at", { kind: "scalar", revive: "date" }],
    ["text", plain],
    ["big", { kind: "scalar", revive: "bigint" }],
    ["tags", { kind: "list", element: plain }],
    ["address", { kind: "object", fields: new Map([["city", text]]) }],
    ["extra", { kind: "json" }],
    [
      "file",
      {
        kind: "object",
        fields: new Map([
          ["fileId", plain],
          ["size", plain],
          ["contentType", plain],
        ]),
      },
    ],
  ]);
});

test("a union has a shape for each value of its discriminator", () => {
  const { shape } = modelOf({
    it: z.discriminatedUnion("k", [z.object({ k: z.enum(["a", "b"]) }), z.object({ k: z.literal("c"), n: z.int() })]),
  });
  const ab = { kind: "object", fields: new Map([["k", plain]]) };
  const c = {
    kind: "object",
    fields: new Map([
      ["k", plain],
      ["n", plain],
    ]),
  };
  expect(shape.fields.get("it")).toEqual({
    kind: "union",
    discriminator: "k",
    members: new Map([
      ["a", ab],
      ["b", ab],
      ["c", c],
    ]),
  });
});

test("a recursive type has a recursive shape", () => {
  const node: z.ZodType = z.lazy(() => z.object({ next: node.nullable() }));
  const shape = modelOf({ it: node }).shape.fields.get("it");
  expect(shape?.kind === "object" && shape.fields.get("next")).toBe(shape);
});
