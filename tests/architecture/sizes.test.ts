/** The budgets of src/README.md, "Rules of the house". Generated code and conformance suites are aside. */
import { describe, expect, test } from "vitest";
import { filesIn, isTypeScript, read } from "./files.ts";

const folders = ["src", "schema", "tests", "benchmarks"];
const files = folders
  .flatMap(filesIn)
  .filter((path) => isTypeScript(path) && !path.endsWith(".suite.ts") && !path.startsWith("benchmarks/rivals/"))
  .map((path) => ({ path, lines: read(path).trimEnd().split("\n").length }))
  .sort((a, b) => a.lines - b.lines);

function percentile(list: readonly { readonly lines: number }[], part: number): number {
  return list[Math.min(list.length - 1, Math.floor(list.length * part))]?.lines ?? 0;
}

describe("files", () => {
  test("of src have a median of at most 120 lines", () => {
    const source = files.filter(({ path }) => path.startsWith("src/"));
    expect(source.length).toBeGreaterThan(0);
    expect(percentile(source, 0.5)).toBeLessThanOrEqual(120);
  });

  test("have a median of at most 120 lines and a 95th percentile of at most 400", () => {
    expect(percentile(files, 0.5)).toBeLessThanOrEqual(120);
    expect(percentile(files, 0.95)).toBeLessThanOrEqual(400);
  });

  test("have at most 600 lines, each", () => {
    expect(files.filter(({ lines }) => lines > 600)).toEqual([]);
  });
});
