/** Searches over indexed fields use indexes: what SQLite's planner says of the very statements that the store runs. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Condition } from "../../../src/query/condition.ts";
import { type Connection, openConnection } from "../../../src/stores/meta/drivers/sqlite/connection.ts";
import { searchSql } from "../../../src/stores/meta/drivers/sqlite/search-sql.ts";
import { sqliteMetaStore } from "../../../src/stores/meta/drivers/sqlite.ts";
import type { HeadQuery, MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { minute, seed } from "../../conformance/meta-fixtures.ts";
import { and, by, compare, data, everything, from, metaFields, to } from "../../conformance/query-fixtures.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const heads = 3000;
const owner = data("owner", "text");
const level = data("level", "number");
const due = data("due", "time");
const big = data("big", "bigint");
const extra = data("extra", "json");
const parentId = data("parentId", "text");
const orders = [
  ...[owner, parentId, level, due, big, extra].map((field) => [by(field)]),
  [by(owner), by(level, "desc")],
];
const living = compare(metaFields.isDeleted, "eq", false);

describe("indexes of indexed fields on SQLite", () => {
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  let store: MetaStore;
  let file: string;
  let connection: Connection;

  beforeAll(async () => {
    temporary = await temporaryDirectory();
    file = join(temporary.path, "meta.db");
    store = await sqliteMetaStore({ file });
    const contents = Array.from({ length: heads }, (_, n) => ({
      indexedData: {
        owner: `u${n % 100}`,
        parentId: `todo:${n % 1000}`,
        level: n % 500,
        due: minute(n).toISOString(),
        big: String(n),
        extra: { n },
      },
      at: minute(n),
    }));
    await seed(store, "todo", contents);
    await store.index("todo", orders);
    // Now, since a connection learns of indexes when it executes, and plans are not executed.
    connection = openConnection(file);
  });

  afterAll(async () => {
    connection.close();
    await store.close();
    await temporary[Symbol.asyncDispose]();
  });

  function planOf(condition: Condition, page: Partial<HeadQuery> = {}): string {
    const query = { resourceName: "todo", condition: and(living, condition), sort: [], limit: 20, ...page };
    const { sql, args } = searchSql(query);
    const lines = connection.all(`explain query plan ${sql}`, args).map(([, , , line]) => String(line));
    return lines.join("\n");
  }

  const found: [string, Condition, Partial<HeadQuery>][] = [
    ["equality", compare(owner, "eq", "u7"), {}],
    ["alternatives", compare(owner, "in", ["u7", "u8"]), {}],
    ["a prefix", compare(owner, "startsWith", "u77"), {}],
    ["a range", compare(level, "gt", 490), {}],
    ["a time", compare(due, "lt", minute(20).toISOString()), { sort: [by(due)] }],
    ["an integer of any size", compare(big, "eq", "77"), {}],
    ["equal JSON", compare(extra, "eq", { n: 7 }), {}],
  ];
  for (const [name, condition, page] of found) {
    it(`find ${name}`, () =>
      expect(planOf(condition, page)).toMatch(/INDEX weft_field_\w+ \(resource_name=\? AND <expr>/));
  }

  it("find what refers to a head, and what heads refer to, that are found by one", () => {
    const isSearched = /SEARCH weft_head USING INDEX weft_field_\w+ \(resource_name=\? AND <expr>/g;
    const referring = planOf(to(parentId, "todo", compare(level, "eq", 7)));
    expect(referring.match(isSearched), referring).toHaveLength(2);
    const referredTo = planOf(from("todo", parentId, compare(level, "eq", 7)));
    expect(referredTo.match(isSearched), referredTo).toHaveLength(1);
    expect(referredTo).toMatch(/SEARCH weft_head USING INDEX \w+ \((resource_name=\? AND )?resource_id=\?\)/);
    expect(referring + referredTo).not.toMatch(/SCAN weft_head/);
  });

  const sorted: [string, Condition, Partial<HeadQuery>][] = [
    ["ascending", everything, { sort: [by(level)] }],
    ["descending", everything, { sort: [by(level, "desc")] }],
    ["from its end", everything, { sort: [by(level, "desc")], fromEnd: true }],
    ["behind a place", everything, { sort: [by(level, "desc")], after: { values: [250], resourceId: "todo:0250" } }],
    ["of an owner, highest level first", compare(owner, "eq", "u7"), { sort: [by(level, "desc")] }],
    ["by time of creation", everything, { sort: [by(metaFields.createdTime, "desc")] }],
    ["by id, behind one", everything, { after: { values: [], resourceId: "todo:1000" } }],
  ];
  for (const [name, condition, page] of sorted) {
    it(`page ${name}, without sorting all`, () => {
      const plan = planOf(condition, page);
      expect(plan).toMatch(/USING INDEX weft_/);
      if (page.fromEnd !== true) expect(plan).not.toMatch(/TEMP B-TREE FOR ORDER BY/);
    });
  }

  it("are made once, and go when nobody wishes for them", async () => {
    // Not by `connection`: behind an EXPLAIN libsql goes on reading what was there then.
    const other = openConnection(file);
    const names = () => other.all("select name from sqlite_master where name like 'weft_field_%' order by 1").flat();
    const before = names();
    expect(before).toHaveLength(10);
    await store.index("todo", orders);
    expect(names()).toEqual(before);
    await store.index("todo", [[by(owner)]]);
    expect(names()).toHaveLength(1);
    await store.index("todo", orders);
    expect(names()).toEqual(before);
    other.close();
  });
});
