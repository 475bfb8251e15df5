/** How PostgreSQL reads by ids: a plan lives as long as its connection, and the tables outgrow the size they had when it was made. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../../src/stores/meta/drivers/prisma/database.ts";
import { migrate } from "../../../src/stores/meta/drivers/prisma/migrate.ts";
import { openPostgres } from "../../../src/stores/meta/drivers/prisma/postgres-database.ts";
import { prismaMetaStore } from "../../../src/stores/meta/drivers/prisma/prisma-meta-store.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { commitOf, createWrite } from "../../conformance/meta-fixtures.ts";
import { freshDatabase, skippedWithoutPostgres } from "../../servers/postgres.ts";

const idsOf = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `todo:${from + i}`);
const commitOfIds = (ids: readonly string[]) => commitOf(...ids.map((id) => createWrite("todo", id).write));

/** Of a statement, by the list of its types: ids, and numbers as texts. */
const argumentsOf = (types: unknown) =>
  String(types).replaceAll("text[]", "'{todo:1,todo:2}'").replaceAll("text", "'1'").slice(1, -1);

/** PostgreSQL makes a plan for all values after the fifth execution, and weft names a text when it sees it again. */
const executions = 8;

const skipped = await skippedWithoutPostgres();

describe.skipIf(skipped !== "")(`reads by ids on PostgreSQL ${skipped}`, () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let database: Database;
  let store: MetaStore;
  beforeAll(async () => {
    fresh = await freshDatabase();
    // One connection, so that its plans can be asked for.
    database = await openPostgres({ url: fresh.url, poolSize: 1, statementTimeoutMs: 30_000 });
    await migrate(database);
    store = prismaMetaStore(database);
  });
  afterAll(async () => {
    await store?.close();
    await fresh?.[Symbol.asyncDispose]();
  });

  it("are planned once, by the index, though the tables had a few rows by then", async () => {
    for (const table of ["weft_head", "weft_revision"]) {
      await database.script(`alter table ${table} set (autovacuum_enabled = false)`);
    }
    await store.commit(commitOfIds(idsOf(0, 5)));
    await database.script("analyze weft_head, weft_revision");
    for (let i = 0; i < executions; i++) {
      for (const ids of [["todo:1"], ["todo:1", "todo:2"]]) {
        expect((await store.heads(ids)).map((head) => head?.resourceId)).toEqual(ids);
        const revisionIds = ids.map((id) => `${id}:1`);
        expect((await store.revisions(revisionIds)).map((one) => one?.revisionId)).toEqual(revisionIds);
        expect((await store.revisionPages(ids, { limit: 1 })).flat().map((one) => one.revisionId)).toEqual(revisionIds);
      }
    }
    await store.commit(commitOfIds(idsOf(5, 400)));
    const statements = await database.query(
      "select name, parameter_types::text, generic_plans::text from pg_prepared_statements where statement like '%weft_sought%' and name <> ''",
      [],
    );
    expect(statements).toHaveLength(5);
    for (const [name, types, genericPlans] of statements) {
      expect(Number(genericPlans)).toBeGreaterThan(0);
      const plan = await database.query(`explain execute ${name}(${argumentsOf(types)})`, []);
      expect(plan.join("\n")).toMatch(/Index Scan.* using weft_(head_pkey|revision_pkey|revision_number) on/);
      expect(plan.join("\n")).not.toContain("Seq Scan");
    }
  });
});
