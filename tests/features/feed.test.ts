import { afterEach, describe, expect, it } from "vitest";
import { createFeed } from "../../src/features/feed/create-feed.ts";
import type { Feed, FeedFilter } from "../../src/features/feed/feed.ts";
import { localBus } from "../../src/messaging/bus/drivers/local.ts";
import type { Change } from "../../src/model/change.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import type { HeadWrite, MetaStore } from "../../src/stores/meta/meta-store.ts";
import { commitOf, createWrite, type Known, uniqueName, updateWrite } from "../conformance/meta-fixtures.ts";

const feeds: Feed[] = [];
afterEach(async () => {
  for (const feed of feeds.splice(0)) await feed.close();
});

function openFeed(meta: MetaStore, options: { windowSize?: number; pollMs?: number; patienceMs?: number } = {}): Feed {
  const feed = createFeed({ meta, bus: localBus(), report: () => {}, pollMs: 20, ...options });
  feeds.push(feed);
  return feed;
}

async function commitOne(meta: MetaStore, write: HeadWrite): Promise<readonly Change[]> {
  const outcome = await meta.commit(commitOf(write));
  if (!outcome.isCommitted) throw new Error("lost");
  return outcome.changes;
}

/** Writes n creates; tells the feed of them unless they are another process's. */
async function writeSome(meta: MetaStore, count: number, feed?: Feed): Promise<Change[]> {
  const all: Change[] = [];
  for (let n = 0; n < count; n++) {
    const changes = await commitOne(
      meta,
      createWrite("hero", `hero:${uniqueName("h")}`, { indexedData: { level: n } }).write,
    );
    feed?.committed(changes);
    all.push(...changes);
  }
  return all;
}

