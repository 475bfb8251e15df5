/**
 * Drivers by URL scheme: the one place that opens `drivers/` folders. Vendors are loaded on first use, so that a
 * gateway on PostgreSQL never loads PGlite.
 */

import { ConfigurationError, errorTable, WeftError } from "./base/errors.ts";
import { type Part, urlVariables } from "./environment.ts";
import type { Bus } from "./messaging/bus/bus.ts";
import type { Queue } from "./messaging/queue/queue.ts";
import type { BlobStore } from "./stores/blob/blob-store.ts";
import type { Journal } from "./stores/meta/journal.ts";
import type { MetaStore } from "./stores/meta/meta-store.ts";
import type { PayloadStore } from "./stores/payload/payload-store.ts";
import { parseS3Location } from "./stores/s3/location.ts";

type Open<Store> = (url: StoreUrl, surroundings: Surroundings) => Promise<Store>;

/** What a driver gets beside its URL. */
export interface Surroundings {
  /** Called with failures that no caller hears of: what a listener throws, a connection that breaks. Must not throw. @default console.error */
  readonly report?: (error: unknown) => void;
}

interface StoreUrl {
  readonly scheme: string;
  /** What follows the scheme's colon: a folder, or nothing. */
  readonly rest: string;
  readonly text: string;
}

export interface Parts {
  readonly meta: MetaStore;
  readonly metaFast: Journal;
  readonly payload: PayloadStore;
  readonly blob: BlobStore;
  readonly bus: Bus;
  readonly queue: Queue;
}

type Drivers = { readonly [P in Part]: Readonly<Record<string, Open<Parts[P]>>> };

const postgres: Open<MetaStore> = async ({ text }) =>
  (await import("./stores/meta/drivers/postgres.ts")).postgresMetaStore({ url: text });
const redisMeta: Open<MetaStore> = async ({ text }) =>
  (await import("./stores/meta/drivers/redis.ts")).redisMetaStore({ url: text });
const redisJournal: Open<Journal> = async ({ text }) =>
  (await import("./stores/meta/drivers/redis-journal.ts")).redisJournal({ url: text });
const redisBus: Open<Bus> = async ({ text }, surroundings) =>
  (await import("./messaging/bus/drivers/redis.ts")).redisBus({ url: text, ...surroundings });
const amqpBus: Open<Bus> = async ({ text }, surroundings) =>
  (await import("./messaging/bus/drivers/amqp.ts")).amqpBus({ url: text, ...surroundings });
const redisQueue: Open<Queue> = async ({ text }, surroundings) =>
  (await import("./messaging/queue/drivers/redis.ts")).redisQueue({ url: text, ...surroundings });
const amqpQueue: Open<Queue> = async ({ text }, surroundings) =>
  (await import("./messaging/queue/drivers/amqp.ts")).amqpQueue({ url: text, ...surroundings });

const drivers: Drivers = {
  meta: {
    pglite: async ({ rest }) => (await import("./stores/meta/drivers/pglite.ts")).pgliteMetaStore({ directory: rest }),
    postgres,
    postgresql: postgres,
    sqlite: async ({ rest }) => (await import("./stores/meta/drivers/sqlite.ts")).sqliteMetaStore({ file: rest }),
    redis: redisMeta,
    rediss: redisMeta,
    disk: async ({ rest }) => (await import("./stores/meta/drivers/disk.ts")).diskMetaStore({ directory: rest }),
    memory: async () => (await import("./stores/meta/drivers/memory.ts")).memoryMetaStore(),
  },
  metaFast: {
    redis: redisJournal,
    rediss: redisJournal,
    memory: async () => (await import("./stores/meta/drivers/memory-journal.ts")).memoryJournal(),
  },
  payload: {
    disk: async ({ rest }) => (await import("./stores/payload/drivers/disk.ts")).diskPayloadStore({ directory: rest }),
    s3: async ({ text }) =>
      (await import("./stores/payload/drivers/s3.ts")).s3PayloadStore({ location: parseS3Location(text) }),
    memory: async () => (await import("./stores/payload/drivers/memory.ts")).memoryPayloadStore(),
  },
  blob: {
    disk: async ({ rest }) => (await import("./stores/blob/drivers/disk.ts")).diskBlobStore({ directory: rest }),
    s3: async ({ text }) =>
      (await import("./stores/blob/drivers/s3.ts")).s3BlobStore({ location: parseS3Location(text) }),
    memory: async () => (await import("./stores/blob/drivers/memory.ts")).memoryBlobStore(),
  },
  bus: {
    local: async (_, surroundings) => (await import("./messaging/bus/drivers/local.ts")).localBus(surroundings),
    redis: redisBus,
    rediss: redisBus,
    amqp: amqpBus,
    amqps: amqpBus,
  },
  queue: {
    local: async (_, surroundings) => (await import("./messaging/queue/drivers/local.ts")).localQueue(surroundings),
    redis: redisQueue,
    rediss: redisQueue,
    amqp: amqpQueue,
    amqps: amqpQueue,
  },
};

