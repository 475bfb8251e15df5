/**
 * Answers to queries, kept until something changes that they hold. Off by default.
 *
 * Kept are answers without errors to queries of weft's own fields, and of other services' where their types have a time to live here. What an answer rests
 * on is noted while it is made: resources read by id, and names of models that were searched or counted; a change of one of them throws it away, at
 * once and before the write is acknowledged where it was made on this node, else when the change log brings it: after the bus' delay, or `pollMs` where nothing comes by
 * the bus. Where code of the application decides (policies, permissions), each actor has answers of its own and any change throws them away; what such
 * code reads elsewhere, and the time, it sees after `ttlMs` at the latest. An answer that was under way while something changed is not kept. While the log cannot be followed nothing is.
 *
 * Never kept: mutations, subscriptions, answers with errors, queries with fields of the application's own, of models with event handlers, with `Binary.url`, which
 * ends, and introspection.
 */
import type { ExecutionResult, OperationDefinitionNode } from "graphql";
import { ConfigurationError } from "../../../../base/errors.ts";
import type { Change } from "../../../../model/change.ts";
import type { Actor } from "../../../../resource/actor.ts";
import type { ReadNotes } from "../../../../stores/meta/noted.ts";
import type { CheckedDocument } from "../documents.ts";
import { type Cacheable, cacheableOf } from "./cacheable.ts";
import { createEntries } from "./entries.ts";
import { createFlight } from "./flight.ts";
import { cachedResult, noteAge } from "./kept-result.ts";

export interface ResponseCacheOptions {
  /** How long an answer may be kept, in ms. */
  readonly ttlMs: number;
  /** Of all answers that are kept; those used last stay. @default 33554432 (32 MiB) */
  readonly maxBytes?: number;
  /** By type name: how long what other services say of it may be kept, in ms. Each caller's headers count as part of the query then. @default never */
  readonly remoteTtlMs?: Readonly<Record<string, number>>;
}

type Changed = Pick<Change, "seq" | "resourceId" | "resourceName">;

/** A query, and who asks it. */
export interface CacheCall {
  readonly checked: CheckedDocument;
  readonly definition: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  readonly headers: (() => Readonly<Record<string, string>>) | undefined;
}

export interface ResponseCache {
  /** @param run makes the answer; what it reads is to be noted where there are notes */
  serve(call: CacheCall, run: (notes?: ReadNotes) => Promise<ExecutionResult>): Promise<ExecutionResult>;
  /** Must be called before a write of this node is acknowledged. */
  committed(changes: readonly Changed[]): void;
  close(): void;
}

export interface ResponseCacheParts {
  /** Changes of all nodes, from now on. Asked again after it has ended. */
  readonly follow: (signal: AbortSignal) => Promise<AsyncIterable<Changed>>;
}

const defaultMaxBytes = 32 * 1024 * 1024;
const maxKeyLength = 16_384;
const retryMs = 1000;

/** @throws ConfigurationError */
export function createResponseCache(options: ResponseCacheOptions, { follow }: ResponseCacheParts): ResponseCache {
  const { ttlMs, maxBytes = defaultMaxBytes, remoteTtlMs = {} } = options;
  for (const [name, ms] of Object.entries({ ttlMs, maxBytes, ...remoteTtlMs }))
    if (!(Number.isFinite(ms) && ms > 0))
      throw new ConfigurationError(`responseCache: ${name} must be a positive number.`);
  const cacheable = new WeakMap<OperationDefinitionNode, Cacheable | false>();
  const entries = createEntries(maxBytes);
  const flights = new Set<ReturnType<typeof createFlight>>();
  const closing = new AbortController();
  /** Own writes, which come by the log as well. */
  const heard = new Set<number>();
  let isFollowing = false;
  let isStarted = false;
  let operations = 0;

  const changed = (changes: readonly Changed[]) => {
    for (const change of changes) {
      entries.changed(change);
      for (const flight of flights) flight.changed(change);
    }
  };

  const forget = () => {
    entries.clear();
    heard.clear();
    for (const flight of flights) flight.spoil();
  };

  const followOn = async () => {
    while (!closing.signal.aborted) {
      try {
        const changes = await follow(closing.signal);
        isFollowing = true;
        for await (const change of changes) if (!heard.delete(change.seq)) changed([change]);
      } catch {
        // Whoever reads the log itself is told why it cannot be.
      }
      isFollowing = false;
      forget();
      await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
    }
  };

  const cacheableFor = ({ checked, definition }: CacheCall): Cacheable | false => {
    const known = cacheable.get(definition);
    if (known !== undefined) return known;
    const found = cacheableOf(checked, definition, { ttlMs, remoteTtlMs });
    const made = found === undefined ? false : { ...found, number: ++operations };
    cacheable.set(definition, made);
    return made;
  };

  return {
    async serve(call, run) {
      const query = cacheableFor(call);
      if (!isStarted) {
        isStarted = true;
        void followOn();
      }
      const key = query === false || !isFollowing ? undefined : keyOf(query, call);
      if (query === false || key === undefined || key.length > maxKeyLength) return run();
      const known = entries.get(key);
      const now = Date.now();
      if (known !== undefined && now < known.madeAt + query.ttlMs) return cachedResult(known.text, now - known.madeAt);
      const flight = createFlight(query.isGuarded);
      flights.add(flight);
      const result = await run(flight).finally(() => flights.delete(flight));
      if (result.errors !== undefined || result.data == null || flight.isSpoilt()) return noteAge(result);
      const text = JSON.stringify(result);
      entries.set(key, { text, madeAt: now, rests: flight.rests() });
      return cachedResult(text, undefined, result.data);
    },
    committed(changes) {
      if (isFollowing) for (const { seq } of changes) heard.add(seq);
      changed(changes);
    },
    close() {
      closing.abort();
      isFollowing = false;
      forget();
    },
  };
}

/** What makes no difference to what a service answers. */
const plainHeaders = new Set(
  "accept accept-encoding connection content-encoding content-length content-type date host keep-alive origin referer traceparent tracestate transfer-encoding upgrade user-agent x-request-id x-weft-cache x-weft-cost".split(
    " ",
  ),
);

/** Undefined where there is none: an actor that cannot be written down. */
function keyOf(
  { number, isGuarded, hasRemote }: Cacheable,
  { actor, headers, variables }: CacheCall,
): string | undefined {
  try {
    const shared = [number, variables];
    if (!isGuarded && !hasRemote) return JSON.stringify(shared);
    const sent = hasRemote ? Object.entries(headers?.() ?? {}).filter(([name]) => !plainHeaders.has(name)) : [];
    return JSON.stringify([...shared, actor, sent.sort()]);
  } catch {
    return undefined;
  }
}
