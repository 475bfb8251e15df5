/** What becomes of a fast/slow store at its end, and how much it keeps in memory until then. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { commitAll, commitOf, createWrite, seed, uniqueName, updateWrite } from "../../conformance/meta-fixtures.ts";
import { everything } from "../../conformance/query-fixtures.ts";
import { away, contentsOf, isMoved, memoryPair, unavailable, until } from "./fast-slow-fixture.ts";

it.concurrent("closing waits for commits under way, and brings all that was acknowledged to the slower store", async () => {
  const pair = memoryPair();
  const store = await pair.open(async ({ run }) => {
    await sleep(Math.random() * 5);
    return run();
  });
  const name = uniqueName("closed");
  const committing = Array.from({ length: 50 }, (_, i) =>
    store.commit(commitOf(createWrite(name, `${name}:${i}`).write)),
  );
  const closing = store.close();
  const late = store.commit(commitOf(createWrite(name, `${name}:late`).write));
  await expect(late).rejects.toEqual(unavailable);
  for (const outcome of await Promise.all(committing)) expect(outcome.isCommitted).toBe(true);
  await closing;
  expect(await pair.slow.lastSeq()).toBe(50);
  expect(await isMoved(pair)).toBe(true);
});

it.concurrent("answers STORE_UNAVAILABLE to every call once closed, and closes as often as it is asked to", async () => {
  const pair = memoryPair();
  const store = await pair.open();
  const [known] = await seed(store, "x", [{}]);
  await Promise.all([store.close(), store.close()]);
  const query = { resourceName: "x", condition: everything, sort: [], limit: 1 };
  const calls = [
    () => store.heads(["x:0000"]),
    () => store.heads([]),
    () => store.revisions(["x:0000:1"]),
    () => store.revisionPages(["x:0000"], { limit: 1 }),
    () => store.payloadKeys("x:0000"),
    () => store.changes({ after: 0, limit: 1 }),
    () => store.lastSeq(),
    () => store.search(query),
    () => store.count(query),
    () => store.staleStates({ resourceName: "x", indexFingerprint: "", after: 0, limit: 1 }),
    () => store.reindex([]),
    () => store.index("x", []),
    () => store.ping(),
    () => store.commit(commitOf(...(known ? [updateWrite(known).write] : []))),
  ];
  for (const call of calls) await expect(call()).rejects.toEqual(unavailable);
});

for (const failure of ["rejects", "hangs"] as const) {
  it.concurrent(`closing before a slower store that ${failure} ends in time, says what stays behind, and the next process brings it there`, async () => {
    const pair = memoryPair();
    let isAway = false;
    const store = await pair.open(async ({ name, run }) => {
      if (!isAway || !name.startsWith("slow")) return run();
      if (failure === "hangs") await sleep(3000);
      throw away();
    });
    const [known] = await seed(store, uniqueName("left"), [{}]);
    if (known === undefined) throw new Error("Nothing was made.");
    await until(() => isMoved(pair));
    isAway = true;
    await commitAll(store, updateWrite(known).write);
    const begun = Date.now();
    await store.close();
    expect(Date.now() - begun).toBeLessThan(20_000);
    expect(pair.reported.at(-1)?.where).toContain("1 acknowledged writes have not left the fast meta store");
    const next = await pair.open();
    const contents = await contentsOf(next);
    await next.close();
    expect(await contentsOf(pair.slow)).toEqual(contents);
    expect(await pair.slow.lastSeq()).toBe(2);
  }, 60_000);
}

it.concurrent("closing before a slower store that is merely slow stops in time as well, between two batches", async () => {
  const pair = memoryPair();
  const name = uniqueName("slow");
  let isSlow = false;
  const store = await pair.open(async ({ name, run }) => {
    if (isSlow && name === "slow.replay") await sleep(1500);
    return run();
  });
  const known = await seed(
    store,
    name,
    Array.from({ length: 400 }, () => ({})),
  );
  await until(() => isMoved(pair));
  isSlow = true;
  let states = known;
  for (let i = 0; i < 20; i++) {
    const updates = states.map((one) => updateWrite(one));
    await commitAll(store, ...updates.map(({ write }) => write));
    states = updates;
  }
  const begun = Date.now();
  await store.close();
  expect(Date.now() - begun).toBeLessThan(16_000);
  expect(await isMoved(pair)).toBe(false);
  const next = await pair.open();
  await next.close();
  expect(await isMoved(pair)).toBe(true);
  expect(await pair.slow.lastSeq()).toBe(400 * 21);
}, 60_000);

it.concurrent("closing before a journal that is gone ends in time", async () => {
  const pair = memoryPair();
  let isAway = false;
  const store = await pair.open(async ({ name, run }) => {
    if (isAway && name.startsWith("journal")) throw away();
    return run();
  });
  await seed(store, uniqueName("x"), [{}]);
  isAway = true;
  const begun = Date.now();
  await store.close();
  expect(Date.now() - begun).toBeLessThan(12_000);
}, 60_000);

async function child(script: string, ...flags: readonly string[]): Promise<string> {
  const args = [...flags, "--import", "jiti/register", join(import.meta.dirname, script)];
  const env = { ...process.env, JITI_FS_CACHE: "false" };
  const running = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  running.stdout.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  const giveUp = setTimeout(() => running.kill("SIGKILL"), 60_000);
  const [code] = await once(running, "exit");
  clearTimeout(giveUp);
  expect(code).toBe(0);
  return said;
}

it.concurrent("a process that forgets to close it ends nevertheless", async () => {
  const begun = Date.now();
  expect(await child("fast-slow-forgotten.ts")).toBe("written\n");
  expect(Date.now() - begun).toBeLessThan(30_000);
}, 90_000);

it.concurrent("what a node remembers stays within bounds, however much has passed through it", async () => {
  const [early = 0, late = 0] = JSON.parse(await child("fast-slow-memory.ts", "--expose-gc")) as number[];
  console.log(`heap beside the stores: ${early} MB after 10,000 commits, ${late} MB after 50,000`);
  expect(late - early).toBeLessThan(8);
}, 120_000);
