/** The files of the repository, as the architecture tests see them. Paths are relative and use `/`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

const skipped = new Set(["node_modules", "dist", "generated", "coverage"]);

/** Every file below a folder of the repository, sorted; what is installed, built or generated is left out, and dot folders but `.ci`. */
export function filesIn(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) found.push(path);
    else if (entry.isDirectory() && !skipped.has(entry.name) && !isHidden(entry.name)) found.push(...filesIn(path));
  }
  return found.sort();
}

function isHidden(name: string): boolean {
  return name.startsWith(".") && name !== ".ci";
}

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function isTypeScript(path: string): boolean {
  return path.endsWith(".ts") || path.endsWith(".mts");
}

/** The cells of every row of a Markdown document's tables, trimmed; separator rows left out. */
export function tableRows(markdown: string): string[][] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** The part of a Markdown document below a heading, up to the next heading of the same depth. */
export function section(markdown: string, heading: string): string {
  const [, below] = markdown.split(`\n${heading}\n`);
  if (below === undefined) throw new Error(`there is no heading "${heading}"`);
  const marks = /^#+/.exec(heading)?.[0] ?? "#";
  return below.split(new RegExp(`^${marks} `, "m"))[0] ?? "";
}

/** The texts in backticks of a cell. */
export function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
}
