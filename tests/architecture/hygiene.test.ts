/** What must not lie about: silent skips, holes in the types, unfinished marks, traces of one machine, unexplained packages. */
import { describe, expect, test } from "vitest";
import { filesIn, isTypeScript, quoted, read, section, tableRows } from "./files.ts";

const packages = JSON.parse(read("package.json"));
const texts = filesIn("").filter((path) =>
  /(\.(m?[jt]s|json|md|sql|prisma|graphql|ya?ml)|Dockerfile|\.ci\/run)$/.test(path),
);
const code = texts.filter(isTypeScript);

/** `file:line: text` of every line that matches. */
function linesWith(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((path) =>
    read(path)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}

describe("tests", () => {
  const tests = code.filter((path) => path.startsWith("tests/") && path !== "tests/architecture/hygiene.test.ts");

  test("are never left out for good", () => {
    const bare = /\b(it|test|describe|suite)(\.\w+)*\.(skip|todo|only|fails)\b|\bx(it|describe|test)\(|\.skip\(\s*\)/;
    expect(linesWith(tests, bare)).toEqual([]);
  });

  test("that may be left out say why in their title: a value put in, or what they need in brackets", () => {
    const conditional = linesWith(tests, /\b(it|test|describe|suite)(\.\w+)*\.(skipIf|runIf)\(/);
    expect(conditional.filter((line) => !/`[^`]*\$\{|\(needs /.test(line))).toEqual([]);
  });
});

describe("code", () => {
  test("is linted against any and non-null assertions, and no exception is without a reason", () => {
    expect(JSON.parse(read("biome.json")).linter.rules).toMatchObject({
      suspicious: { noExplicitAny: "error" },
      style: { noNonNullAssertion: "error" },
    });
    expect(
      linesWith(code, /@ts-(ignore|nocheck)|@ts-expect-error\s*$|biome-ignore(-all|-start)? [\w/]+:?\s*$/),
    ).toEqual([]);
    expect(
      linesWith(
        code.filter((path) => path.startsWith("src/")),
        /noExplicitAny|noNonNullAssertion/,
      ),
    ).toEqual([]);
  });

  test("carries no mark of unfinished work", () => {
    const marks = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`);
    expect(
      linesWith(
        texts.filter((path) => !path.startsWith("tests/cases/")),
        marks,
      ),
    ).toEqual([]);
  });
});

describe("the repository", () => {
  test("names no folder outside itself", () => {
    const outside = new RegExp([["", "work", ""].join("/"), ["..", "shared", ""].join("/")].join("|"));
    expect(linesWith(texts, outside)).toEqual([]);
  });

  test("names no registry's host in its lockfiles", () => {
    const locks = filesIn("").filter((path) => path.endsWith("package-lock.json"));
    expect(locks).toContain("package-lock.json");
    expect(linesWith(locks, /"resolved": "https?:/)).toEqual([]);
  });

  // A registry that lacks another platform's package makes npm leave it out, and `npm ci` of npm 11 then refuses the lockfile.
  test("locks the optional packages of every platform", () => {
    const locked: Record<string, { optionalDependencies?: object }> = JSON.parse(read("package-lock.json")).packages;
    const optional = Object.values(locked).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    const paths = Object.keys(locked);
    expect(optional.filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)))).toEqual([]);
  });

  test("explains every package in src/README.md, and no other", () => {
    const cells = tableRows(section(read("src/README.md"), "## Dependencies")).flatMap(([name = ""]) => quoted(name));
    const groups = [
      packages.dependencies,
      packages.optionalDependencies,
      packages.devDependencies,
      packages.peerDependencies,
    ];
    const listed = groups.flatMap((group) => Object.keys(group ?? {}));
    expect([...new Set(cells)].sort()).toEqual([...new Set(listed)].sort());
  });

  test("has the two commands that README.md promises, and CI runs the second", () => {
    expect(read("README.md")).toContain("npm ci && npm start");
    expect(read("README.md")).toContain("npm ci && npm test");
    expect(read(".ci/run")).toContain("npm ci && npm test");
    expect(packages.scripts).toMatchObject({ start: expect.any(String), test: expect.any(String) });
  });

  test("has the eight parts of the product", () => {
    const parts = ["package.json", "prisma/", "src/", "schema/", "tests/", "docker/", "benchmarks/", "README.md"];
    const all = filesIn("");
    expect(parts.filter((part) => !all.some((path) => path === part || path.startsWith(part)))).toEqual([]);
  });
});
