/**
 * Identical queries that are in flight at once are one. Each caller's signal and deadline end its own waiting; the request is stopped when
 * the last caller has gone. Who comes after it has been stopped starts another.
 */
import { abortFailure, type Failure, pastDeadline } from "../failure.ts";
import { onAbort } from "../on-abort.ts";
import type { RemoteCaller, RemoteResult } from "../remote.ts";
import type { Sending } from "./sender.ts";

interface Flight {
  readonly sending: Sending;
  waiting: number;
}

export interface InFlight {
  /** @param key undefined: not to be shared */
  join(
    key: string | undefined,
    start: () => Sending,
    caller: Pick<RemoteCaller, "signal" | "deadline">,
  ): Promise<RemoteResult | Failure>;
  /** What is in flight is joined no more. */
  forget(): void;
  stop(failure: Failure): void;
}

/** @param longestMs how long a flight can take at most: later deadlines need no timer */
export function createInFlight(longestMs: number): InFlight {
  const shared = new Map<string, Flight>();
  const all = new Set<Flight>();

  const begin = (key: string | undefined, start: () => Sending): Flight => {
    const flight: Flight = { sending: start(), waiting: 0 };
    all.add(flight);
    if (key !== undefined) shared.set(key, flight);
    const end = () => land(key, flight);
    flight.sending.settled.then(end, end);
    return flight;
  };
  const land = (key: string | undefined, flight: Flight) => {
    all.delete(flight);
    if (key !== undefined && shared.get(key) === flight) shared.delete(key);
  };

  return {
    join(key, start, { signal, deadline }) {
      if (signal?.aborted) return Promise.resolve(abortFailure(signal));
      const remainingMs = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - performance.now();
      if (remainingMs <= 0) return Promise.resolve(pastDeadline());
      const flight = (key === undefined ? undefined : shared.get(key)) ?? begin(key, start);
      flight.waiting++;
      const { sending } = flight;
      if (signal === undefined && remainingMs >= longestMs) return sending.settled;
      return new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        let forget = () => {};
        const leave = (failure: Failure) => {
          clearTimeout(timer);
          forget();
          resolve(failure);
          if (--flight.waiting > 0) return;
          land(key, flight);
          sending.stop(failure);
        };
        const settle =
          <Outcome>(done: (outcome: Outcome) => void) =>
          (outcome: Outcome) => {
            clearTimeout(timer);
            forget();
            done(outcome);
          };
        if (signal !== undefined) forget = onAbort(signal, () => leave(abortFailure(signal)));
        if (remainingMs < longestMs) timer = setTimeout(() => leave(pastDeadline()), remainingMs);
        sending.settled.then(settle(resolve), settle(reject));
      });
    },
    forget() {
      shared.clear();
    },
    stop(failure) {
      for (const { sending } of all) sending.stop(failure);
    },
  };
}
