import { describe, expect, test } from "vitest";
import { importsOf, packageOf, targetOf } from "./imports.ts";

describe("imports of a file", () => {
  test.each([
    ['import { a, b as c } from "./a.ts";', "./a.ts", false],
    ['import a from "a";', "a", false],
    ['import a, { b } from "a";', "a", false],
    ['import * as a from "a";', "a", false],
    ['import "./effect.ts";', "./effect.ts", false],
    ['import {\n  a,\n  type B,\n} from "./a.ts";', "./a.ts", false],
    ['import type { A } from "./a.ts";', "./a.ts", true],
    ['import type A from "./a.ts";', "./a.ts", true],
    ['import type {\n  A,\n  B,\n} from "./a.ts";', "./a.ts", true],
    ['import type from "./type.ts";', "./type.ts", false],
    ['export * from "./a.ts";', "./a.ts", false],
    ['export { a } from "./a.ts";', "./a.ts", false],
    ['export type { A } from "./a.ts";', "./a.ts", true],
    ['  const { a } = await import("./a.ts");', "./a.ts", false],
    ['type A = typeof import("./a.ts");', "./a.ts", true],
    ['type A = import("./a.ts").Name;', "./a.ts", true],
  ])("finds %j", (source, specifier, isType) => {
    expect(importsOf(source)).toEqual([{ specifier, isType }]);
  });

  test.each([
    'export const from = "x";',
    'export function copy(text: string) {\n  return text.replace("from", "to");\n}',
    '// import { a } from "./a.ts";',
    ' * import { a } from "./a.ts";',
    'export type Source = { from: "here" };',
    'export interface A {\n  b: string;\n}\nconst from = "x";',
  ])("finds none in %j", (source) => {
    expect(importsOf(source)).toEqual([]);
  });

  test("finds each of several, in one file", () => {
    const source =
      'import { a } from "a";\nimport type { B } from "./b.ts";\n\nexport const c = "d";\nexport * from "./e.ts";\n';
    expect(importsOf(source).map((found) => found.specifier)).toEqual(["a", "./b.ts", "./e.ts"]);
  });

  test("tells files from packages", () => {
    expect(targetOf("src/stores/meta/a.ts", "../../base/ids.ts")).toBe("src/base/ids.ts");
    expect(targetOf("src/a.ts", "pg")).toBeUndefined();
    expect(packageOf("@scope/name/sub")).toBe("@scope/name");
    expect(packageOf("graphql/utilities/index.js")).toBe("graphql");
    expect(packageOf("node:fs")).toBe("node:fs");
  });
});
