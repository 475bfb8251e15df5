/** The stores of a gateway: checked at once, opened on first use, all or none, closed together. */
import type { Logger } from "pino";
import { ConfigurationError, WeftError } from "./base/errors.ts";
import { checkUrl, openPart, type Parts } from "./drivers.ts";
import { checkCacheKind, type Environment, type Part, type PayloadCacheKind, urlVariables } from "./environment.ts";
import { createFeed } from "./features/feed/create-feed.ts";
import type { Feed } from "./features/feed/feed.ts";
import type { Bus } from "./messaging/bus/bus.ts";
import type { Queue } from "./messaging/queue/queue.ts";
import type { GatewayOptions } from "./options.ts";
import { createBackground } from "./resource/events/background.ts";
import { createPayloadCache } from "./resource/payload-cache.ts";
import type { Services } from "./resource/services.ts";
import { createTurns } from "./resource/turns.ts";
import { type FastSlowMetaStore, fastSlowMetaStore, type Lag } from "./stores/meta/fast-slow/fast-slow.ts";
import type { Journal } from "./stores/meta/journal.ts";
import { isReplica } from "./stores/meta/meta-replica.ts";
import type { MetaStore } from "./stores/meta/meta-store.ts";
import type { PayloadStore } from "./stores/payload/payload-store.ts";

interface Opened {
  readonly services: Services;
  readonly queue: Queue;
  readonly feed: Feed;
  /** Of the meta store behind its fast one; absent without one. */
  readonly lag?: () => Lag;
}

export interface OpenStores {
  /** Opens what is not open yet. @throws ConfigurationError that names the variable; the next call tries again */
  open(): Promise<Opened>;
  /** What `open` resolved with. A bug of the caller before that. */
  opened(): Opened;
  /** Called with what this process has committed, before whoever wrote it hears of that. Must not throw. */
  onCommit(listener: Services["onCommit"]): void;
  /** By part, "ok" or what is wrong. */
  check(): Promise<Record<string, string>>;
  /** Ends the feed's streams; stores stay open for what still runs. */
  endStreams(): Promise<void>;
  /** Waits for what runs in the background, so many ms at most. */
  endWork(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

const weakFastStore =
  "WEFT_META_FAST: a crash may take writes that were acknowledged and have not moved on to WEFT_META yet";

const defaultCacheBytes = 32 * 1024 * 1024;

/** @throws ConfigurationError for a URL that no driver knows, before anything is opened */
export function createStores(options: GatewayOptions, environment: Environment, log: Logger): OpenStores {
  const sourceOf = <P extends Part>(part: P) => options[part] ?? environment.urls[part];
  for (const part of Object.keys(urlVariables) as Part[]) {
    const source = sourceOf(part);
    if (typeof source === "string") checkUrl(part, source);
  }
  let opening: Promise<Opened> | undefined;
  let state: Opened | undefined;
  let isClosed = false;
  const commitListeners: Services["onCommit"][] = [];

  const cacheKind = checkCacheKind(options.payloadCache, "payloadCache") ?? environment.payloadCache;

  const report = (error: unknown, where: string) =>
    log.error({ err: error, where }, "a failure that no caller hears of");

  const openOne = async <P extends Part>(part: P) => {
    const source = sourceOf(part);
    if (typeof source !== "string") return source as Parts[P];
    return openPart(part, source, { report: (error) => report(error, part) });
  };

  async function openAll(): Promise<Opened> {
    const closers: (() => Promise<void>)[] = [];
    const track = async <S extends { close(): Promise<void> }>(store: Promise<S>): Promise<S> => {
      const open = await store;
      closers.push(() => open.close());
      return open;
    };
    try {
      const bus = await track(openOne("bus"));
      const queue = await track(openOne("queue"));
      const stored = await track(openOne("payload"));
      const payload = cacheKind ? await track(cached(cacheKind, stored, bus)) : stored;
      const blob = await track(openOne("blob"));
      const slow = await track(openOne("meta"));
      const fast = sourceOf("metaFast") === undefined ? undefined : await track(openOne("metaFast"));
      const hastened = fast && (await track(openFastSlow(slow, fast, report)));
      if (fast && fast.durability !== "always") log.warn({ durability: fast.durability }, weakFastStore);
      const meta = hastened ?? slow;
      const feed = createFeed({
        meta,
        bus,
        report,
        ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
      });
      const onCommit: Services["onCommit"] = (changes) => {
        for (const listener of commitListeners) listener(changes);
        feed.committed(changes);
      };
      // Behind another cache it would hold the same bytes twice.
      const payloadCache = createPayloadCache(options.payloadCacheBytes ?? (cacheKind ? 0 : defaultCacheBytes));
      const background = createBackground(report);
      const services = { meta, payload, payloadCache, blob, bus, turns: createTurns(), onCommit, report, background };
      state = { services, queue, feed, ...(hastened && { lag: hastened.lag }) };
      return state;
    } catch (error) {
      for (const close of closers) await close().catch(() => undefined);
      throw error;
    }
  }

  return {
    open() {
      if (isClosed) return Promise.reject(new WeftError("SHUTTING_DOWN"));
      opening ??= openAll().catch((error) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    opened() {
      if (!state) throw new Error("the stores are not open yet");
      return state;
    },
    onCommit: (listener) => void commitListeners.push(listener),
    async check() {
      if (!state) return { stores: "not open yet" };
      const { meta, payload, blob, bus } = state.services;
      const results = Object.entries({ meta, payload, blob, bus, queue: state.queue }).map(async ([part, store]) => {
        const answer = await store.ping().then(
          () => "ok",
          (error: unknown) => (error instanceof WeftError ? error.message : "does not answer"),
        );
        return [part, answer] as const;
      });
      return Object.fromEntries(await Promise.all(results));
    },
    async endStreams() {
      await state?.feed.close();
    },
    async endWork(graceMs) {
      await state?.services.background.idle(graceMs);
    },
    async close() {
      isClosed = true;
      await opening?.catch(() => undefined);
      if (!state) return;
      await state.feed.close();
      const { meta, payload, blob, bus } = state.services;
      let failure: unknown;
      for (const store of [state.queue, meta, payload, blob, bus]) {
        await store.close().catch((error: unknown) => {
          failure ??= error;
        });
      }
      if (failure !== undefined) throw failure;
    },
  };
}

/** A cache closes the store behind it. */
async function cached(kind: PayloadCacheKind, inner: PayloadStore, bus: Bus): Promise<PayloadStore> {
  switch (kind) {
    case "ttl":
      return (await import("./stores/payload/cache/ttl.ts")).ttlCachedPayloadStore(inner);
    case "etag":
      return (await import("./stores/payload/cache/etag.ts")).etagCachedPayloadStore(inner);
    case "bus":
      return (await import("./stores/payload/cache/bus.ts")).busCachedPayloadStore(inner, { bus });
  }
}

/** @throws ConfigurationError that names the variable */
async function openFastSlow(slow: MetaStore, fast: Journal, report: Services["report"]): Promise<FastSlowMetaStore> {
  if (!isReplica(slow))
    throw new ConfigurationError("WEFT_META_FAST: the meta store behind it cannot take over commits (MetaReplica).");
  try {
    return await fastSlowMetaStore({ fast, slow, report });
  } catch (error) {
    if (error instanceof ConfigurationError) throw new ConfigurationError(`WEFT_META_FAST: ${error.message}`);
    throw error;
  }
}
