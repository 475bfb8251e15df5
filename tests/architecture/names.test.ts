import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { filesIn, isTypeScript } from "./files.ts";

const files = ["src", "schema", "tests", "benchmarks"]
  .flatMap(filesIn)
  .filter((path) => isTypeScript(path) && !path.startsWith("benchmarks/rivals/"));
const stemOf = (path: string): string => posix.basename(path).replace(/(\.(test|suite|bench|config|d))?\.m?ts$/, "");

/** Words that say nothing of the subject. */
const banned = /^(utils?|common|misc|helpers?|shared|stuff|types|data\d+|handle-.*|.*-(utils?|helpers?))$/;

describe("file names", () => {
  test("are kebab-case", () => {
    expect(files.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stemOf(path)))).toEqual([]);
  });

  test("name a subject", () => {
    const folders = (path: string): string[] => posix.dirname(path).split("/");
    const vague = files.filter((path) => [stemOf(path), ...folders(path)].some((name) => banned.test(name)));
    expect(vague).toEqual([]);
  });

  test("make no barrel but the public index", () => {
    expect(files.filter((path) => stemOf(path) === "index")).toEqual(
      files.includes("src/index.ts") ? ["src/index.ts"] : [],
    );
  });
});
