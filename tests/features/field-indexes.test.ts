/** What a gateway asks PostgreSQL to index of its models, seen in the server's own catalogue. */
import pg from "pg";
import { describe, expect, it } from "vitest";
import { createGateway, z } from "../../src/index.ts";
import { freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";

const skipped = await skippedWithoutPostgres();

describe.skipIf(skipped !== "")(`indexes of a model on PostgreSQL ${skipped}`, () => {
  it("serve each indexed field by what its operators need: trees, trigrams of free texts, members of lists", async () => {
    await using database = await freshDatabase();
    const gateway = createGateway({ meta: database.url, payload: "memory:", blob: "memory:", logLevel: "silent" });
    const schema = z.object({
      title: z.string(),
      color: z.enum(["red", "blue"]),
      level: z.int(),
      tags: z.array(z.string()),
    });
    gateway.addModel("Item", schema, {
      indexedFields: ["title", "color", "level", "tags"],
      indexes: [["color", "-level"]],
    });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      for await (const { phase } of gateway.reindex()) expect(["indexes", "done"]).toContain(phase);
      const { rows } = await client.query("select indexdef from pg_indexes where indexname like 'weft\\_field\\_%'");
      const methods = rows.map(({ indexdef }) => {
        const path = /'(title|color|level|tags)'/.exec(indexdef)?.[1];
        return `${path} ${/ USING (\w+)/.exec(indexdef)?.[1]}${indexdef.includes("gin_trgm_ops") ? " of trigrams" : ""}`;
      });
      const expected = ["color btree", "color btree", "level btree", "level btree", "tags gin", "title btree"];
      expect(methods.sort()).toEqual([...expected, "title gin of trigrams"]);
    } finally {
      await client.end();
      await gateway.close();
    }
  });
});
