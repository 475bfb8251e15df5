/** Times contenders in turns, so that a slow moment of the machine hits all of them, and keeps the fastest round of each. */

export interface Contender {
  readonly name: string;
  run(): unknown;
}

export interface RoundsOptions {
  readonly rounds: number;
  /** How long one contender runs before the next has its turn. */
  readonly sliceMs: number;
}

/** Nanoseconds a run, by contender. */
export type Timings = ReadonlyMap<string, number>;

/** What runs gave, so that no engine leaves them out. */
export const kept: unknown[] = [undefined];

export function race(contenders: readonly Contender[], { rounds, sliceMs }: RoundsOptions): Timings {
  const runs = new Map(contenders.map((contender) => [contender, calibrated(contender, sliceMs)]));
  const best = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    for (const [contender, count] of runs) {
      const taken = nanosecondsOf(contender, count) / count;
      best.set(contender.name, Math.min(best.get(contender.name) ?? Number.POSITIVE_INFINITY, taken));
    }
  }
  return best;
}

/** Enough for the engine to have optimised what runs, whose compiler works beside it and may find the processors busy. */
const warmRuns = 20_000;
const warmMs = { least: 50, most: 300 };

/** Runs a slice. */
function calibrated(contender: Contender, sliceMs: number): number {
  let count = 1;
  let runs = 0;
  const start = performance.now();
  const isCold = (ms: number) => ms < warmMs.least || (runs < warmRuns && ms < warmMs.most);
  while (isCold(performance.now() - start)) {
    const taken = nanosecondsOf(contender, count);
    runs += count;
    if (taken < sliceMs * 1e6) count *= 2;
  }
  return Math.max(1, Math.round((count * sliceMs * 1e6) / nanosecondsOf(contender, count)));
}

function nanosecondsOf({ run }: Contender, count: number): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) kept[0] = run();
  return Number(process.hrtime.bigint() - start);
}
