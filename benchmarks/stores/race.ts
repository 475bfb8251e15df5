/** Sides in turns, one call each, so that a slow moment of the machine hits all of them. */

/** Makes what a call needs, outside of the time that counts. */
export type Prepare = () => () => Promise<unknown>;

/** Median microseconds of a call. */
export type Figures = Readonly<Record<string, number>>;

export async function race(sides: Readonly<Record<string, Prepare>>, samples: number): Promise<Figures> {
  const times = Object.entries(sides).map(([name, prepare]) => ({ name, prepare, all: [] as number[] }));
  for (let round = -Math.ceil(samples / 4); round < samples; round++) {
    for (const { prepare, all } of times) {
      const call = prepare();
      const start = performance.now();
      await call();
      if (round >= 0) all.push((performance.now() - start) * 1000);
    }
    // Who is first in a round finds other caches than who is last.
    times.push(...times.splice(0, 1));
  }
  return Object.fromEntries(times.map(({ name, all }) => [name, median(all)]));
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
