/**
 * Which characters an expression of one character takes: asked of RE2 itself, so that its tables of scripts, categories
 * and letter cases are the only ones.
 */
import { LRUCache } from "lru-cache";
import { RE2JS } from "re2js";

/** Code points, both ends included; ascending, with gaps between. */
export type RuneRanges = readonly (readonly [first: number, last: number])[];

/** All that a stored text may hold: neither NUL nor halves of surrogate pairs (see `model/storable-text.ts`). */
export const everyRune: RuneRanges = [
  [0x1, 0xd7ff],
  [0xe000, 0x10ffff],
];

const known = new LRUCache<string, RuneRanges>({ max: 200 });

/**
 * The storable characters that an expression such as `\d`, `.`, `(?i)[a-f]` or `\x{1f600}` takes.
 * @throws RE2JSException where it is none
 */
export function runeRanges(expression: string): RuneRanges {
  const ranges = known.get(expression) ?? storable(rangesOf(expression));
  known.set(expression, ranges);
  return ranges;
}

/** The storable characters that are not among these. */
export function complementOf(ranges: RuneRanges): RuneRanges {
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [first, last] of ranges) {
    if (next < first) gaps.push([next, first - 1]);
    next = last + 1;
  }
  gaps.push([next, 0x10ffff]);
  return storable(gaps);
}

/** What RE2 compiles such an expression to: one instruction that takes a character, or none where no character will do. */
interface RuneProgram {
  readonly inst: readonly { readonly runes: Int32Array | readonly number[]; readonly arg: number }[];
}

function rangesOf(expression: string): [number, number][] {
  const { inst } = RE2JS.compile(expression).re2().prog as RuneProgram;
  const [taker] = inst.filter(({ runes }) => runes.length > 0);
  const [rune] = taker?.runes ?? [];
  if (taker === undefined || rune === undefined) return [];
  if (taker.runes.length > 1) return pairsOf(taker.runes);
  // A single letter of either case is kept as one character and a flag; beside another one, each case is named.
  return taker.arg === 0 ? [[rune, rune]] : pairsOf(rangesOf(`(?i)[\\x00\\x{${rune.toString(16)}}]`).flat());
}

function pairsOf(runes: Int32Array | readonly number[]): [number, number][] {
  return Array.from({ length: runes.length / 2 }, (_, i) => [runes[2 * i] ?? 0, runes[2 * i + 1] ?? 0]);
}

function storable(ranges: readonly (readonly [number, number])[]): RuneRanges {
  return ranges.flatMap(([first, last]) =>
    everyRune
      .map(([lowest, highest]): [number, number] => [Math.max(first, lowest), Math.min(last, highest)])
      .filter(([from, to]) => from <= to),
  );
}
