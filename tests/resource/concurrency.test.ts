/** 64 concurrent updates of one resource: in one process on every store, and from three processes on one PostgreSQL. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { createGateway } from "../../src/gateway.ts";
import { freshDatabase } from "../servers/postgres.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";

const writers = 64;
const schema = z.object({ level: z.number().int() });

interface Place {
  readonly meta: string;
  readonly payload: string;
  readonly blob: string;
  [Symbol.asyncDispose](): Promise<void>;
}

async function onDisk(meta: (directory: string) => string, dispose?: () => Promise<void>): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), "weft-concurrency-"));
  return {
    meta: meta(directory),
    payload: `disk:${directory}/payload`,
    blob: `disk:${directory}/blob`,
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true, force: true });
      await dispose?.();
    },
  };
}

const noPostgres = inject("postgresUrl") ? "" : "(skipped: no PostgreSQL on this machine)";

const onPostgres = async () => {
  const database = await freshDatabase();
  return onDisk(
    () => database.url,
    async () => database[Symbol.asyncDispose](),
  );
};

const noRedis = await skippedWithoutRedis();
const onRedis = async () => {
  const room = await freshRedisNamespace();
  return onDisk(
    () => room.url,
    async () => room[Symbol.asyncDispose](),
  );
};

const places: { name: string; skip: boolean; open: () => Promise<Place> }[] = [
  { name: "memory", skip: false, open: () => onDisk(() => "memory:") },
  { name: "PGlite", skip: false, open: () => onDisk((directory) => `pglite:${directory}/meta`) },
  { name: "SQLite", skip: false, open: () => onDisk((directory) => `sqlite:${directory}/meta.sqlite`) },
  { name: "disk", skip: false, open: () => onDisk((directory) => `disk:${directory}/meta`) },
  { name: `PostgreSQL ${noPostgres}`, skip: noPostgres !== "", open: onPostgres },
  { name: `Redis ${noRedis}`, skip: noRedis !== "", open: onRedis },
];

function openItems(place: Place) {
  const { meta, payload, blob } = place;
  const gateway = createGateway({ meta, payload, blob, logLevel: "silent" });
  return { gateway, items: gateway.addModel("Item", schema, { indexedFields: ["level"] }) };
}

/** Every revision from 2 on, once: nobody's write was lost, none was written over. */
function expectContiguous(revisionIds: readonly string[], resourceId: string, count: number): void {
  const numbers = revisionIds.map((id) => Number(id.slice(resourceId.length + 1))).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: count }, (_, n) => n + 2));
}

async function expectHistory(place: Place, resourceId: string, levels: readonly number[]): Promise<void> {
  const { gateway, items } = openItems(place);
  const seen: number[] = [];
  for (let number = 1; number <= levels.length; number++) {
    seen.push((await items.get(resourceId, { revisionId: `${resourceId}:${number}` })).data.level);
  }
  expect(seen.sort((a, b) => a - b)).toEqual([...levels].sort((a, b) => a - b));
  expect((await items.get(resourceId)).meta.totalRevisionCount).toBe(levels.length);
  await gateway.close();
}

for (const { name, skip, open } of places) {
  describe.skipIf(skip)(`64 concurrent updates of one resource on ${name}`, () => {
    it("make 64 revisions with contiguous numbers, none lost", async () => {
      await using place = await open();
      const { gateway, items } = openItems(place);
      const { meta } = await items.create({ level: -1 });
      const updates = Array.from({ length: writers }, (_, level) => items.update(meta.resourceId, { level }));
      const results = await Promise.all(updates);
      expectContiguous(
        results.map(({ revision }) => revision.revisionId),
        meta.resourceId,
        writers,
      );
      const { edges } = await items.revisions(meta.resourceId, { first: 100 });
      expect(edges.length).toBe(writers + 1);
      const parents = edges.map(({ node }) => node.parentRevisionId);
      expect(new Set(parents).size).toBe(writers + 1);
      await gateway.close();
    });

    it("let exactly one win under the same ifMatch", async () => {
      await using place = await open();
      const { gateway, items } = openItems(place);
      const { meta } = await items.create({ level: -1 });
      const options = { ifMatch: meta.etag };
      const updates = Array.from({ length: writers }, (_, level) => items.update(meta.resourceId, { level }, options));
      const results = await Promise.allSettled(updates);
      expect(results.filter(({ status }) => status === "fulfilled").length).toBe(1);
      const codes = results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
      expect(codes).toEqual(Array(writers - 1).fill("PRECONDITION_FAILED"));
      expect((await items.get(meta.resourceId)).meta.totalRevisionCount).toBe(2);
      await gateway.close();
    });
  });
}

const script = fileURLToPath(new URL("./updater.mjs", import.meta.url));
const shares = [22, 21, 21];

async function fromThreeProcesses(place: Place, resourceId: string, ifMatch?: string): Promise<string[]> {
  const { meta, payload, blob } = place;
  let first = 0;
  const children = shares.map((count) => {
    const args = [meta, payload, blob, resourceId, String(first), String(count), ...(ifMatch ? [ifMatch] : [])];
    first += count;
    return fork(script, args, { stdio: "inherit" });
  });
  try {
    await Promise.all(children.map(message));
    const answers = children.map(message);
    for (const child of children) child.send("go");
    const results = (await Promise.all(answers)).flatMap((result) => result as string[]);
    await Promise.all(children.map((child) => (child.exitCode === null ? once(child, "exit") : undefined)));
    return results;
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
}

/** The next one. @throws Error where the process ends instead */
async function message(child: ChildProcess): Promise<unknown> {
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`A process ended: ${code ?? signal}`);
  });
  ended.catch(() => undefined);
  return (await Promise.race([once(child, "message"), ended]))[0];
}

describe.skipIf(noPostgres !== "")(`64 concurrent updates from three processes on one PostgreSQL ${noPostgres}`, () => {
  it("make 64 revisions with contiguous numbers, none lost", async () => {
    await using place = await onPostgres();
    const { gateway, items } = openItems(place);
    const { meta } = await items.create({ level: -1 });
    const results = await fromThreeProcesses(place, meta.resourceId);
    expectContiguous(results, meta.resourceId, writers);
    await gateway.close();
    await expectHistory(
      place,
      meta.resourceId,
      Array.from({ length: writers + 1 }, (_, n) => n - 1),
    );
  });

  it("let exactly one win under the same ifMatch", async () => {
    await using place = await onPostgres();
    const { gateway, items } = openItems(place);
    const { meta } = await items.create({ level: -1 });
    const results = await fromThreeProcesses(place, meta.resourceId, meta.etag);
    expect(results.filter((result) => result === `${meta.resourceId}:2`).length).toBe(1);
    expect(results.filter((result) => result === "PRECONDITION_FAILED").length).toBe(writers - 1);
    expect((await items.get(meta.resourceId)).meta.totalRevisionCount).toBe(2);
    await gateway.close();
  });
});