async function take(feed: Feed, count: number, filter: FeedFilter): Promise<number[]> {
  const seqs: number[] = [];
  if (count === 0) return seqs;
  for await (const change of await feed.subscribe(filter)) {
    seqs.push(change.seq);
    if (seqs.length === count) break;
  }
  return seqs;
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("feed", () => {
  it("replays the log from the beginning, then goes live, each entry once and in order", async () => {
    const meta = memoryMetaStore();
    const feed = openFeed(meta);
    await writeSome(meta, 5, feed);
    const seen = take(feed, 12, { after: "0" });
    await writeSome(meta, 7, feed);
    expect(await seen).toEqual(upTo(12));
  });

  it("begins now where no cursor is given", async () => {
    const meta = memoryMetaStore();
    const feed = openFeed(meta);
    await writeSome(meta, 3, feed);
    const stream = await feed.subscribe({});
    await writeSome(meta, 1, feed);
    expect((await stream.next()).value?.seq).toBe(4);
    await stream.return?.();
  });

  it("sees what other processes write to the same store", async () => {
    const meta = memoryMetaStore();
    const feed = openFeed(meta);
    const stream = await feed.subscribe({});
    await writeSome(meta, 1);
    expect((await stream.next()).value?.seq).toBe(1);
    const [own] = await writeSome(meta, 2);
    feed.committed(own ? [own] : []);
    expect((await stream.next()).value?.seq).toBe(2);
    expect((await stream.next()).value?.seq).toBe(3);
    await stream.return?.();
  });

  it("takes commits that are reported out of order", async () => {
    const meta = memoryMetaStore();
    const feed = openFeed(meta, { pollMs: 60_000 });
    const stream = await feed.subscribe({});
    const changes = await writeSome(meta, 4);
    for (const change of changes.reverse()) feed.committed([change]);
    for (const seq of upTo(4)) expect((await stream.next()).value?.seq).toBe(seq);
    await stream.return?.();
  });

  it("misses and repeats nothing for a subscriber that falls behind the window", async () => {
    const meta = memoryMetaStore();
    const feed = openFeed(meta, { windowSize: 4 });
    const stream = await feed.subscribe({ after: "0" });
    const seqs: number[] = [];
    for (let round = 0; round < 10; round++) {
      await writeSome(meta, 30, feed);
      for (let n = 0; n < 20; n++) seqs.push((await stream.next()).value?.seq ?? -1);
    }
    for (let n = 0; n < 100; n++) seqs.push((await stream.next()).value?.seq ?? -1);
    expect(seqs).toEqual(upTo(300));
    await stream.return?.();
  });

  it("resumes at any cursor without loss or repetition while writers go on", async () => {
    const meta = memoryMetaStore();
    const feed = openFeed(meta, { windowSize: 8 });
    const writing = writeSome(meta, 400, feed);
    const seen: number[] = [];
    while (seen.length < 400) {
      const some = Math.min(400 - seen.length, 1 + ((seen.length * 7) % 23));
      seen.push(...(await take(feed, some, { after: String(seen.at(-1) ?? 0) })));
    }
    await writing;
    expect(seen).toEqual(upTo(400));
  });

  it("delivers a change where the state before or the state after satisfies the condition", async () => {
    const meta = memoryMetaStore();
    const feed = openFeed(meta);
    const condition = {
      kind: "comparison",
      field: { source: "data", path: "level", type: "number" },
      operator: "gt",
      value: 5,
    } as const;
    const stream = await feed.subscribe({ condition });
    let known: Known | undefined;
    for (const level of [1, 9, 8, 2, 3]) {
      const indexedData = { level };
      const written = known ? updateWrite(known, { indexedData }) : createWrite("hero", "hero:one", { indexedData });
      feed.committed(await commitOne(meta, written.write));
      known = written;
    }
    const levels = [];
    for (let n = 0; n < 3; n++) levels.push((await stream.next()).value?.head?.indexedData.level);
    expect(levels).toEqual([9, 8, 2]);
    await stream.return?.();
  });

  it("ends a waiting stream at once when its reader returns or aborts", async () => {
    const feed = openFeed(memoryMetaStore());
    const stream = await feed.subscribe({});
    const waiting = stream.next();
    await stream.return?.();
    expect((await waiting).done).toBe(true);
    const abort = new AbortController();
    const other = await feed.subscribe({ signal: abort.signal });
    const alsoWaiting = other.next();
    abort.abort();
    expect((await alsoWaiting).done).toBe(true);
  });

  it("tells subscribers where they stood when it closes", async () => {
    const meta = memoryMetaStore();
    const feed = openFeed(meta);
    const stream = await feed.subscribe({ after: "0" });
    await writeSome(meta, 2, feed);
    await stream.next();
    await stream.next();
    const waiting = stream.next();
    await feed.close();
    await expect(waiting).rejects.toMatchObject({ code: "SHUTTING_DOWN", details: { cursor: "2" } });
  });

  it("refuses cursors that are malformed or in the future", async () => {
    const meta = memoryMetaStore();
    const feed = openFeed(meta);
    await writeSome(meta, 2, feed);
    for (const after of ["3", "-1", "1.5", "x", "", "01", "9".repeat(64), "9".repeat(65), "1e3"]) {
      await expect(feed.subscribe({ after }), after).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    }
  });

  it("waits for a store that comes back, and gives up after its patience with the cursor", async () => {
    const inner = memoryMetaStore();
    let isDown = false;
    const meta: MetaStore = {
      ...inner,
      changes: (query) => (isDown ? Promise.reject(new Error("down")) : inner.changes(query)),
    };
    await writeSome(inner, 3);
    const feed = openFeed(meta, { patienceMs: 400 });
    const stream = await feed.subscribe({ after: "1" });
    isDown = true;
    const waiting = stream.next();
    setTimeout(() => {
      isDown = false;
    }, 50);
    expect((await waiting).value?.seq).toBe(2);
    await stream.return?.();
    const other = await feed.subscribe({ after: "1" });
    isDown = true;
    await expect(other.next()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", details: { cursor: "1" } });
  });
});
