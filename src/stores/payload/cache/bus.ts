import type { Json } from "../../../base/json.ts";
import type { Bus } from "../../../messaging/bus/bus.ts";
import type { PayloadStore } from "../payload-store.ts";
import { cachePayloads } from "./cached-payload-store.ts";
import { type Hearing, proveHearing } from "./hearing.ts";
import { type CacheOptions, holdPayloads } from "./held-payloads.ts";

export interface BusCacheOptions extends CacheOptions {
  /** The bus of all nodes; not closed with the store. */
  readonly bus: Bus;
}

export const deletedPayloadsTopic = "payloads-deleted";

/** Names of one message, so that messages stay small. */
const namesAMessage = 200;
/** Names kept while the broker is away. Beyond that, everybody is asked to drop everything. */
const maxWaiting = 20_000;
const retryMs = { first: 500, most: 30_000 };

/**
 * Payloads kept until a deletion is heard of: every node publishes what it deletes, and forgets what it hears. A node that lost its
 * connection forgets everything, and reads from the store until it has heard itself again; one that has not heard itself yet keeps nothing.
 *
 * A read is so never older than the last deletion that this node has heard of, plus the bus's `silenceMs` (12 s): the longest that a
 * connection without messages passes for a good one. Where the node that deletes cannot publish, that time counts from when it can: what
 * could not be published is kept, and published as soon as the broker takes it; the deletion does not wait for that. `ttlSeconds`
 * bounds what is left, a node that deletes and ends before it could publish.
 * @throws ConfigurationError for sizes and times that are not above 0
 */
export function busCachedPayloadStore(inner: PayloadStore, { bus, ...options }: BusCacheOptions): PayloadStore {
  const announcements = announceDeletions(bus);
  let hearing: Hearing | undefined;
  const cached = cachePayloads({
    inner,
    held: holdPayloads(options),
    isTrusted: () => hearing?.isProven() ?? false,
    onDeleted: announcements.announce,
    async onClose() {
      stopListening();
      hearing?.end();
      await announcements.close();
    },
  });
  const stopListening = bus.subscribe(deletedPayloadsTopic, (message) => {
    hearing?.heard(message);
    const names = namesOf(message);
    if (names) cached.forget(names);
    else cached.forgetAll();
  });
  hearing = proveHearing(bus, {
    ask: (proof) => bus.publish(deletedPayloadsTopic, { names: [], proof }),
    onLost: () => cached.forgetAll(),
    onReturn: () => void announcements.announce([]),
  });
  return cached.store;
}

/** Undefined where all are meant, or a newer version of weft says what this one does not understand. */
function namesOf(message: Json): readonly string[] | undefined {
  if (typeof message !== "object" || message === null || !("names" in message) || !Array.isArray(message.names))
    return undefined;
  const names = message.names.filter((name) => typeof name === "string");
  return names.length === message.names.length ? names : undefined;
}

interface Announcements {
  /** Never rejects: what cannot be published now is published later. */
  announce(names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

function announceDeletions(bus: Bus): Announcements {
  let waiting = new Set<string>();
  let areAllMeant = false;
  let timer: NodeJS.Timeout | undefined;
  let pauseMs = retryMs.first;

  const publishWaiting = async () => {
    if (areAllMeant) {
      areAllMeant = false;
      await bus.publish(deletedPayloadsTopic, { all: true }).catch((error: unknown) => {
        areAllMeant = true;
        throw error;
      });
    }
    for (const names of batchesOf(waiting)) {
      await bus.publish(deletedPayloadsTopic, { names });
      for (const name of names) waiting.delete(name);
    }
  };
  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    try {
      await publishWaiting();
      pauseMs = retryMs.first;
    } catch {
      timer = setTimeout(() => void flush(), pauseMs).unref();
      pauseMs = Math.min(pauseMs * 2, retryMs.most);
    }
  };
  return {
    async announce(names) {
      for (const name of names) waiting.add(name);
      if (waiting.size > maxWaiting) {
        waiting = new Set();
        areAllMeant = true;
      }
      await flush();
    },
    async close() {
      await flush();
      clearTimeout(timer);
    },
  };
}

function batchesOf(names: ReadonlySet<string>): string[][] {
  const all = [...names];
  return Array.from({ length: Math.ceil(all.length / namesAMessage) }, (_, index) =>
    all.slice(index * namesAMessage, (index + 1) * namesAMessage),
  );
}
