import type { DiskResult } from "./disk.ts";
import { diskGoal, subsets } from "./goals.ts";
import type { Timings } from "./rounds.ts";
import type { SubsetsResult } from "./subsets.ts";

/** Prints as results come in, and remembers them. */
export interface Report {
  heading(text: string): void;
  /** @param goal how many times faster than msgpackr's full decode weft has to be */
  timings(title: string, timings: Timings, goal?: number): void;
  subsets(result: SubsetsResult): void;
  disk(title: string, result: DiskResult): void;
  /** Prints what was missed. */
  end(): Results;
}

export interface Results {
  /** Goals. */
  readonly missed: readonly string[];
  /** All that was measured; times in nanoseconds. */
  readonly groups: readonly { readonly heading: string; readonly results: readonly unknown[] }[];
}

export function createReport(): Report {
  const missed: string[] = [];
  const groups: { readonly heading: string; readonly results: unknown[] }[] = [];
  /** Of msgpackr on the document at hand: a slow moment of the machine in one race must not flatter. */
  let leastFull = Number.POSITIVE_INFINITY;
  const keep = (result: unknown) => groups.at(-1)?.results.push(result);
  const verdict = (isMet: boolean, miss: string) => {
    if (!isMet) missed.push(miss);
    return isMet ? "reached" : "MISSED";
  };

  console.log("The fastest round of each, and how many times faster that is than msgpackr's fastest full decode.");

  return {
    heading(text) {
      groups.push({ heading: text, results: [] });
      leastFull = Number.POSITIVE_INFINITY;
      console.log(`\n${text}`);
    },
    timings(title, timings, goal) {
      leastFull = Math.min(leastFull, timings.get("msgpackr") ?? 0);
      const full = leastFull;
      const ratio = full / (timings.get("weft") ?? 0);
      const met = goal && `  goal ${goal}×: ${verdict(ratio >= goal, `${title}: ${times(ratio)} of ${goal}×`)}`;
      console.log(`  ${title}${met ?? ""}`);
      keep({ title, ratio, goal, nanoseconds: Object.fromEntries(timings) });
      for (const [name, taken] of timings) {
        console.log(`    ${name.padEnd(18)} ${duration(taken).padStart(12)} ${times(full / taken).padStart(10)}`);
      }
    },
    subsets(result) {
      keep(result);
      const { count, slower, least, median } = result;
      const most = Math.floor(count * subsets.maxShareSlower);
      const met = verdict(slower.length <= most, `random subsets: ${slower.length} of ${count} slower`);
      console.log(
        `  median ${times(median)}, least ${times(least)}; ${slower.length} slower, goal at most ${most}: ${met}`,
      );
      for (const { paths, ratio } of slower) console.log(`    ${ratio.toFixed(2)}× ${paths.join(", ")}`);
    },
    disk(title, result) {
      keep({ title, ...result });
      const { bytesRead, indexCharacters, ranged, whole } = result;
      const bytesMet = verdict(bytesRead <= diskGoal.maxBytes, `${title}: ${bytesRead} bytes read`);
      const share = whole / ranged;
      const shareMet = verdict(share >= 1 / diskGoal.share, `${title}: 1/${share.toFixed(0)} of the whole`);
      console.log(`  ${title}: ${bytesRead} bytes beside an index of ${indexCharacters}: ${bytesMet}`);
      console.log(`    the whole file, decoded by msgpackr ${duration(whole)}`);
      console.log(
        `    the ranges, planned, read, checked and decoded ${duration(ranged)}: 1/${share.toFixed(0)} ${shareMet}`,
      );
    },
    end() {
      console.log(missed.length === 0 ? "\nAll goals reached." : `\nMissed:\n  ${missed.join("\n  ")}`);
      return { missed, groups };
    },
  };
}

function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 100 ? 1 : 0)}×`;
}

function duration(nanoseconds: number): string {
  if (nanoseconds < 10_000) return `${nanoseconds.toFixed(nanoseconds < 100 ? 1 : 0)} ns`;
  return `${(nanoseconds / 1000).toFixed(1)} µs`;
}
