/** kill -9 of a process under write load, 5 times a store here, 100 with WEFT_SOAK=1: what was acknowledged is there, all of it and whole. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Head } from "../../../src/model/resource-meta.ts";
import type { Revision } from "../../../src/model/revision.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { everything } from "../../conformance/query-fixtures.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { opened } from "./opened-by-name.ts";

const kills = process.env.WEFT_SOAK ? 100 : 5;
const script = join(import.meta.dirname, "commit-until-killed.ts");

/** Notes what the writer says until it is killed, some time after its first word. */
async function writeUntilKilled(name: string, path: string, acknowledged: Set<string>): Promise<void> {
  const child = spawn(process.execPath, ["--import", "jiti/register", script, name, path], {
    env: { ...process.env, JITI_FS_CACHE: "false" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => acknowledged.add(line));
  const closed = once(lines, "close");
  await Promise.race([once(lines, "line"), closed]);
  await sleep(Math.random() * 300);
  child.kill("SIGKILL");
  await closed;
  expect(await exited).toEqual([null, "SIGKILL"]);
}

async function check(store: MetaStore, acknowledged: ReadonlySet<string>): Promise<void> {
  const heads = new Map<string, Head>();
  const revisions = new Map<string, Revision>();
  const written = new Set<string>();
  const purged = new Set<string>();
  const changes = await store.changes({ after: 0, limit: 1_000_000 });
  for (const [i, change] of changes.entries()) {
    if (change.seq !== i + 1) throw new Error(`${change.seq} is at ${i + 1}`);
    const { resourceId, head, revision } = change;
    if (head === null) heads.delete(resourceId);
    else heads.set(resourceId, head);
    if (revision !== null) revisions.set(revision.revisionId, revision);
    if (change.action === "purge") purged.add(resourceId);
    written.add(`${resourceId} ${head?.etag ?? "purged"}`);
  }
  for (const line of acknowledged) {
    const [resourceId = ""] = line.split(" ");
    if (!written.has(line) && !purged.has(resourceId)) throw new Error(`${line} was acknowledged and is lost`);
    if (line.endsWith(" purged") && !purged.has(resourceId)) throw new Error(`${line} and is not`);
  }
  const found = await store.search({ resourceName: "a", condition: everything, sort: [], limit: 1_000_000 });
  expect(found.length).toBe(heads.size);
  for (const head of found) expectSame(head, heads.get(head.resourceId));
  const stored = await store.revisions([...revisions.keys()]);
  for (const [i, revision] of [...revisions.values()].entries()) expectSame(stored[i], revision);
}

/** As JSON, since `expect` takes its time with thousands. */
function expectSame(stored: unknown, logged: unknown): void {
  if (JSON.stringify(stored) !== JSON.stringify(logged)) expect(stored).toEqual(logged);
}

for (const name of ["disk", "sqlite"]) {
  test(
    `kill -9 of a process that writes to ${name}: what was acknowledged is there`,
    async () => {
      await using temporary = await temporaryDirectory();
      const path = join(temporary.path, "meta");
      const acknowledged = new Set<string>();
      for (let round = 0; round < kills; round++) {
        await writeUntilKilled(name, path, acknowledged);
        const store = await opened(name, path);
        await check(store, acknowledged);
        await store.close();
      }
      expect(acknowledged.size).toBeGreaterThan(kills * 10);
      console.log(`${name}: ${kills} kills, ${acknowledged.size} acknowledged writes, none lost`);
    },
    kills * 15_000,
  );
}
