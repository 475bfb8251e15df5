/** Fast/slow stores ("nodes") over one journal and one slower store in memory, and taps by which a test delays, spoils or counts each call of the two. */
import { expect } from "vitest";
import { WeftError } from "../../../src/base/errors.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import { memoryJournal } from "../../../src/stores/meta/drivers/memory-journal.ts";
import { type FastSlowMetaStore, fastSlowMetaStore } from "../../../src/stores/meta/fast-slow/fast-slow.ts";
import type { Journal } from "../../../src/stores/meta/journal.ts";
import type { MetaReplica } from "../../../src/stores/meta/meta-replica.ts";
import type { Commit, MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { replicaOf } from "../../conformance/meta-replica.suite.ts";
import { everything } from "../../conformance/query-fixtures.ts";

export type Replica = MetaStore & MetaReplica;

export interface Call {
  /** `journal.append`, `slow.replay`, … */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly run: () => Promise<unknown>;
}

/** Stands between a node and what it calls; answers what the node shall hear. */
export type Tap = (call: Call) => Promise<unknown>;

export interface Reported {
  readonly where: string;
  readonly message: string;
}

export interface Pair {
  /** May be put in place of another, which nodes see at once. */
  journal: Journal;
  readonly slow: Replica;
  /** What any of its nodes has reported. */
  readonly reported: Reported[];
  /** Closing a node does not close what the nodes share. */
  open(tap?: Tap): Promise<FastSlowMetaStore>;
}

export const unavailable = expect.objectContaining({ code: "STORE_UNAVAILABLE" });

export function away(): WeftError {
  return new WeftError("STORE_UNAVAILABLE");
}

export function memoryReplica(): Replica {
  return replicaOf(memoryMetaStore());
}

export function memoryPair(slow: Replica = memoryReplica(), journal: Journal = memoryJournal()): Pair {
  const reported: Reported[] = [];
  const pair: Pair = {
    journal,
    slow,
    reported,
    open(tap = ({ run }) => run()) {
      let isClosed = false;
      const shared: Tap = async (call) => {
        if (isClosed && !call.name.endsWith(".close")) throw away();
        if (!call.name.endsWith(".close")) return tap(call);
        isClosed = true;
        return undefined;
      };
      const report = (error: unknown, where: string) => {
        reported.push({ where, message: error instanceof Error ? error.message : String(error) });
      };
      const fast = tapped("journal", () => pair.journal, shared);
      return fastSlowMetaStore({ fast, slow: tapped("slow", () => pair.slow, shared), report });
    },
  };
  return pair;
}

function tapped<T extends object>(name: string, current: () => T, tap: Tap): T {
  return new Proxy(current(), {
    get(_, key) {
      const inner = current();
      const member: unknown = Reflect.get(inner, key);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) =>
        tap({ name: `${name}.${String(key)}`, args, run: async () => Reflect.apply(member, inner, args) });
    },
  });
}

/** Held until it is opened. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** Waits for a condition, up to some seconds. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether everything acknowledged is in the slower store, as the journal says. */
export async function isMoved({ journal }: Pair): Promise<boolean> {
  const state = await journal.state();
  return state !== undefined && state.moved === state.last;
}

/** The memory store to which the commits that a log shows were committed in its order. Each must be there whole, once, at its place. */
export async function oracleOf(store: MetaStore, commits: ReadonlyMap<string, Commit>): Promise<MetaStore> {
  const oracle = memoryMetaStore();
  const log = await store.changes({ after: 0, limit: 1_000_000 });
  for (let i = 0; i < log.length; ) {
    const commit = commits.get(log[i]?.commitId ?? "");
    if (commit === undefined) throw new Error(`Nobody committed what the log has at ${i + 1}.`);
    const outcome = await oracle.commit(commit);
    if (!outcome.isCommitted) throw new Error(`The log has a commit at ${i + 1} that does not fit there, or twice.`);
    i += outcome.changes.length;
    const part = log.slice(i - outcome.changes.length, i);
    expect(part.map(({ seq, commitId, resourceId, action }) => ({ seq, commitId, resourceId, action }))).toEqual(
      outcome.changes.map(({ seq, commitId, resourceId, action }) => ({ seq, commitId, resourceId, action })),
    );
  }
  return oracle;
}

/** All that a store tells, of the resources that its log names. */
export async function contentsOf(store: MetaStore): Promise<unknown> {
  const limit = 1_000_000;
  const changes = await store.changes({ after: 0, limit });
  const ids = [...new Set(changes.map(({ resourceId }) => resourceId))].sort();
  const names = [...new Set(changes.map(({ resourceName }) => resourceName))].sort();
  const queries = names.map((resourceName) => ({ resourceName, condition: everything, sort: [], limit }));
  const contents = {
    changes,
    last: await store.lastSeq(),
    heads: await store.heads(ids),
    revisions: await store.revisionPages(ids, { limit }),
    keys: await Promise.all(ids.map(async (id) => (await store.payloadKeys(id)).sort())),
    found: await Promise.all(queries.map((query) => store.search(query))),
    counts: await Promise.all(queries.map((query) => store.count(query))),
  };
  return JSON.parse(JSON.stringify(contents));
}
