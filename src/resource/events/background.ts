/** Work that nobody waits for, until the gateway closes. */

export interface Background {
  /** Begins it in a later turn of the event loop. A failure is reported. */
  start(work: () => unknown, where: string): void;
  /** Resolves when nothing is under way, at the latest after so many ms. */
  idle(graceMs: number): Promise<void>;
}

export function createBackground(report: (error: unknown, where: string) => void): Background {
  const running = new Set<Promise<void>>();
  return {
    start(work, where) {
      const run = async () => {
        await new Promise((resolve) => setImmediate(resolve));
        await work();
      };
      const tracked = run()
        .catch((error: unknown) => report(error, where))
        .finally(() => running.delete(tracked));
      running.add(tracked);
    },
    async idle(graceMs) {
      if (running.size === 0) return;
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      const ended = async () => {
        while (running.size > 0) await Promise.all(running);
      };
      await Promise.race([ended(), over]);
      clearTimeout(timer);
      for (const _left of running) report(new Error("a background handler was still running at the end"), "closing");
    },
  };
}
