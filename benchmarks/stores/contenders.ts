/** The tables of what is measured: each store on a server of the benchmark's own, and what it stands beside. A new row is measured like the rest. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redisBus } from "../../src/messaging/bus/drivers/redis.ts";
import { diskMetaStore } from "../../src/stores/meta/drivers/disk.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import { pgliteMetaStore } from "../../src/stores/meta/drivers/pglite.ts";
import { postgresMetaStore } from "../../src/stores/meta/drivers/postgres.ts";
import { redisMetaStore } from "../../src/stores/meta/drivers/redis.ts";
import { redisJournal } from "../../src/stores/meta/drivers/redis-journal.ts";
import { sqliteMetaStore } from "../../src/stores/meta/drivers/sqlite.ts";
import { fastSlowMetaStore } from "../../src/stores/meta/fast-slow/fast-slow.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { busCachedPayloadStore } from "../../src/stores/payload/cache/bus.ts";
import { etagCachedPayloadStore } from "../../src/stores/payload/cache/etag.ts";
import { ttlCachedPayloadStore } from "../../src/stores/payload/cache/ttl.ts";
import { diskPayloadStore } from "../../src/stores/payload/drivers/disk.ts";
import { memoryPayloadStore } from "../../src/stores/payload/drivers/memory.ts";
import { s3PayloadStore } from "../../src/stores/payload/drivers/s3.ts";
import { parseS3Location } from "../../src/stores/s3/location.ts";
import { freshBucket } from "../../tests/servers/s3.ts";
import { startPostgres } from "../../tests/servers/start-postgres.ts";
import { startRedis } from "../../tests/servers/start-redis.ts";
import { startS3 } from "../../tests/servers/start-s3.ts";
import { createDatabase } from "../http/database.ts";
import { fill, type MetaContender } from "./measure-meta.ts";
import type { PayloadContender } from "./measure-payload.ts";
import { metaSide, payloadSide } from "./raw.ts";
import { rawPostgres } from "./raw-postgres.ts";
import { rawRedis } from "./raw-redis.ts";
import { rawS3 } from "./raw-s3.ts";

/** Servers, and a directory, that live as long as the benchmark. */
export interface Places extends AsyncDisposable {
  readonly directory: string;
  readonly postgres: Awaited<ReturnType<typeof startPostgres>>;
  readonly redis: Awaited<ReturnType<typeof startRedis>>;
  readonly s3: Awaited<ReturnType<typeof startS3>>;
}

export async function openPlaces(): Promise<Places> {
  const directory = await mkdtemp(join(tmpdir(), "weft-bench-"));
  const starting = [startPostgres(), startRedis(), startS3()] as const;
  const close = async () => {
    for (const server of starting) {
      await server.then(
        ({ stop }) => stop(),
        () => undefined,
      );
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const [postgres, redis, s3] = await Promise.all(starting);
    return { directory, postgres, redis, s3, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opened, measured and closed one behind the other. @param heads that it will hold when what stands beside it is opened */
export type OpenMeta = (places: Places, heads: number) => Promise<MetaContender>;

export const metaContenders: Readonly<Record<string, OpenMeta>> = {
  memory: async () => ({ store: memoryMetaStore() }),
  disk: async ({ directory }) => ({ store: await diskMetaStore({ directory: join(directory, "meta") }) }),
  sqlite: async ({ directory }) => ({ store: await sqliteMetaStore({ file: join(directory, "meta.sqlite") }) }),
  pglite: async ({ directory }) => ({ store: await pgliteMetaStore({ directory: join(directory, "pglite") }) }),
  async postgres({ postgres }) {
    const url = await createDatabase(postgres.url, "alone");
    return { store: await postgresMetaStore({ url }), beside: { raw: () => rawPostgres(url, 10) } };
  },
  redis: async ({ redis: { url } }, heads) => ({
    store: await redisMetaStore({ url }),
    beside: { raw: () => rawRedis(url, heads) },
  }),
  async "redis before postgres"({ postgres, redis }, heads) {
    const [behind, alone] = [await createDatabase(postgres.url, "behind"), await createDatabase(postgres.url, "slow")];
    const fast = await redisJournal({ url: redis.url });
    const slow = await postgresMetaStore({ url: behind });
    const { replay } = slow;
    if (replay === undefined) throw new Error("PostgreSQL takes over no commits.");
    return {
      store: await fastSlowMetaStore({ fast, slow: Object.assign(slow, { replay }) }),
      beside: { "postgres alone": async () => metaSide(await filled(await postgresMetaStore({ url: alone }), heads)) },
    };
  },
};

async function filled(store: MetaStore, heads: number): Promise<MetaStore> {
  await fill(store, heads);
  return store;
}

export async function openPayloads(places: Places): Promise<readonly PayloadContender[] & AsyncDisposable> {
  const bucket = await freshBucket(places.s3);
  const location = parseS3Location(bucket.url);
  const { credentials } = bucket;
  const s3 = s3PayloadStore({ location, credentials });
  const raw = rawS3(location, credentials);
  const bus = await redisBus({ url: places.redis.url });
  // The same store below each cache: a read that it answers is one round trip to S3.
  const beside = { "bare s3": payloadSide(s3) };
  const contenders: PayloadContender[] = [
    { name: "memory", store: memoryPayloadStore() },
    { name: "disk", store: diskPayloadStore({ directory: join(places.directory, "payload") }) },
    { name: "s3", store: s3, beside: { raw } },
    { name: "s3, ttl cache", store: ttlCachedPayloadStore(s3), beside },
    { name: "s3, etag cache", store: etagCachedPayloadStore(s3), beside },
    { name: "s3, bus cache", store: busCachedPayloadStore(s3, { bus }), beside },
  ];
  return Object.assign(contenders, {
    async [Symbol.asyncDispose]() {
      for (const { store } of contenders) await store.close();
      await bus.close();
      await raw.close();
      await bucket[Symbol.asyncDispose]();
    },
  });
}
