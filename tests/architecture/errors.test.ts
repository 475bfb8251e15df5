/** The table of errors in README.md is the one in the code. */
import { describe, expect, test } from "vitest";
import { errorTable } from "../../src/base/errors.ts";
import { filesIn, isTypeScript, quoted, read, section, tableRows } from "./files.ts";

const rows = tableRows(section(read("README.md"), "## Errors")).filter(([code]) => code?.startsWith("`"));
const documented = rows.map(([code = "", status, when]) => ({
  code: quoted(code)[0] ?? "",
  status: Number(status),
  when,
}));

describe("error codes", () => {
  test("stand in README.md with their HTTP status, each once, and no others", () => {
    const listed = documented.map(({ code, status }) => [code, status]).sort();
    const known = Object.entries(errorTable).map(([code, { status }]) => [code, status]);
    expect(listed).toEqual(known.sort());
  });

  test("are explained, each", () => {
    expect(documented.filter(({ when }) => !when).map(({ code }) => code)).toEqual([]);
  });

  test("used in src are in the table", () => {
    const used = filesIn("src")
      .filter(isTypeScript)
      .flatMap((path) => [...read(path).matchAll(/\bnew WeftError\(\s*"([^"]+)"/g)].map(([, code = ""]) => code));
    expect(used.length).toBeGreaterThan(0);
    expect([...new Set(used)].filter((code) => !Object.hasOwn(errorTable, code))).toEqual([]);
  });
});
