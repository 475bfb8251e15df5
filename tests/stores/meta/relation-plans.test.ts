/**
 * Searches through relations over 20,000 heads read what they find and not the whole of a name, where the condition on the other head finds few: what PostgreSQL says of the
 * very statements that the store runs, in rows.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Condition } from "../../../src/query/condition.ts";
import type { Argument, Database } from "../../../src/stores/meta/drivers/prisma/database.ts";
import { migrate } from "../../../src/stores/meta/drivers/prisma/migrate.ts";
import { openPglite } from "../../../src/stores/meta/drivers/prisma/pglite-database.ts";
import { openPostgres } from "../../../src/stores/meta/drivers/prisma/postgres-database.ts";
import { prismaMetaStore } from "../../../src/stores/meta/drivers/prisma/prisma-meta-store.ts";
import { referringCountSql, referringSql, searchSql } from "../../../src/stores/meta/drivers/prisma/search-sql.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { and, by, compare, data, everything, from, meta, not, to } from "../../conformance/query-fixtures.ts";
import { freshDatabase } from "../../servers/postgres.ts";

const [monsters, zones] = [20_000, 2000];
const zoneId = data("zoneId", "text");
const guildIds = data("guildIds", "list");
const level = data("level", "number");
const name = data("name", "text");
const isLiving = compare(meta("isDeleted", "boolean"), "eq", false);

/** Ten monsters a zone, twenty a guild; names of zones are unique. */
const seedSql = (resourceName: string, count: number, indexedData: string) => `
  insert into weft_head
    (resource_id, resource_name, current_revision_id, etag, total_revision_count, created_time, updated_time, created_by,
     updated_by, is_deleted, indexed_data, index_fingerprint, payload_key, payload_hash, payload_size, payload_encoding)
  select '${resourceName}:' || n, '${resourceName}', '${resourceName}:' || n || ':1', 'e' || n, 1,
    timestamptz '2025-01-01 00:00Z' + n * interval '1 second', now(), 'ada', 'ada', n % 100 = 99, ${indexedData},
    'f', 'k' || n, 'h', 1, 'msgpack'
  from generate_series(1, ${count}) n`;

const monsterData = `jsonb_build_object('name', 'm' || n, 'level', n * 7 % 1000, 'zoneId', 'zone:' || (1 + n % ${zones}),
  'guildIds', jsonb_build_array('zone:' || (1 + n * 3 % ${zones}), 'zone:' || (1 + n * 7 % ${zones})))`;
const zoneData = `jsonb_build_object('name', 'z' || n, 'level', n % 50)`;

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
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

for (const [driver, skipped, open] of drivers) {
  describe.skipIf(skipped !== "")(`relations over 20,000 heads on ${driver} ${skipped}`, () => {
    let opened: Opened;
    let store: MetaStore;

    beforeAll(async () => {
      opened = await open();
      await migrate(opened.database);
      store = prismaMetaStore(opened.database);
      await opened.database.script(seedSql("monster", monsters, monsterData));
      await opened.database.script(seedSql("zone", zones, zoneData));
      await store.index("monster", [
        [by(zoneId)],
        [by(guildIds)],
        [by(level)],
        [by(name)],
        [by(zoneId), by(level, "desc")],
      ]);
      await store.index("zone", [[by(name)], [by(level)]]);
      await opened.database.build(async () => ["vacuum analyze weft_head"]);
    });

    afterAll(async () => {
      await store.close();
      await opened.dispose();
    });

    /** Rows of heads that were read, kept or not; and how they were reached. */
    async function work({ sql, args }: { readonly sql: string; readonly args: readonly Argument[] }) {
      const [row] = await opened.database.query(`explain (analyze, format json) ${sql}`, args);
      const plan = typeof row?.[0] === "string" ? JSON.parse(row[0]) : row?.[0];
      const [{ Plan }] = plan as [{ Plan: PlanNode }];
      const reads = nodesOf(Plan).filter((node) => node["Relation Name"] === "weft_head");
      const rows = (node: PlanNode) =>
        (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"];
      return { kinds: reads.map((node) => node["Node Type"]), rows: reads.reduce((sum, node) => sum + rows(node), 0) };
    }

    const search = (resourceName: string, condition: Condition, sort = [by(level)]) =>
      searchSql({ resourceName, condition: and(isLiving, condition), sort, limit: 20 });
    const inZone = (condition: Condition) => to(zoneId, "zone", and(isLiving, condition));
    const guild = (condition: Condition) => to(guildIds, "zone", and(isLiving, condition));
    const z7 = compare(name, "eq", "z7");

    const selective: Readonly<Record<string, ReturnType<typeof search>>> = {
      "a reference": search("monster", inZone(z7)),
      "a reference, whose target is found by a range": search(
        "monster",
        inZone(compare(name, "startsWith", "z77")),
        [],
      ),
      "a list of references": search("monster", guild(z7)),
      "a reference and a list": search("monster", and(inZone(z7), guild(compare(name, "in", ["z3", "z7"])))),
      "referrers by a reference": search("zone", from("monster", zoneId, compare(name, "eq", "m7"))),
      "referrers by a list": search("zone", from("monster", guildIds, compare(name, "in", ["m7", "m8"]))),
      "a relation of a relation": search("monster", inZone(from("monster", guildIds, compare(name, "eq", "m7")))),
      "one head, and what it does not refer to": search("monster", and(compare(name, "eq", "m7"), not(inZone(z7)))),
    };

    it.each(Object.entries(selective))("%s: reads little more than it finds", async (_, statement) => {
      const { kinds, rows } = await work(statement);
      expect(kinds).not.toContain("Seq Scan");
      expect(rows).toBeLessThanOrEqual(500);
    });

    it("pages of referrers of 50 are read by the index that has them in their order", async () => {
      const ids = Array.from({ length: 50 }, (_, i) => `zone:${i + 1}`);
      const query = { resourceName: "monster", condition: isLiving, sort: [by(level, "desc")], limit: 5 };
      for (const field of [zoneId, guildIds]) {
        const asked = { ...query, by: field };
        for (const statement of [referringSql(ids, asked), referringCountSql(ids, asked)]) {
          const { kinds, rows } = await work(statement);
          expect(kinds).not.toContain("Seq Scan");
          expect(rows).toBeLessThanOrEqual(50 * 25);
        }
      }
    });

    it("what finds most of them is read once", async () => {
      for (const condition of [inZone(everything), not(inZone(z7)), guild(everything)]) {
        const { rows } = await work(search("monster", condition, []));
        expect(rows).toBeLessThanOrEqual(4 * monsters);
      }
    });
  });
}
