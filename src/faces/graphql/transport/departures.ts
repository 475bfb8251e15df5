/**
 * Operations of one websocket whose client has gone before they had a result: by `complete` for their id, or with the socket. graphql-ws
 * tells nobody of that; it takes the id out of its table, at which we look behind every message.
 */
export interface Departures {
  /** @param work is given what makes, when it is wanted, the signal that aborts when the client goes before the work is done */
  during<Result>(id: string, work: (gone: () => AbortSignal) => Promise<Result>): Promise<Result>;
  /** Looks who has gone. */
  check(): void;
}

/** As graphql-ws has it. */
interface Table {
  readonly subscriptions: Readonly<Record<string, unknown>>;
}

export function createDepartures(table: () => Table | undefined): Departures {
  const running = new Set<{ readonly id: string; readonly leave: () => void }>();
  return {
    async during(id, work) {
      let controller: AbortController | undefined;
      let isGone = false;
      const gone = () => {
        controller ??= new AbortController();
        if (isGone) controller.abort();
        return controller.signal;
      };
      const leave = () => {
        isGone = true;
        controller?.abort();
      };
      const one = { id, leave };
      running.add(one);
      try {
        return await work(gone);
      } finally {
        running.delete(one);
      }
    },
    check() {
      if (running.size === 0) return;
      const subscriptions = table()?.subscriptions ?? {};
      for (const one of running) {
        if (one.id in subscriptions) continue;
        running.delete(one);
        one.leave();
      }
    },
  };
}
