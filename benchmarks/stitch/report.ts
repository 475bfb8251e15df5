/** Figures of the slices, printed and judged. */
import type { QuestionName } from "./questions.ts";
import type { Slice } from "./slices.ts";

/** Contender → slices, in the order of the rounds. */
export type Rows = Readonly<Record<string, readonly Slice[]>>;

/** weft's requests a second as a multiple of the best rival's, or of the unstitched gateway's. */
export const goals: Readonly<Record<QuestionName, number>> = {
  "two remotes": 1.1,
  "two remotes and a model": 1.1,
  "own list": 0.95,
  "own get": 0.95,
};

export interface Verdict {
  readonly ratio: number;
  readonly goal: number;
  /** Whom weft is compared with. */
  readonly beside: string;
  readonly cpuRatio: number;
  readonly isReached: boolean;
}

export function judge(question: QuestionName, rows: Rows): Verdict | undefined {
  const { weft, ...others } = rows;
  const names = Object.keys(others);
  if (weft === undefined || names.length === 0) return undefined;
  const beside = names.reduce((best, name) => (speed(others[name]) > speed(others[best]) ? name : best));
  const rival = others[beside] ?? [];
  const isPaired = beside === "unstitched";
  // Side by side the two of a round had the same machine; between rivals of different speed it is the same either way.
  const ratio = isPaired
    ? median(weft.map((slice, round) => slice.requestsPerSecond / (rival[round]?.requestsPerSecond ?? Number.NaN)))
    : speed(weft) / speed(rival);
  const fewest = Math.min(...names.map((name) => median(others[name]?.map((slice) => slice.upstreamPerRequest) ?? [])));
  // Of 24 shelves some are asked for twice at once: who is slower has more of them in flight, and so more to share.
  const isLean = isPaired || median(weft.map((slice) => slice.upstreamPerRequest)) <= fewest + 0.02;
  const goal = goals[question];
  return { ratio, goal, beside, cpuRatio: cpu(weft) / cpu(rival), isReached: ratio >= goal && isLean };
}

export function print(question: QuestionName, rows: Rows): void {
  console.log(`\n${question}: median (best) of ${Object.values(rows)[0]?.length} slices each`);
  for (const [name, slices] of Object.entries(rows)) {
    const best = Math.max(...slices.map(({ requestsPerSecond }) => requestsPerSecond));
    const figures = [
      `${speed(slices).toFixed(0)} (${best.toFixed(0)}) requests/s`.padEnd(26),
      `${cpu(slices).toFixed(0)} µs gateway CPU a request`.padEnd(32),
      `${median(slices.map((slice) => slice.upstreamPerRequest)).toFixed(2)} upstream`,
    ];
    console.log(`  ${name.padEnd(12)} ${figures.join(" ")}`);
  }
  const verdict = judge(question, rows);
  if (verdict === undefined) return;
  const { ratio, beside, cpuRatio, goal, isReached } = verdict;
  console.log(
    `  weft ÷ ${beside}: requests/s × ${ratio.toFixed(2)}, CPU × ${cpuRatio.toFixed(2)}; goal × ${goal} ${isReached ? "reached" : "missed"}`,
  );
}

function speed(slices: readonly Slice[] = []): number {
  return median(slices.map(({ requestsPerSecond }) => requestsPerSecond));
}

function cpu(slices: readonly Slice[]): number {
  return median(slices.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
