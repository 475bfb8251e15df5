/**
 * The promise of the change log at the level of whole gateways: four processes write to one PostgreSQL, their transactions
 * held open at random so that they would commit out of order; in this process a gateway that shares no bus with them serves a
 * subscriber of manager.changes() and one over a websocket, which are cut 50 times and resume at a cursor they have seen.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { z } from "zod";
import { createGateway } from "../../src/gateway.ts";
import type { Change } from "../../src/model/change.ts";
import { postgresMetaStore } from "../../src/stores/meta/drivers/postgres.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { holdTransactions } from "../servers/held-transactions.ts";
import { freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";
import { temporaryDirectory } from "../stores/temporary-directory.ts";

const script = fileURLToPath(new URL("./log-writer.mjs", import.meta.url));
const processes = 4;
const cuts = 50;
const durationMs = process.env.WEFT_SOAK ? 60_000 : 5000;

interface Entry {
  readonly cursor: string;
  readonly resourceId: string;
}

/** Opens a stream behind a cursor. It ends when its reader leaves. */
type Subscribe = (after: string) => AsyncIterable<Entry>;

interface Log {
  readonly entries: Entry[];
  cuts: number;
}

/** The resource that is created last of all. */
const lastId = "item:last";

/**
 * Follows a stream to the last resource. At random moments it leaves the stream and resumes behind an entry that it has
 * seen: what comes again must be what came before.
 */
async function follow(subscribe: Subscribe): Promise<Log> {
  const log: Log = { entries: [], cuts: 0 };
  const { entries } = log;
  const start = Date.now();
  const isDone = () => log.cuts >= cuts && entries.at(-1)?.resourceId === lastId;
  for (; !isDone(); log.cuts++) {
    // Before the last entry seen, or it might wait for ever behind the last of all.
    let position = Math.max(0, entries.length - 1 - Math.floor(Math.random() * Math.min(100, entries.length)));
    const cutAt = start + ((log.cuts + Math.random()) / cuts) * durationMs;
    for await (const entry of subscribe(entries[position - 1]?.cursor ?? "0")) {
      const before = entries[position++];
      if (before) expect(entry).toEqual(before);
      else entries.push(entry);
      if (isDone() || (log.cuts < cuts && Date.now() > cutAt)) break;
    }
  }
  return log;
}

interface Writers extends AsyncDisposable {
  /** @returns how many changes of Item they made */
  stop(): Promise<number>;
}

async function startWriters(urls: readonly string[]): Promise<Writers> {
  const writers = Array.from({ length: processes }, () => startWriter(urls));
  const dispose = async () => {
    for (const { child } of writers) child.kill("SIGKILL");
  };
  try {
    await Promise.all(writers.map(({ message }) => message()));
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    async stop() {
      const counts = writers.map(({ message }) => message());
      for (const { child } of writers) if (child.connected) child.send("stop");
      return (await Promise.all(counts)).reduce<number>((sum, count) => sum + Number(count), 0);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

interface Writer {
  readonly child: ChildProcess;
  /** The next one. @throws Error where the process ends, or has ended, instead */
  message(): Promise<unknown>;
}

function startWriter(urls: readonly string[]): Writer {
  const child = fork(script, urls);
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`A writer ended: ${code ?? signal}`);
  });
  ended.catch(() => undefined);
  return { child, message: async () => (await Promise.race([once(child, "message"), ended]))[0] };
}

/** Each stream over a socket of its own, which is torn down without a word when the reader leaves. */
function overWebsocket(url: string): Subscribe {
  const query = "subscription Follow($after: String) { itemChanged(after: $after) { cursor resourceId } }";
  return async function* subscribe(after) {
    const sockets: WebSocket[] = [];
    class Recorded extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols);
        sockets.push(this);
      }
    }
    const client = createClient({ url, webSocketImpl: Recorded, retryAttempts: 0 });
    try {
      for await (const { data, errors } of client.iterate({ query, variables: { after } })) {
        expect(errors).toBeUndefined();
        yield (data as { itemChanged: Entry }).itemChanged;
      }
    } finally {
      for (const socket of sockets) socket.terminate();
      await client.dispose();
    }
  };
}

const skipped = await skippedWithoutPostgres();

describe.skipIf(skipped !== "")(`the change log across gateways ${skipped}`, () => {
  it("gives every entry once and in order to streams that are cut and resume anywhere", {
    timeout: durationMs + 60_000,
  }, async () => {
    await using temporary = await temporaryDirectory();
    await using database = await freshDatabase();
    const payload = `disk:${temporary.path}/payload`;
    const meta = await postgresMetaStore({ url: database.url });
    await holdTransactions(database.url);
    const gateway = createGateway({ meta, payload, blob: "memory:", pollMs: 20, logLevel: "warn" });
    const items = gateway.addModel("Item", z.object({ level: z.number().int() }), { indexedFields: ["level"] });
    const { url } = await gateway.listen({ port: 0 });
    try {
      await using writers = await startWriters([database.url, payload]);
      const inProcess: Subscribe = async function* (after) {
        for await (const { cursor, resourceId } of items.changes({ after })) yield { cursor, resourceId };
      };
      const logs = Promise.all([follow(inProcess), follow(overWebsocket(url.replace("http", "ws")))]);
      logs.catch(() => undefined);
      await sleep(durationMs);
      const made = await writers.stop();
      await items.create({ level: 0 }, { resourceId: lastId });

      const stored = await read(meta);
      expect(stored.find(({ seq }, i) => seq !== i + 1)).toBeUndefined();
      expect(stored.length).toBe(await meta.lastSeq());
      const ofModel = stored.filter(({ resourceName }) => resourceName === "item");
      const expected = ofModel.map(({ seq, resourceId }) => ({ cursor: String(seq), resourceId }));
      expect(expected.length).toBe(made + 1);
      for (const log of await logs) {
        expect(firstDifference(log.entries, expected)).toBeUndefined();
        expect(log.cuts).toBeGreaterThanOrEqual(cuts);
      }
      console.log(
        `${stored.length} entries of ${processes} processes, ${expected.length} of the model, ${cuts} cuts each`,
      );
    } finally {
      await gateway.close();
    }
  });
});

/** A diff of thousands of entries would take minutes and tell less. */
function firstDifference(seen: readonly Entry[], stored: readonly Entry[]): object | undefined {
  const length = Math.max(seen.length, stored.length);
  for (let at = 0; at < length; at++) {
    if (seen[at]?.cursor !== stored[at]?.cursor || seen[at]?.resourceId !== stored[at]?.resourceId)
      return { at, seen: seen[at], stored: stored[at] };
  }
  return undefined;
}

async function read(meta: MetaStore): Promise<Change[]> {
  const changes: Change[] = [];
  for (;;) {
    const page = await meta.changes({ after: changes.at(-1)?.seq ?? 0, limit: 1000 });
    if (page.length === 0) return changes;
    changes.push(...page);
  }
}
