import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { migrate } from "../../../src/stores/meta/drivers/prisma/migrate.ts";
import { openPglite } from "../../../src/stores/meta/drivers/prisma/pglite-database.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const updates = 300;
/** Other text each time: what is equal at the start and the end of a row is not logged. */
const update = "update weft_head set indexed_data = jsonb_build_object('text', repeat(md5(random()::text), 20))";
const megabyte = 1024 * 1024;

it("PGlite's files do not grow with the number of updates", { timeout: 60_000 }, async () => {
  await using temporary = await temporaryDirectory();
  const database = await openPglite(temporary.path);
  try {
    await migrate(database);
    await database.script(`
      insert into weft_head
        (resource_id, resource_name, current_revision_id, etag, total_revision_count, created_time, updated_time, created_by, updated_by,
         is_deleted, index_fingerprint, indexed_data, payload_key, payload_hash, payload_size, payload_encoding)
      select 'todo:' || n, 'todo', 'todo:' || n || ':1', 'e', 1, now(), now(), 'a', 'a',
        false, 'f', '{}', 'k', 'h', 1, 'msgpack'
      from generate_series(1, 500) n`);
    const number = async (sql: string) => Number((await database.query(`select (${sql})::text`, []))[0]?.[0]);
    const written = "pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')";
    const before = await number(written);
    for (let n = 0; n < updates; n++) await database.query(update, []);

    expect((await number(written)) - before).toBeGreaterThan(96 * megabyte);
    const segments = await readdir(join(temporary.path, "data", "pg_wal"));
    expect(segments.filter((name) => /^[0-9A-F]{24}$/.test(name)).length * 16).toBeLessThanOrEqual(80);
    expect(await number("pg_relation_size('weft_head')")).toBeLessThan(32 * megabyte);
  } finally {
    await database.close();
  }
});
