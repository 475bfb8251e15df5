/**
 * Identical queries that are in flight at once are one. Each caller's signal ends its own waiting; the request is stopped when the last
 * caller has gone. Who comes after it has been stopped starts another.
 */
import { abortFailure, type Failure } from "../failure.ts";
import { onAbort } from "../on-abort.ts";
import type { RemoteResult } from "../remote.ts";
import type { Sending } from "./sender.ts";

interface Flight {
  readonly sending: Sending;
  waiting: number;
}

export interface InFlight {
  /** @param key undefined: not to be shared */
  join(key: string | undefined, start: () => Sending, signal: AbortSignal | undefined): Promise<RemoteResult | Failure>;
  /** What is in flight is joined no more. */
  forget(): void;
  stop(failure: Failure): void;
}

export function createInFlight(): InFlight {
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
    join(key, start, signal) {
      if (signal?.aborted) return Promise.resolve(abortFailure(signal));
      const flight = (key === undefined ? undefined : shared.get(key)) ?? begin(key, start);
      flight.waiting++;
      const { sending } = flight;
      if (signal === undefined) return sending.settled;
      return new Promise((resolve, reject) => {
        const leave = () => {
          const failure = abortFailure(signal);
          resolve(failure);
          if (--flight.waiting > 0) return;
          land(key, flight);
          sending.stop(failure);
        };
        const settle =
          <Outcome>(done: (outcome: Outcome) => void) =>
          (outcome: Outcome) => {
            forget();
            done(outcome);
          };
        const forget = onAbort(signal, leave);
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
