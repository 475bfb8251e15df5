/** Each meta and payload store, opened on servers of the benchmark's own, and beside it the raw client with the same round trips. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Redis } from "ioredis";
import pg from "pg";
import { diskMetaStore } from "../../src/stores/meta/drivers/disk.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import { pgliteMetaStore } from "../../src/stores/meta/drivers/pglite.ts";
import { postgresMetaStore } from "../../src/stores/meta/drivers/postgres.ts";
import { redisMetaStore } from "../../src/stores/meta/drivers/redis.ts";
import { sqliteMetaStore } from "../../src/stores/meta/drivers/sqlite.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { ttlCachedPayloadStore } from "../../src/stores/payload/cache/ttl.ts";
import { diskPayloadStore } from "../../src/stores/payload/drivers/disk.ts";
import { s3PayloadStore } from "../../src/stores/payload/drivers/s3.ts";
import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";
import { parseS3Location } from "../../src/stores/s3/location.ts";
import { freshBucket } from "../../tests/servers/s3.ts";
import { startPostgres } from "../../tests/servers/start-postgres.ts";
import { startRedis } from "../../tests/servers/start-redis.ts";
import { startS3 } from "../../tests/servers/start-s3.ts";

/** One write and one read of some bytes under a key, in one round trip each. */
export interface Raw {
  write(key: string, bytes: Uint8Array): Promise<unknown>;
  read(key: string): Promise<unknown>;
}

export interface Contender<Store> {
  readonly name: string;
  readonly store: Store;
  readonly raw?: Raw;
}

export interface Contenders extends AsyncDisposable {
  readonly meta: readonly Contender<MetaStore>[];
  readonly payload: readonly Contender<PayloadStore>[];
  readonly postgresVersion: string;
}

type Closer = () => Promise<unknown>;

export async function openContenders(): Promise<Contenders> {
  const closers: Closer[] = [];
  const closeAll = async () => {
    for (const close of closers.reverse()) await close();
  };
  try {
    const directory = await mkdtemp(join(tmpdir(), "weft-bench-"));
    closers.push(() => rm(directory, { recursive: true, force: true }));
    const [postgres, redis, s3] = await Promise.all([startPostgres(), startRedis(), startS3()]);
    closers.push(() => Promise.all([postgres.stop(), redis.stop(), s3.stop()]));
    const meta = await openMeta({ directory, postgresUrl: postgres.url, redisUrl: redis.url, closers });
    const payload = await openPayload(directory, s3, closers);
    return { meta, payload, postgresVersion: postgres.version, [Symbol.asyncDispose]: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

interface Places {
  readonly directory: string;
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly closers: Closer[];
}

async function openMeta({ directory, postgresUrl, redisUrl, closers }: Places): Promise<Contender<MetaStore>[]> {
  const contenders: Contender<MetaStore>[] = [
    { name: "memory", store: memoryMetaStore() },
    { name: "disk", store: await diskMetaStore({ directory: join(directory, "meta") }) },
    { name: "sqlite", store: await sqliteMetaStore({ file: join(directory, "meta.sqlite") }) },
    { name: "pglite", store: await pgliteMetaStore({ directory: join(directory, "pglite") }) },
    {
      name: "postgres",
      store: await postgresMetaStore({ url: postgresUrl }),
      raw: await rawPostgres(postgresUrl, closers),
    },
    { name: "redis", store: await redisMetaStore({ url: redisUrl }), raw: rawRedis(redisUrl, closers) },
  ];
  for (const { store } of contenders) closers.push(() => store.close());
  return contenders;
}

async function rawPostgres(url: string, closers: Closer[]): Promise<Raw> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  closers.push(() => client.end());
  await client.query("create table raw (id text primary key, bytes bytea not null)");
  return {
    write: (key, bytes) =>
      client.query({ name: "write", text: "insert into raw values ($1, $2)", values: [key, bytes] }),
    read: (key) => client.query({ name: "read", text: "select bytes from raw where id = $1", values: [key] }),
  };
}

function rawRedis(url: string, closers: Closer[]): Raw {
  const client = new Redis(url);
  closers.push(async () => client.disconnect());
  return { write: (key, bytes) => client.set(key, Buffer.from(bytes)), read: (key) => client.getBuffer(key) };
}

async function openPayload(
  directory: string,
  server: Awaited<ReturnType<typeof startS3>>,
  closers: Closer[],
): Promise<Contender<PayloadStore>[]> {
  const bucket = await freshBucket(server);
  closers.push(async () => bucket[Symbol.asyncDispose]());
  const location = parseS3Location(bucket.url);
  const { credentials } = bucket;
  const s3 = s3PayloadStore({ location, credentials });
  const client = new S3Client({
    endpoint: location.endpoint ?? "",
    region: location.region ?? "us-east-1",
    forcePathStyle: true,
    credentials,
  });
  closers.push(() => s3.close());
  const raw: Raw = {
    write: (Key, Body) =>
      client.send(
        new PutObjectCommand({ Bucket: bucket.bucket, Key, Body, IfNoneMatch: "*", ChecksumAlgorithm: "SHA256" }),
      ),
    read: async (Key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket.bucket, Key }));
      return Body?.transformToByteArray();
    },
  };
  return [
    { name: "disk", store: diskPayloadStore({ directory: join(directory, "payload") }) },
    { name: "s3", store: s3, raw },
    { name: "s3, cached (ttl)", store: ttlCachedPayloadStore(s3) },
  ];
}
