import { expect, it } from "vitest";
import { statementNames } from "../../../src/stores/meta/drivers/prisma/statement-names.ts";

it("names a text from the second time on, always the same", () => {
  const nameOf = statementNames();
  expect([nameOf("select 1"), nameOf("select 2")]).toEqual(["", ""]);
  const name = nameOf("select 1");
  expect(name).not.toBe("");
  expect(nameOf("select 1")).toBe(name);
  expect(nameOf("select 2")).not.toBe(name);
});

it("never gives more names than a connection can hold, nor forgets the first", () => {
  const nameOf = statementNames();
  const texts = Array.from({ length: 5000 }, (_, i) => `select ${i}`);
  const names = texts.map((text) => [nameOf(text), nameOf(text)][1]).filter((name) => name !== "");
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(200);
  expect(nameOf("select 0")).toBe(names[0]);
});
