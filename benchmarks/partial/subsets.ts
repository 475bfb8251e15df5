/** Random subsets of a document's fields, each read in part and by msgpackr in full: is the part ever slower? */
import { msgpackEncoding } from "../../src/codec/msgpack/encoding.ts";
import { selectionFromPaths } from "../../src/codec/partial-path.ts";
import type { ObjectShape, Shape } from "../../src/codec/shape.ts";
import type { Random } from "./documents.ts";
import type { Contender, Timings } from "./rounds.ts";

export interface SubsetsResult {
  readonly count: number;
  readonly slower: readonly { readonly paths: readonly string[]; readonly ratio: number }[];
  readonly least: number;
  readonly median: number;
}

export interface SubsetsOptions {
  readonly bytes: Buffer;
  readonly shape: ObjectShape;
  readonly random: Random;
  readonly count: number;
  /** Reads in full. */
  readonly full: Contender;
  race(contenders: readonly Contender[]): Timings;
}

export function raceSubsets({ bytes, shape, random, count, full, race }: SubsetsOptions): SubsetsResult {
  const leaves = pathsOf(shape);
  const ratios = Array.from({ length: count }, () => {
    const share = random();
    const chosen = leaves.filter(() => random() < share);
    const paths = chosen.length > 0 ? chosen : [leaves[0] as string];
    const selection = selectionFromPaths(paths, shape);
    const timings = race([full, { name: "weft", run: () => msgpackEncoding.decodePartial(bytes, selection, shape) }]);
    return { paths, ratio: (timings.get(full.name) ?? 0) / (timings.get("weft") ?? 1) };
  });
  const sorted = ratios.map(({ ratio }) => ratio).sort((a, b) => a - b);
  return {
    count,
    slower: ratios.filter(({ ratio }) => ratio < 1),
    least: sorted[0] ?? Number.NaN,
    median: sorted[sorted.length >> 1] ?? Number.NaN,
  };
}

function pathsOf(shape: Shape): string[] {
  if (shape.kind === "list") return pathsOf(shape.element).map((path) => (path === "" ? "-" : `-/${path}`));
  if (shape.kind !== "object") return [""];
  return [...shape.fields].flatMap(([name, field]) =>
    pathsOf(field).map((path) => (path === "" ? name : `${name}/${path}`)),
  );
}
