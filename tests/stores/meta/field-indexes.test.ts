/** Searches over indexed fields use indexes: what PostgreSQL's planner says of the very statements that the store runs. */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Comparison, QueryField, SortKey } from "../../../src/query/condition.ts";
import type { Database } from "../../../src/stores/meta/drivers/prisma/database.ts";
import { migrate } from "../../../src/stores/meta/drivers/prisma/migrate.ts";
import { openPostgres } from "../../../src/stores/meta/drivers/prisma/postgres-database.ts";
import { prismaMetaStore } from "../../../src/stores/meta/drivers/prisma/prisma-meta-store.ts";
import { searchSql } from "../../../src/stores/meta/drivers/prisma/search-sql.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { freshDatabase } from "../../servers/postgres.ts";

const skipped = inject("postgresUrl") ? "" : "(skipped: no PostgreSQL on this machine)";
const heads = 20_000;

const owner: QueryField = { source: "data", path: "owner", type: "text" };
const level: QueryField = { source: "data", path: "level", type: "number" };
const due: QueryField = { source: "data", path: "due", type: "time" };
const tags: QueryField = { source: "data", path: "tags", type: "list" };

const compare = (field: QueryField, operator: Comparison["operator"], value: Comparison["value"]): Comparison => ({
  kind: "comparison",
  field,
  operator,
  value,
});

const asc = (field: QueryField): SortKey => ({ field, direction: "asc" });
const orders: SortKey[][] = [
  ...[owner, level, due, tags].map((field) => [asc(field)]),
  [asc(owner), asc(due), { field: level, direction: "desc" }],
];

describe.skipIf(skipped !== "")(`indexes of indexed fields on PostgreSQL ${skipped}`, () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let database: Database;
  let store: MetaStore;

  beforeAll(async () => {
    fresh = await freshDatabase();
    database = await openPostgres({ url: fresh.url, poolSize: 4, statementTimeoutMs: 30_000 });
    await migrate(database);
    store = prismaMetaStore(database);
    await database.script(`
      insert into weft_head
      select 'todo:' || lpad(n::text, 8, '0'), 'todo', 'todo:' || n || ':1', 'e' || n, null, 1, now(), now(), 'a', 'a', false,
        jsonb_build_object('owner', 'u' || n % 500, 'level', n % 1000, 'tags', jsonb_build_array('t' || n % 300, 'all'),
          'due', to_char(timestamp '2025-01-01' + n * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"')),
        'f', 'k' || n, 'h', 1, 'msgpack'
      from generate_series(1, ${heads}) n`);
    await store.index("todo", orders);
    await database.script("analyze weft_head");
  });

  afterAll(async () => {
    await store.close();
    await fresh[Symbol.asyncDispose]();
  });

  async function planOf(condition: Comparison | { kind: "and"; conditions: Comparison[] }, sort: SortKey[] = []) {
    const { sql, args } = searchSql({ resourceName: "todo", condition, sort, limit: 20 });
    return (await database.query(`explain ${sql}`, args)).map(([line]) => String(line)).join("\n");
  }

  it("serve equality, ranges, membership and a sorted page, without a scan of the table", async () => {
    const isLiving = compare({ source: "meta", path: "isDeleted", type: "boolean" }, "eq", false);
    const byTime: SortKey[] = [{ field: { source: "meta", path: "createdTime", type: "time" }, direction: "desc" }];
    const plans = {
      equality: await planOf(compare(owner, "eq", "u7"), byTime),
      alternatives: await planOf(compare(owner, "in", ["u7", "u8"]), byTime),
      range: await planOf(compare(level, "gt", 990), byTime),
      time: await planOf(compare(due, "lt", "2025-01-01T02:00:00.000Z"), byTime),
      list: await planOf(compare(tags, "contains", "t7"), byTime),
      page: await planOf(isLiving, [{ field: level, direction: "desc" }]),
      both: await planOf({ kind: "and", conditions: [isLiving, compare(owner, "eq", "u7")] }, [
        { field: level, direction: "desc" },
      ]),
    };
    for (const [name, plan] of Object.entries(plans)) {
      expect(plan, name).toMatch(/weft_field_/);
      expect(plan, name).not.toMatch(/Seq Scan/);
    }
  });

  it("are made once, and again where a build was cut off", async () => {
    const names = async () =>
      (
        await database.query(
          "select indexrelid::regclass::text, indisvalid from pg_index where indexrelid::regclass::text like 'weft_field_%'",
          [],
        )
      ).map(([name, valid]) => [name, valid] as const);
    const before = await names();
    expect(before.length).toBe(7);
    await database.script(`update pg_index set indisvalid = false where indexrelid = '${before[0]?.[0]}'::regclass`);
    await store.index("todo", orders);
    const after = await names();
    expect(after.map(([name]) => name).sort()).toEqual(before.map(([name]) => name).sort());
    expect(after.every(([, valid]) => valid === true)).toBe(true);
  });
});