/** By scheme, what its URL goes on with. */
const needsPath: Readonly<Record<string, string>> = { pglite: "a folder", disk: "a folder", sqlite: "a file" };

/** Checks a URL without opening anything. @throws ConfigurationError that names the variable, never a password */
export function checkUrl(part: Part, text: string): StoreUrl {
  const variable = urlVariables[part];
  const colon = text.indexOf(":");
  const scheme = colon > 0 ? text.slice(0, colon) : "";
  const known = Object.keys(drivers[part])
    .map((name) => `${name}:`)
    .join(", ");
  if (!Object.hasOwn(drivers[part], scheme)) {
    throw new ConfigurationError(`${variable}: the URL scheme "${scheme}:" is not known here. Use one of ${known}`);
  }
  const rest = text.slice(colon + 1);
  if (rest === "" && Object.hasOwn(needsPath, scheme))
    throw new ConfigurationError(
      `${variable}: "${scheme}:" needs ${needsPath[scheme]}, as in "${scheme}:.weft/${part}".`,
    );
  return { scheme, rest, text };
}

/** Opens the part that a URL names, and sees that it answers. @throws ConfigurationError that names the variable, never a password */
export async function openPart<P extends Part>(
  part: P,
  text: string,
  surroundings: Surroundings = {},
): Promise<Parts[P]> {
  const url = checkUrl(part, text);
  const open = drivers[part][url.scheme];
  try {
    const opened = (await open?.(url, surroundings)) as Parts[P];
    await opened.ping();
    return opened;
  } catch (error) {
    const missing = missingPackage(error);
    if (missing)
      throw new ConfigurationError(`${urlVariables[part]}: ${url.scheme}: needs a package: npm install ${missing}`);
    throw new ConfigurationError(`${urlVariables[part]}: ${url.scheme}: cannot be opened. ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** A connection to Redis for counting. @throws ConfigurationError for a URL that is none; STORE_UNAVAILABLE */
export async function openRedisCounters(url: string) {
  const [{ brokerPlace }, { openRedis }] = await Promise.all([
    import("./messaging/brokers/place.ts"),
    import("./messaging/brokers/redis.ts"),
  ]);
  const place = brokerPlace("Redis", url);
  return { ...(await openRedis(place, "rates")), namespace: place.namespace };
}

/** Packages of drivers are optional: `npm install --omit=optional` leaves them out. */
function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_MODULE_NOT_FOUND") return undefined;
  return /^Cannot find package '([^']+)'/.exec(error.message)?.[1];
}

/** One line without secrets. A WeftError says what was tried in its own words. */
function reasonOf(error: unknown): string {
  const ownWords = error instanceof WeftError ? error.message.replace(errorTable[error.code].message, "").trim() : "";
  const source = error instanceof WeftError && error.cause instanceof Error ? error.cause : error;
  const text = ownWords || (source instanceof Error ? source.message : String(source));
  return text.replace(/\/\/([^/\s:@]+):[^@\s]*@/g, "//$1:***@").split("\n")[0] ?? "";
}
