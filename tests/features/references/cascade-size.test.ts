/** Large cascades, on a real PostgreSQL. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { createGateway, ref, z } from "../../../src/index.ts";
import { freshDatabase, skippedWithoutPostgres } from "../../servers/postgres.ts";
import { temporaryDirectory } from "../../stores/temporary-directory.ts";

const skipped = await skippedWithoutPostgres();
const isSoak = Boolean(process.env.WEFT_SOAK);
const size = isSoak ? 10_000 : 1000;
const script = fileURLToPath(new URL("./deleter.mjs", import.meta.url));

async function open() {
  const database = await freshDatabase();
  const folder = await temporaryDirectory();
  const gateway = createGateway({
    ...{ meta: database.url, payload: `disk:${folder.path}`, blob: "memory:", logLevel: "silent" },
    limits: { maxCascade: size },
  });
  const zones = gateway.addModel("Zone", z.object({ name: z.string() }));
  const monsters = gateway.addModel(
    "Monster",
    z.object({ name: z.string(), zoneId: ref("Zone", { onDelete: "cascade" }) }),
  );
  const populate = async (count: number) => {
    const zone = (await zones.create({ name: "z" })).meta.resourceId;
    for (let made = 0; made < count; made += 250)
      await Promise.all(
        Array.from({ length: Math.min(250, count - made) }, (_, i) =>
          monsters.create({ name: `${made + i}`, zoneId: zone }),
        ),
      );
    return zone;
  };
  const close = async () => {
    await gateway.close();
    await database[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
  return { gateway, zones, monsters, populate, database, folder, [Symbol.asyncDispose]: close };
}

describe.skipIf(skipped !== "")(`large cascades on PostgreSQL ${skipped}`, { timeout: 900_000 }, () => {
  it(`${size} resources go in one commit, and one more is refused, with nothing done`, async ({ annotate }) => {
    await using place = await open();
    const { zones, monsters, populate } = place;
    const zone = await populate(size);
    const extra = await monsters.create({ name: "extra", zoneId: zone });
    await expect(zones.delete(zone)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(await monsters.count()).toBe(size + 1);
    await monsters.purge(extra.meta.resourceId);
    const start = performance.now();
    const { updatedTime } = await zones.delete(zone);
    await annotate(`${size} resources were deleted in ${Math.round(performance.now() - start)} ms`);
    expect(await monsters.count()).toBe(0);
    // One write has one time.
    expect(
      await monsters.count({ isDeleted: true, updatedTimeStart: updatedTime, updatedTimeEnd: updatedTime } as never),
    ).toBe(size);
    await zones.restore(zone, { cascade: true });
    expect(await monsters.count()).toBe(size);
  });

  it("killed in the middle, all of it is there or nothing", async () => {
    await using place = await open();
    const { zones, monsters, populate, database, folder } = place;
    const count = 300;
    const outcomes = new Set<number>();
    const rounds = isSoak ? 40 : 6;
    for (let round = 0; round < rounds; round++) {
      const zone = await populate(count);
      const child = fork(script, [database.url, folder.path, zone], { stdio: "inherit" });
      try {
        await said(child, "deleting");
        // The first is killed at once, the last when it is done.
        if (round === rounds - 1) await said(child, "deleted");
        else await sleep(round * 40);
      } finally {
        child.kill("SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }
      await untilIdle(database.url);
      const isDeleted = await zones.get(zone).then(
        () => false,
        () => true,
      );
      const living = await monsters.count();
      expect(living).toBe(isDeleted ? 0 : count);
      outcomes.add(living);
      if (!isDeleted) await zones.delete(zone);
    }
    expect([...outcomes].sort()).toEqual([0, count]);
  });
});

/** PostgreSQL goes on with what a process has sent that is gone. */
async function untilIdle(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const sql = `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid() and backend_type = 'client backend'`;
    await expect.poll(async () => (await client.query(sql)).rows[0].count, { timeout: 20_000, interval: 20 }).toBe(0);
  } finally {
    await client.end();
  }
}

async function said(child: ChildProcess, word: string): Promise<void> {
  const ended = once(child, "exit").then(() => Promise.reject(new Error("The process ended too early.")));
  await Promise.race([once(child, "message"), ended]).then((message) => expect(message).toEqual([word, undefined]));
}
