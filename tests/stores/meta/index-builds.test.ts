/** An index that is built beside other sessions waits for their transactions; closing the store does not. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { describe, expect, inject, it } from "vitest";
import { migrate } from "../../../src/stores/meta/drivers/prisma/migrate.ts";
import { openPostgres } from "../../../src/stores/meta/drivers/prisma/postgres-database.ts";
import { prismaMetaStore } from "../../../src/stores/meta/drivers/prisma/prisma-meta-store.ts";
import { by, data } from "../../conformance/query-fixtures.ts";
import { freshDatabase } from "../../servers/postgres.ts";

const skipped = inject("postgresUrl") ? "" : "(skipped: no PostgreSQL on this machine)";
const orders = [[by(data("title", "text"))], [by(data("level", "number"))]];

describe.skipIf(skipped !== "")(`index builds on PostgreSQL ${skipped}`, () => {
  it.each([1, 2, 5])(
    "end with the store, of %d connections, while another session's transaction stays open",
    async (poolSize) => {
      await using fresh = await freshDatabase();
      const open = () => openPostgres({ url: fresh.url, poolSize, statementTimeoutMs: 30_000 });
      const prepared = await open();
      await migrate(prepared);
      await prepared.close();
      const idle = new pg.Client({ connectionString: fresh.url });
      idle.on("error", () => undefined);
      await idle.connect();
      try {
        await idle.query(
          "begin isolation level repeatable read; lock table weft_head in row exclusive mode; select txid_current()",
        );
        // Closed before the build has begun, while it begins, and while it waits.
        for (const delayMs of [0, 5, 20, 60, 300]) {
          const store = prismaMetaStore(await open());
          const built = store.index("todo", orders).catch((error: unknown) => error);
          await sleep(delayMs);
          const begin = performance.now();
          await store.close();
          await built;
          expect(performance.now() - begin, `closed after ${delayMs} ms`).toBeLessThan(10_000);
        }
        await idle.query("rollback");
        const store = prismaMetaStore(await open());
        await store.index("todo", orders);
        await store.close();
        const { rows } = await idle.query(
          "select count(*)::integer as n from pg_index where indexrelid::regclass::text like 'weft_field_%' and indisvalid",
        );
        expect(rows).toEqual([{ n: 3 }]);
      } finally {
        await idle.end();
      }
    },
  );
});
