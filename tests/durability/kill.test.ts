/**
 * kill -9 under write load. After each restart: every acknowledged write is there with its hash, no head and no revision points
 * to missing bytes, the log has no gap. 10 kills a store here; 100 with WEFT_SOAK=1.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, it } from "vitest";
import { contentHash } from "../../src/codec/content-hash.ts";
import type { Head } from "../../src/model/resource-meta.ts";
import { pgliteMetaStore } from "../../src/stores/meta/drivers/pglite.ts";
import { postgresMetaStore } from "../../src/stores/meta/drivers/postgres.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { diskPayloadStore } from "../../src/stores/payload/drivers/disk.ts";
import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";
import { freshDatabase } from "../servers/postgres.ts";

const kills = process.env["WEFT_SOAK"] ? 100 : 10;
const script = fileURLToPath(new URL("./writer.mjs", import.meta.url));

interface Acknowledged {
  /** revisionId → hashes acknowledged for it, oldest first: a draft edited in place has several. */
  readonly hashes: Map<string, string[]>;
  readonly purging: Set<string>;
}

/** Runs a writer, kills it a random time after its first acknowledgement, and notes what it had acknowledged. */
async function runAndKill(urls: readonly string[], delayMs: number, into: Acknowledged): Promise<void> {
  const child = spawn(process.execPath, [script, ...urls, "8"], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<string | null>((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
  let isArmed = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!isArmed) {
      isArmed = true;
      setTimeout(() => child.kill("SIGKILL"), delayMs);
    }
    // A torn last line was not acknowledged to anybody.
    if (!line.endsWith("}")) continue;
    const { resourceId, revisionId, dataHash, purging } = JSON.parse(line);
    if (purging) into.purging.add(resourceId);
    else into.hashes.set(revisionId, [...(into.hashes.get(revisionId) ?? []), dataHash]);
  }
  expect(await exited).toBe("SIGKILL");
}

async function verify(meta: MetaStore, payload: PayloadStore, { hashes, purging }: Acknowledged): Promise<void> {
  const isWhole = async (pointer: Head["payload"]) => {
    const bytes = await payload.get(pointer.key);
    return bytes !== undefined && contentHash(bytes) === pointer.hash;
  };
  const wanted = [...hashes.keys()];
  for (let from = 0; from < wanted.length; from += 500) {
    const ids = wanted.slice(from, from + 500);
    const rows = await meta.revisions(ids);
    for (const [index, id] of ids.entries()) {
      const row = rows[index];
      if (purging.has(id.replace(/:\d+$/, "")) && !row) continue;
      // An edit that was committed but not yet acknowledged may follow the last acknowledged one.
      expect(row, `acknowledged revision ${id}`).toBeDefined();
      if (row?.status === "draft" || hashes.get(id)?.length === 2) {
        expect(row?.dataHash, id).toBe(hashes.get(id)?.at(-1));
      }
      if (row) expect(await isWhole(row.payload), `bytes of ${id}`).toBe(true);
    }
  }
  let after: { values: []; resourceId: string } | undefined;
  for (;;) {
    const query = { resourceName: "item", condition: { kind: "and", conditions: [] }, sort: [], limit: 500 } as const;
    const heads = await meta.search(after ? { ...query, after } : query);
    for (const head of heads) expect(await isWhole(head.payload), `bytes of ${head.resourceId}`).toBe(true);
    const last = heads.at(-1);
    if (!last || heads.length < 500) break;
    after = { values: [], resourceId: last.resourceId };
  }
  const lastSeq = await meta.lastSeq();
  let seq = 0;
  while (seq < lastSeq) {
    const changes = await meta.changes({ after: seq, limit: 1000 });
    expect(changes.length).toBeGreaterThan(0);
    for (const change of changes) expect(change.seq).toBe(++seq);
  }
  expect(seq).toBe(lastSeq);
}

async function killRepeatedly(metaUrl: string, directory: string, open: () => Promise<MetaStore>): Promise<number> {
  const urls = [metaUrl, `disk:${directory}/payload`, `disk:${directory}/blob`];
  const acknowledged: Acknowledged = { hashes: new Map(), purging: new Set() };
  for (let round = 0; round < kills; round++) {
    await runAndKill(urls, 5 + Math.random() * 400, acknowledged);
    const meta = await open();
    const payload = await diskPayloadStore({ directory: `${directory}/payload` });
    await verify(meta, payload, acknowledged);
    await meta.close();
    await payload.close();
  }
  return acknowledged.hashes.size;
}

describe(`kill -9 at ${kills} random moments under write load`, () => {
  it("loses nothing on the embedded default", { timeout: kills * 30_000 }, async () => {
    const directory = await mkdtemp(join(tmpdir(), "weft-kill-"));
    try {
      const open = () => pgliteMetaStore({ directory: `${directory}/meta` });
      const count = await killRepeatedly(`pglite:${directory}/meta`, directory, open);
      console.log(`embedded: ${count} acknowledged revisions, ${kills} kills, none lost`);
      expect(count).toBeGreaterThan(kills);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  const noPostgres = inject("postgresUrl") ? "" : "no PostgreSQL on this machine";
  it.skipIf(noPostgres)(`loses nothing on PostgreSQL ${noPostgres}`, { timeout: kills * 30_000 }, async () => {
    const directory = await mkdtemp(join(tmpdir(), "weft-kill-"));
    await using database = await freshDatabase();
    try {
      const count = await killRepeatedly(database.url, directory, () => postgresMetaStore({ url: database.url }));
      console.log(`PostgreSQL: ${count} acknowledged revisions, ${kills} kills, none lost`);
      expect(count).toBeGreaterThan(kills);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
