/** Several processes share one file: what one has written the others see at once, and seq has no gaps. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { openConnection } from "../../../src/stores/meta/drivers/sqlite/connection.ts";
import { sqliteMetaStore } from "../../../src/stores/meta/drivers/sqlite.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { commitAll, createWrite, seed, updateWrite } from "../../conformance/meta-fixtures.ts";
import { by, compare, everything, fields } from "../../conformance/query-fixtures.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const { title } = fields;

test("two stores of one file see each other's writes, whatever they have read before", async () => {
  await using temporary = await temporaryDirectory();
  const file = join(temporary.path, "meta.db");
  const [one, two] = await Promise.all([sqliteMetaStore({ file }), sqliteMetaStore({ file })]);
  const search = { resourceName: "a", sort: [], limit: 3, condition: everything };
  const reads: Record<string, (store: MetaStore) => Promise<unknown>> = {
    heads: (store) => store.heads(["a:0000", "a:0001", "a:x"]),
    "one head": (store) => store.heads(["a:0000"]),
    revisions: (store) => store.revisions(["a:0000:1", "a:0000:2"]),
    pages: (store) => store.revisionPages(["a:0000", "a:0001"], { limit: 1 }),
    search: (store) => store.search({ ...search, sort: [by(title)] }),
    "wide search": (store) => store.search({ ...search, condition: compare(title, "regex", "(?i)T") }),
    "wide count": (store) => store.count({ ...search, condition: compare(title, "regex", "t") }),
    count: (store) => store.count(search),
    changes: (store) => store.changes({ after: 0, limit: 5, resourceNames: ["a"] }),
    payloadKeys: (store) => store.payloadKeys("a:0000"),
    staleStates: (store) => store.staleStates({ resourceName: "a", indexFingerprint: "x", after: 0, limit: 2 }),
    index: (store) => store.index("a", [[by(title)]]),
    ping: (store) => store.ping(),
  };
  let [last] = await seed(
    one,
    "a",
    Array.from({ length: 10 }, (_, i) => ({ indexedData: { title: `t${i}` } })),
  );
  for (const [name, read] of Object.entries(reads)) {
    for (const [writer, reader] of [
      [one, two],
      [two, one],
    ] as const) {
      await read(reader);
      if (last === undefined) throw new Error("nothing seeded");
      const update = updateWrite(last, { indexedData: { title: `after ${name}` } });
      await commitAll(writer, update.write);
      last = { head: update.head, revision: update.revision };
      expect(await reader.heads(["a:0000"]), name).toEqual([update.head]);
      expect(await reader.lastSeq(), name).toBe(await writer.lastSeq());
    }
  }
  await one.close();
  await two.close();
});

async function write(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  if (!child.stdout) throw new Error("the child has no stdout");
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return { code, output };
}

test("four processes that write at once lose nothing, and the log has no gaps", { timeout: 60_000 }, async () => {
  await using temporary = await temporaryDirectory();
  const file = join(temporary.path, "meta.db");
  const script = join(import.meta.dirname, "write-sqlite.ts");
  const environment = { ...process.env, JITI_FS_CACHE: "false" };
  const children = [0, 1, 2, 3].map((n) =>
    spawn(process.execPath, ["--import", "jiti/register", script, file, String(n)], {
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  const results = await Promise.all(children.map(write));
  expect(results).toEqual(results.map(() => ({ code: 0, output: "done" })));
  const store = await sqliteMetaStore({ file });
  const changes = await store.changes({ after: 0, limit: 10_000 });
  expect(changes.map(({ seq }) => seq)).toEqual(changes.map((_, i) => i + 1));
  // Each made 50 resources, and 50 revisions of the one that they share.
  expect(await store.count({ resourceName: "own", condition: everything })).toBe(200);
  const [[newest] = []] = await store.revisionPages(["shared:1"], { limit: 1 });
  expect(newest?.revisionNumber).toBe(201);
  expect(changes).toHaveLength(401);
  await store.close();
});

test("refuses what is no database, another's database, and one that a newer weft has migrated", async () => {
  await using temporary = await temporaryDirectory();
  const [text, foreign, newer] = ["text", "foreign.db", "newer.db"].map((name) => join(temporary.path, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(text, "Dear diary, ".repeat(1000));
  const other = openConnection(foreign);
  other.script("create table account (id)");
  other.close();
  await (await sqliteMetaStore({ file: newer })).close();
  const migrated = openConnection(newer);
  migrated.script("pragma user_version = 999");
  migrated.close();
  const refusal = (message: RegExp) => ({ name: "ConfigurationError", message: expect.stringMatching(message) });
  await expect(sqliteMetaStore({ file: text })).rejects.toMatchObject(refusal(/text is no SQLite database/));
  await expect(sqliteMetaStore({ file: foreign })).rejects.toMatchObject(refusal(/not one of weft's/));
  await expect(sqliteMetaStore({ file: newer })).rejects.toMatchObject(refusal(/version 999 by a newer weft/));
  const inFile = sqliteMetaStore({ file: join(text, "meta.db") });
  await expect(inFile).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
});

test("answers STORE_UNAVAILABLE in time where another process keeps the file locked, and goes on after", async () => {
  await using temporary = await temporaryDirectory();
  const file = join(temporary.path, "meta.db");
  const store = await sqliteMetaStore({ file });
  const holder = openConnection(file);
  holder.script("begin immediate");
  const created = createWrite("a", "a:1");
  const started = Date.now();
  await expect(commitAll(store, created.write)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(Date.now() - started).toBeLessThan(8000);
  expect(await store.heads(["a:1"])).toEqual([undefined]);
  const waiting = commitAll(store, created.write);
  holder.script("rollback");
  holder.close();
  await waiting;
  expect(await store.heads(["a:1"])).toEqual([created.head]);
  await store.close();
}, 20_000);
