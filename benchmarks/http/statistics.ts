/** One slice of load on one contender. */
export interface Slice {
  readonly requestsPerSecond: number;
  /** Of the server process. */
  readonly cpuMicrosPerRequest: number;
  /** Of PostgreSQL, all its processes. */
  readonly databaseMicrosPerRequest: number;
}

export interface Summary {
  readonly median: Slice;
  /** Most requests a second, least processor time: not necessarily of one slice. */
  readonly best: Slice;
}

export function summarize(slices: readonly Slice[]): Summary {
  const speeds = slices.map((slice) => slice.requestsPerSecond);
  const cpu = slices.map((slice) => slice.cpuMicrosPerRequest);
  const database = slices.map((slice) => slice.databaseMicrosPerRequest);
  return {
    median: {
      requestsPerSecond: median(speeds),
      cpuMicrosPerRequest: median(cpu),
      databaseMicrosPerRequest: median(database),
    },
    best: {
      requestsPerSecond: Math.max(...speeds),
      cpuMicrosPerRequest: Math.min(...cpu),
      databaseMicrosPerRequest: Math.min(...database),
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
