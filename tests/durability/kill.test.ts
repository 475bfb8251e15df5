/**
 * kill -9 of a gateway process under write load: 10 times a store here, 100 with WEFT_SOAK=1. What must hold after each is
 * told in promises.ts, and that a loss would be noticed is checked too.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { diskMetaStore } from "../../src/stores/meta/drivers/disk.ts";
import { pgliteMetaStore } from "../../src/stores/meta/drivers/pglite.ts";
import { postgresMetaStore } from "../../src/stores/meta/drivers/postgres.ts";
import { redisMetaStore } from "../../src/stores/meta/drivers/redis.ts";
import { sqliteMetaStore } from "../../src/stores/meta/drivers/sqlite.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { diskPayloadStore } from "../../src/stores/payload/drivers/disk.ts";
import { execute, freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";
import { temporaryDirectory } from "../stores/temporary-directory.ts";
import { type Acknowledged, nothingAcknowledged, startWriter } from "./acknowledged.ts";
import { verify } from "./promises.ts";

const kills = process.env.WEFT_SOAK ? 100 : 10;
const timeout = kills * 15_000;

interface Rig {
  readonly metaUrl: string;
  /** For payloads and blobs. */
  readonly directory: string;
  open(): Promise<MetaStore>;
}

async function check({ directory, open }: Rig, acknowledged: Acknowledged): Promise<void> {
  const stores = { meta: await open(), payload: diskPayloadStore({ directory: `${directory}/payload` }) };
  try {
    await verify(stores, acknowledged);
  } finally {
    await stores.meta.close();
    await stores.payload.close();
  }
}

async function killRepeatedly(rig: Rig): Promise<Acknowledged> {
  const urls = [rig.metaUrl, `disk:${rig.directory}/payload`, `disk:${rig.directory}/blob`];
  const acknowledged = nothingAcknowledged();
  for (let round = 0; round < kills; round++) {
    await using writer = await startWriter(urls, acknowledged);
    await sleep(Math.random() * 800);
    await writer.kill();
    await check(rig, acknowledged);
  }
  expect(acknowledged.failures).toBe(0);
  expect(acknowledged.writes.length).toBeGreaterThan(kills);
  console.log(
    `${rig.metaUrl.split(":")[0]}: ${kills} kills, ${acknowledged.writes.length} acknowledged writes, none lost`,
  );
  return acknowledged;
}

/** Of a write that was acknowledged: what a kill left behind without a commit, nobody misses. */
async function removeOnePayload({ directory, open }: Rig, { writes }: Acknowledged): Promise<void> {
  const store = await open();
  const heads = await store.heads(writes.map(({ resourceId }) => resourceId));
  await store.close();
  const head = heads.find((one) => one !== undefined);
  if (!head) throw new Error("Everything is purged");
  const payloads = diskPayloadStore({ directory: join(directory, "payload") });
  await payloads.delete([head.payload.key]);
  await payloads.close();
}

const skipped = await skippedWithoutPostgres();
const skippedOnRedis = await skippedWithoutRedis();

describe(`kill -9 at ${kills} random moments under write load`, () => {
  const embedded: Record<string, (path: string) => Promise<MetaStore>> = {
    pglite: (directory) => pgliteMetaStore({ directory }),
    sqlite: (file) => sqliteMetaStore({ file }),
    disk: (directory) => diskMetaStore({ directory }),
  };
  for (const [scheme, open] of Object.entries(embedded)) {
    it(`loses nothing on ${scheme}:`, { timeout }, async () => {
      await using temporary = await temporaryDirectory();
      const meta = `${temporary.path}/meta`;
      await killRepeatedly({ metaUrl: `${scheme}:${meta}`, directory: temporary.path, open: () => open(meta) });
    });
  }

  it.skipIf(skippedOnRedis !== "")(`loses nothing on Redis ${skippedOnRedis}`, { timeout }, async () => {
    await using temporary = await temporaryDirectory();
    await using redis = await freshRedisNamespace();
    const { url } = redis;
    await killRepeatedly({ metaUrl: url, directory: temporary.path, open: () => redisMetaStore({ url }) });
  });

  it.skipIf(skipped !== "")(`loses nothing on PostgreSQL ${skipped}`, { timeout }, async () => {
    await using temporary = await temporaryDirectory();
    await using database = await freshDatabase();
    const { url } = database;
    const rig = { metaUrl: url, directory: temporary.path, open: () => postgresMetaStore({ url }) };
    const acknowledged = await killRepeatedly(rig);

    const { writes } = acknowledged;
    const unknown = { resourceId: "item:x", etag: "none" };
    await expect(check(rig, { ...acknowledged, writes: [...writes, unknown] })).rejects.toThrow(
      /none of item:x is lost/,
    );
    await removeOnePayload(rig, acknowledged);
    await expect(check(rig, acknowledged)).rejects.toThrow(/bytes of .* are lost/);
    await execute(url, "delete from weft_change where seq = (select max(seq) / 2 from weft_change)");
    await expect(check(rig, acknowledged)).rejects.toThrow(/follows .* in the log/);
  });
});
