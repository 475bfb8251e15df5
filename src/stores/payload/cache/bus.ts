import type { Json } from "../../../base/json.ts";
import type { Bus } from "../../../messaging/bus/bus.ts";
import type { PayloadStore } from "../payload-store.ts";
import { cachePayloads } from "./cached-payload-store.ts";
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
 * connection may have missed some, and forgets everything when it is back; until then, and where the one that
 * deletes cannot publish, `ttlSeconds` bounds how long deleted bytes are served. What could not be published is kept, and published as
 * soon as the broker takes it; the deletion does not wait for that.
 * @throws ConfigurationError for sizes and times that are not above 0
 */
export function busCachedPayloadStore(inner: PayloadStore, { bus, ...options }: BusCacheOptions): PayloadStore {
  const announcements = announceDeletions(bus);
  const cached = cachePayloads({
    inner,
    held: holdPayloads(options),
    onDeleted: announcements.announce,
    async onClose() {
      stopHearing();
      stopReconnect();
      await announcements.close();
    },
  });
  const stopHearing = bus.subscribe(deletedPayloadsTopic, (message) => {
    const names = namesOf(message);
    if (names) cached.forget(names);
    else cached.forgetAll();
  });
  const stopReconnect = bus.onReconnect(() => {
    cached.forgetAll();
    void announcements.announce([]);
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
