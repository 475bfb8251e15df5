/** The floor table of `src/README.md`: which part of the house a file belongs to, and how high that part lies. */
import { filesIn, isTypeScript, quoted, read, section, tableRows } from "./files.ts";
import { importsOf, targetOf } from "./imports.ts";

export interface Part {
  /** Below `src/`: a folder with a slash at its end, or a file. */
  readonly path: string;
  readonly floor: number;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

/** Here wiring happens: its parts may import each other. */
export const wiringFloor = 8;

export function readFloorTable(): Part[] {
  return tableRows(section(read("src/README.md"), "## Floors"))
    .filter(([floor]) => /^\d+$/.test(floor ?? ""))
    .map(([floor, path = ""]) => ({ floor: Number(floor), path: quoted(path)[0] ?? "" }));
}

/** The part that holds a file of `src/`; undefined for a stranger. */
export function partOf(parts: readonly Part[], file: string): Part | undefined {
  const path = file.slice("src/".length);
  return parts.find((part) => path === part.path || (part.path.endsWith("/") && path.startsWith(part.path)));
}

export function sourceFiles(): string[] {
  return filesIn("src").filter(isTypeScript);
}

export function importEdges(files: readonly string[]): Edge[] {
  return files.flatMap((from) =>
    importsOf(read(from)).flatMap(({ specifier, isType }) => {
      const to = targetOf(from, specifier);
      return to === undefined ? [] : [{ from, to, isType }];
    }),
  );
}

/** Groups of files that import each other, directly or around a circle (Tarjan's strongly connected components). */
export function cyclesOf(edges: readonly Edge[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const cycles: string[][] = [];

  const visit = (file: string): number => {
    const place = order.size;
    order.set(file, place);
    lowest.set(file, place);
    open.push(file);
    for (const target of targets.get(file) ?? []) {
      const reached = order.has(target) ? (open.includes(target) ? order.get(target) : undefined) : visit(target);
      if (reached !== undefined) lowest.set(file, Math.min(lowest.get(file) ?? place, reached));
    }
    if (lowest.get(file) === place) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1 || targets.get(file)?.includes(file)) cycles.push(group.sort());
    }
    return lowest.get(file) ?? place;
  };
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return cycles;
}
