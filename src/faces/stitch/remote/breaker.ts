/**
 * A circuit breaker: a service that fails too often is left alone for a while, then asked by one request at a time.
 *
 * Written here and not taken from a library: it is a counter and three states, it costs a request nothing but two calls, its clock is
 * given, and a probe whose client has gone must neither close it nor open it, which the well-kept libraries do not know.
 */
import type { BreakerOptions } from "../options.ts";

export type BreakerState = "closed" | "open" | "half-open";

/** `neutral`: it says nothing about the service. */
export type Verdict = "well" | "ill" | "neutral";

export interface Breaker {
  /** undefined: not to be sent. Else it is told once how the request went. */
  admit(): ((verdict: Verdict) => void) | undefined;
}

interface BreakerClock {
  /** In ms, monotonic. */
  readonly now: () => number;
  readonly onChange: (state: BreakerState) => void;
}

const slices = 10;
const ignore = () => {};

export function createBreaker(options: BreakerOptions | false, { now, onChange }: BreakerClock): Breaker {
  if (options === false) return { admit: () => ignore };
  const { minRequests = 10, failureRate = 0.5, windowMs = 10_000, openMs = 2_000 } = options;
  const window = createWindow(windowMs / slices);
  let state: BreakerState = "closed";
  let openedAt = 0;
  let isProbing = false;

  const change = (next: BreakerState) => {
    if (state === next) return;
    state = next;
    onChange(next);
  };
  const open = () => {
    openedAt = now();
    change("open");
  };
  const count = (verdict: Verdict) => {
    // One that began before it opened says nothing new.
    if (verdict === "neutral" || state !== "closed") return;
    const { all, ill } = window.add(now(), verdict === "ill");
    if (all >= minRequests && ill > 0 && ill >= all * failureRate) open();
  };
  const settleProbe = (verdict: Verdict) => {
    isProbing = false;
    if (verdict === "ill") open();
    else if (verdict === "well") {
      window.clear();
      change("closed");
    }
  };

  return {
    admit() {
      if (state === "closed") return count;
      if (state === "open") {
        if (now() - openedAt < openMs) return undefined;
        change("half-open");
      }
      if (isProbing) return undefined;
      isProbing = true;
      return settleProbe;
    },
  };
}

/** Counts of the last `slices` slices of time. */
function createWindow(sliceMs: number) {
  const all = new Array<number>(slices).fill(0);
  const ill = new Array<number>(slices).fill(0);
  let current = 0;
  let sums = { all: 0, ill: 0 };

  const clear = () => {
    all.fill(0);
    ill.fill(0);
    sums = { all: 0, ill: 0 };
  };
  const advance = (to: number) => {
    if (to - current >= slices) clear();
    else {
      for (let slice = current + 1; slice <= to; slice++) {
        const at = slice % slices;
        sums.all -= all[at] ?? 0;
        sums.ill -= ill[at] ?? 0;
        all[at] = 0;
        ill[at] = 0;
      }
    }
    current = to;
  };

  return {
    clear,
    add(time: number, isIll: boolean): { readonly all: number; readonly ill: number } {
      const slice = Math.floor(time / sliceMs);
      if (slice !== current) advance(slice);
      const at = slice % slices;
      all[at] = (all[at] ?? 0) + 1;
      sums.all++;
      if (isIll) {
        ill[at] = (ill[at] ?? 0) + 1;
        sums.ill++;
      }
      return sums;
    },
  };
}
