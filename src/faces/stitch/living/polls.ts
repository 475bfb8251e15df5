/** Asks services again and again: each at its own pace, with jitter, so that many gateways do not ask at once. */
import type { LivingService } from "./living-service.ts";

export interface Polls {
  start(): void;
  stop(): void;
}

/** @param ask never rejects */
export function createPolls(services: readonly LivingService[], ask: (service: LivingService) => Promise<void>): Polls {
  const timers = new Map<LivingService, NodeJS.Timeout>();
  let isStopped = false;

  const schedule = (service: LivingService) => {
    const { poll = {}, url, sdl } = service.options;
    if (isStopped || poll === false || url === undefined || sdl !== undefined) return;
    const { everyMs = 30_000, jitterMs = 3_000 } = poll;
    const delay = Math.max(0, everyMs + (Math.random() * 2 - 1) * jitterMs);
    const timer = setTimeout(() => void ask(service).finally(() => schedule(service)), delay);
    timers.set(service, timer.unref());
  };

  return {
    start() {
      for (const service of services) schedule(service);
    },
    stop() {
      isStopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
