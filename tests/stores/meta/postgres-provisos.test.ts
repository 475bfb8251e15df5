/** Provisos on PostgreSQL: what is found where an answer was lost, how conditions are looked up, and what shares a batch. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeBatch, runBatch } from "../../../src/stores/meta/drivers/prisma/commit-batch.ts";
import { conditionalArguments } from "../../../src/stores/meta/drivers/prisma/conditional-batch.ts";
import type { Database } from "../../../src/stores/meta/drivers/prisma/database.ts";
import { migrate } from "../../../src/stores/meta/drivers/prisma/migrate.ts";
import { openPostgres } from "../../../src/stores/meta/drivers/prisma/postgres-database.ts";
import { prismaMetaStore } from "../../../src/stores/meta/drivers/prisma/prisma-meta-store.ts";
import type { Commit, MetaStore, Proviso } from "../../../src/stores/meta/meta-store.ts";
import { commitAll, commitOf, createWrite, type Known, seed, updateWrite } from "../../conformance/meta-fixtures.ts";
import { commitIf, none, titled, unchanged, violated } from "../../conformance/meta-provisos.suite.ts";
import { and, by, compare, fields, metaFields } from "../../conformance/query-fixtures.ts";
import { type FreshDatabase, freshDatabase, skippedWithoutPostgres } from "../../servers/postgres.ts";

const skipped = await skippedWithoutPostgres();

const titleOf = (title: string) => ({ indexedData: { title } });

/** A create of a title that nobody else may have. */
function unique(id: string, title: string): Commit {
  return { ...commitOf(createWrite("todo", id, titleOf(title)).write), provisos: [none("todo", titled(title), [id])] };
}

describe.skipIf(skipped !== "")(`provisos on PostgreSQL ${skipped}`, () => {
  let fresh: FreshDatabase;
  let database: Database;
  let store: MetaStore;
  beforeEach(async () => {
    fresh = await freshDatabase();
    database = await openPostgres({ url: fresh.url, poolSize: 1, statementTimeoutMs: 30_000 });
    await migrate(database);
    store = prismaMetaStore(database);
  });
  afterEach(async () => {
    await store.close();
    await fresh[Symbol.asyncDispose]();
  });

  it("answers a commit as made where its answer was lost, though its provisos hold no more", async () => {
    const [known] = (await seed(store, "todo", [titleOf("z")])) as [Known];
    const lost = { ...unique("todo:1", "a"), provisos: [unchanged(known), none("todo", titled("a"), ["todo:1"])] };
    const [made] = await runBatch(database, [lost]);
    expect(made).toMatchObject({ isCommitted: true, changes: [{ seq: 2 }] });
    await commitAll(store, createWrite("todo", "todo:2", titleOf("a")).write, updateWrite(known).write);
    const repeated = await runBatch(database, [unique("todo:3", "c"), lost, unique("todo:4", "a")]);
    expect(repeated).toEqual([
      expect.objectContaining({ isCommitted: true, changes: [expect.objectContaining({ seq: 5 })] }),
      made,
      violated([0, ["todo:1", "todo:2"]]),
    ]);
    expect(await store.lastSeq()).toBe(5);
  });

  it("rolls back what violates its provisos, with its revision and its entry, and makes the rest of the batch", async () => {
    await commitAll(store, createWrite("todo", "todo:0", titleOf("taken")).write);
    const batch = [unique("todo:1", "a"), unique("todo:2", "taken"), unique("todo:3", "b")];
    const outcomes = await runBatch(database, batch);
    expect(outcomes.map((outcome) => outcome?.isCommitted)).toEqual([true, false, true]);
    expect(outcomes[1]).toEqual(violated([0, ["todo:0"]]));
    expect((await store.changes({ after: 1, limit: 9 })).map(({ resourceId }) => resourceId)).toEqual([
      "todo:1",
      "todo:3",
    ]);
    expect(await store.revisions(["todo:2:1"])).toEqual([undefined]);
  });

  it("fails alone with a condition that PostgreSQL does not take", async () => {
    const bad = {
      kind: "none",
      resourceName: "todo",
      condition: compare(fields.big, "eq", "no number"),
    } as const;
    await commitAll(store, createWrite("todo", "todo:0", titleOf("taken")).write);
    const outcomes = await Promise.allSettled([
      commitIf(store, [createWrite("todo", "todo:1").write], bad),
      store.commit(unique("todo:2", "b")),
      store.commit(commitOf(createWrite("todo", "todo:3").write)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(outcomes[0]).toMatchObject({ reason: { code: "VALIDATION_FAILED" } });
  });

  it("looks values up by their index, also one that an eighth of all heads might have", async () => {
    await store.index("todo", [[by(fields.title)], [by(fields.city)]]);
    const contents = Array.from({ length: 4000 }, (_, i) => ({
      indexedData: { title: `t${i}`, [fields.city.path]: `city ${i % 8}` },
    }));
    await seed(store, "todo", contents);
    await database.script("analyze weft_head");
    const living = compare(metaFields.isDeleted, "eq", false);
    const provisos: Proviso[] = [
      none("todo", titled("new"), ["todo:new"]),
      none("todo", and(compare(fields.city, "eq", "nowhere"), living)),
    ];
    const [, conditional, texts] = conditionalArguments([{ ...commitOf(), provisos }], encodeBatch);
    const [{ nones }] = JSON.parse(conditional as string) as [{ nones: object[] }];
    for (const [i, text] of (JSON.parse(texts as string) as string[]).entries()) {
      const given = JSON.stringify([{ commit: 0, ...nones[i] }]).replaceAll("'", "''");
      const explained = `explain (analyze, timing off, summary off) ${text.replace("$1", `'${given}'::jsonb`)}`;
      // As weft_commit_if() is set.
      await database.script("set enable_seqscan = off");
      const plan = (await database.query(explained, [])).join("\n");
      expect(plan).toMatch(/weft_field_/);
      expect(plan).not.toContain("Seq Scan on weft_head");
    }
  });
});
