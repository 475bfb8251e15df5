/**
 * Searches over 20,000 heads use indexes, and read no more than they need: what PostgreSQL says of the very statements that
 * the store runs, in rows and buffers. Times are a benchmark's business (benchmarks/search.bench.ts, with a million).
 */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { SortKey } from "../../../src/query/condition.ts";
import { positionOf } from "../../../src/query/sort.ts";
import type { Database } from "../../../src/stores/meta/drivers/prisma/database.ts";
import { migrate } from "../../../src/stores/meta/drivers/prisma/migrate.ts";
import { openPglite } from "../../../src/stores/meta/drivers/prisma/pglite-database.ts";
import { openPostgres } from "../../../src/stores/meta/drivers/prisma/postgres-database.ts";
import { prismaMetaStore } from "../../../src/stores/meta/drivers/prisma/prisma-meta-store.ts";
import { searchSql } from "../../../src/stores/meta/drivers/prisma/search-sql.ts";
import type { HeadQuery, MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { and, by, compare, data, everything, meta } from "../../conformance/query-fixtures.ts";
import { freshDatabase } from "../../servers/postgres.ts";

const heads = 20_000;
const limit = 20;
const resourceName = "todo";

const title = data("title", "text");
const owner = data("owner", "text");
const level = data("level", "number");
const rank = data("rank", "number");
const due = data("due", "time");
const tags = data("tags", "list");
const createdTime = meta("createdTime", "time");
const isLiving = compare(meta("isDeleted", "boolean"), "eq", false);

const composite: readonly SortKey[] = [by(owner), by(due), by(level, "desc")];
const orders = [...[title, owner, level, rank, due, tags].map((field) => [by(field)]), composite];

/** Ten heads an owner, twenty a level, a third without a rank, twenty a tag. */
const seedSql = `
  insert into weft_head
    (resource_id, resource_name, current_revision_id, etag, total_revision_count, created_time, updated_time, created_by,
     updated_by, is_deleted, indexed_data, index_fingerprint, payload_key, payload_hash, payload_size, payload_encoding)
  select 'todo:' || lpad(n::text, 8, '0'), '${resourceName}', 'todo:' || n || ':1', 'e' || n, 1,
    timestamptz '2025-01-01 00:00Z' + n * interval '1 second', now(), 'ada', 'ada', n % 100 = 99,
    jsonb_build_object('title', 'Task ' || lpad((n * 7919 % ${heads})::text, 6, '0') || ' of weaving', 'owner', 'user-' || n % 2000,
      'level', n * 7 % 1000, 'rank', case when n % 3 > 0 then n % 997 end, 'tags', jsonb_build_array('tag-' || n * 11 % 1000, 'all'),
      'due', to_char(timestamp '2025-01-01' + n * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"')),
    'f', 'k' || n, 'h', 1, 'msgpack'
  from generate_series(1, ${heads}) n`;

interface Opened {
  readonly database: Database;
  /** After the store is closed. */
  dispose(): PromiseLike<void>;
}

const drivers: readonly (readonly [name: string, skipped: string, open: () => Promise<Opened>])[] = [
  ["PGlite", "", async () => ({ database: await openPglite("memory"), dispose: async () => undefined })],
  [
    "PostgreSQL",
    inject("postgresUrl") ? "" : "(skipped: no PostgreSQL on this machine)",
    async () => {
      const fresh = await freshDatabase();
      const database = await openPostgres({ url: fresh.url, poolSize: 2, statementTimeoutMs: 30_000 });
      return { database, dispose: () => fresh[Symbol.asyncDispose]() };
    },
  ],
];

interface PlanNode {
  readonly "Node Type": string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Shared Hit Blocks": number;
  readonly "Shared Read Blocks": number;
  readonly Plans?: readonly PlanNode[];
}

interface Work {
  readonly scans: readonly string[];
  readonly indexes: readonly string[];
  /** Of the table. */
  readonly rows: number;
  readonly buffers: number;
}

function workOf(root: PlanNode): Work {
  const nodes = nodesOf(root);
  const ofTable = nodes.filter(
    ({ "Node Type": type }) => / Scan$/.test(type) && !/^(Subquery|Bitmap Index)/.test(type),
  );
  return {
    scans: ofTable.map((node) => node["Node Type"]),
    indexes: nodes.flatMap((node) => node["Index Name"] ?? []),
    rows: ofTable.reduce((sum, node) => sum + rowsOf(node), 0),
    buffers: root["Shared Hit Blocks"] + root["Shared Read Blocks"],
  };
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function rowsOf(node: PlanNode): number {
  return (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"];
}

for (const [name, skipped, open] of drivers) {
  describe.skipIf(skipped !== "")(`searches over 20,000 heads on ${name} ${skipped}`, () => {
    let opened: Opened;
    let store: MetaStore;

    beforeAll(async () => {
      opened = await open();
      await migrate(opened.database);
      store = prismaMetaStore(opened.database);
      await opened.database.script(seedSql);
      await store.index(resourceName, orders, [title]);
      await opened.database.build(async () => ["vacuum analyze weft_head"]);
    });

    afterAll(async () => {
      await store.close();
      await opened.dispose();
    });

    async function work(query: Partial<HeadQuery>): Promise<Work> {
      const asked: HeadQuery = { resourceName, condition: everything, sort: [], limit, ...query };
      const { sql, args } = searchSql({ ...asked, condition: and(isLiving, asked.condition) });
      const [row] = await opened.database.query(`explain (analyze, buffers, format json) ${sql}`, args);
      const plan = typeof row?.[0] === "string" ? JSON.parse(row[0]) : row?.[0];
      return workOf((plan as [{ Plan: PlanNode }])[0].Plan);
    }

    const searches: Readonly<Record<string, Partial<HeadQuery>>> = {
      equality: { condition: compare(owner, "eq", "user-7") },
      alternatives: { condition: compare(owner, "in", ["user-7", "user-8"]) },
      "a range, in its order": { condition: compare(level, "between", [300, 302]), sort: [by(level)] },
      "an open range, in its order": { condition: compare(level, "gte", 990), sort: [by(level)] },
      "a range, in another order": { condition: compare(level, "gte", 999), sort: [by(title)] },
      "a range of times": { condition: compare(due, "lt", "2025-01-01T00:30:00.000Z"), sort: [by(due)] },
      "a prefix": { condition: compare(title, "startsWith", "Task 0012"), sort: [by(title)] },
      "membership in a list": { condition: compare(tags, "contains", "tag-33") },
      "an order": { sort: [by(title)] },
      "an order, descending": { sort: [by(level, "desc")] },
      "an order with nulls, descending": { sort: [by(rank, "desc")] },
      "two fields together": {
        condition: and(compare(owner, "eq", "user-7"), compare(due, "gte", "2025-01-02T00:00:00.000Z")),
        sort: [by(due)],
      },
      "two fields that share no index": {
        condition: and(compare(tags, "contains", "tag-33"), compare(level, "gte", 100)),
      },
    };

    /** Served by trigrams. */
    const parts: Readonly<Record<string, Partial<HeadQuery>>> = {
      "a part of a text": { condition: compare(title, "contains", "012345") },
      "a part of a text, whatever its case": { condition: compare(title, "icontains", "K 012345 O") },
      "a regular expression": { condition: compare(title, "regex", "0123.5 of") },
    };

    async function expectIndex(query: Partial<HeadQuery>): Promise<void> {
      const { scans, indexes, rows } = await work(query);
      expect(scans).not.toContain("Seq Scan");
      expect(indexes.filter((name) => name.startsWith("weft_field_")).length).toBeGreaterThan(0);
      expect(rows).toBeLessThanOrEqual(5 * limit);
    }

    it.each(Object.entries(searches))("%s is served by an index, which reads little more than it finds", (_, query) =>
      expectIndex(query),
    );

    it.for(Object.entries(parts))(
      "%s is served by an index, which reads little more than it finds",
      async ([, query], { skip }) => {
        const extensions = await opened.database.query("select from pg_extension where extname = 'pg_trgm'", []);
        if (extensions.length === 0) skip("The server lacks the extension pg_trgm");
        await expectIndex(query);
      },
    );

    const paged: Readonly<Record<string, readonly SortKey[]>> = {
      "a number": [by(level)],
      "a number, descending": [by(level, "desc")],
      "a number or null": [by(rank)],
      "a number or null, descending": [by(rank, "desc")],
      "a text": [by(title)],
      "the time of creation, newest first": [by(createdTime, "desc")],
      "three keys in two directions": composite,
      "the id": [],
    };

    it.each(Object.entries(paged))("a page by %s reads as much deep in the list as at its start", async (_, sort) => {
      const first = await work({ sort });
      // Each stretch of an index that the page may lie on is begun, and reads at most a page.
      const [mostRows, mostBuffers] = [first.rows + 3 * limit, first.buffers + 100];
      for (const depth of [30, heads / 2, heads - 500]) {
        const [head] = await store.search({ resourceName, condition: isLiving, sort, limit: 1, offset: depth });
        if (head === undefined) throw new Error("There are too few heads");
        const [last] = await store.search({ resourceName, condition: isLiving, sort, limit: 1, offset: depth + 4 });
        if (last === undefined) throw new Error("There are too few heads");
        const [after, before] = [positionOf(sort, head), positionOf(sort, last)];
        for (const place of [
          { after },
          { before, fromEnd: true },
          { after, before },
          { after, before, fromEnd: true },
        ]) {
          const { scans, rows, buffers } = await work({ sort, ...place });
          expect(scans).not.toContain("Seq Scan");
          expect(rows, JSON.stringify(place)).toBeLessThanOrEqual(mostRows);
          expect(buffers, JSON.stringify(place)).toBeLessThanOrEqual(mostBuffers);
        }
      }
    });
  });
}
