import { randomUUID } from "node:crypto";
import type { Json } from "../../../base/json.ts";
import type { Bus } from "../../../messaging/bus/bus.ts";

/**
 * Whether this node hears what is published: it has heard a message of its own since it began, and since its connection was
 * last lost. A subscription is in force some time after it was asked for, or never, where the broker refuses it; only an echo tells.
 */
export interface Hearing {
  isProven(): boolean;
  /** To be called with each message, before it is acted upon. */
  heard(message: Json): void;
  end(): void;
}

export interface HearingOptions {
  /** Publishes a message whose `proof` is the text, to all nodes, this one among them. */
  readonly ask: (proof: string) => Promise<void>;
  /** Called when nothing that was heard before can be relied on any more. */
  readonly onLost: () => void;
  readonly onReturn: () => void;
}

/** How long an echo is waited for, in milliseconds, before it is asked for again. */
const askAgainMs = { first: 100, most: 5_000 };

export function proveHearing(bus: Bus, { ask, onLost, onReturn }: HearingOptions): Hearing {
  let awaited: string | undefined;
  let isProven = false;
  let timer: NodeJS.Timeout | undefined;

  const askAgain = (proof: string, pauseMs: number) => {
    ask(proof).catch(() => undefined);
    timer = setTimeout(askAgain, pauseMs, proof, Math.min(2 * pauseMs, askAgainMs.most)).unref();
  };
  const stop = () => {
    clearTimeout(timer);
    awaited = undefined;
    isProven = false;
  };
  const begin = () => {
    stop();
    // Another one each time: an echo that is late proves nothing about the connection that stands now.
    awaited = randomUUID();
    askAgain(awaited, askAgainMs.first);
  };
  const endings = [
    bus.onDisconnect(() => {
      stop();
      onLost();
    }),
    bus.onReconnect(() => {
      begin();
      onLost();
      onReturn();
    }),
  ];
  begin();

  return {
    isProven: () => isProven,
    heard(message) {
      if (awaited === undefined || !isProof(message, awaited)) return;
      clearTimeout(timer);
      awaited = undefined;
      isProven = true;
    },
    end() {
      for (const end of endings) end();
      stop();
    },
  };
}

function isProof(message: Json, proof: string): boolean {
  return typeof message === "object" && message !== null && "proof" in message && message.proof === proof;
}
