/** What fast/slow stores of several nodes do together: each is the one store, of which everybody sees the newest state at once. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Change } from "../../src/model/change.ts";
import type { FastSlowMetaStore } from "../../src/stores/meta/fast-slow/fast-slow.ts";
import type { Commit, HeadWrite, MetaStore } from "../../src/stores/meta/meta-store.ts";
import { contentsOf, oracleOf, until } from "../stores/meta/fast-slow-fixture.ts";
import {
  commitOf,
  createWrite,
  flagWrite,
  type Known,
  modifyWrite,
  purgeWrite,
  uniqueName,
  updateWrite,
} from "./meta-fixtures.ts";
import { compare, everything, fields } from "./query-fixtures.ts";

export interface OpenedNodes extends AsyncDisposable {
  /** At least two. */
  readonly nodes: readonly FastSlowMetaStore[];
  /** Behind them, asked past the journal. */
  readonly slow: MetaStore;
}

const factor = process.env.WEFT_SOAK ? 20 : 1;
const limitMs = factor * 60_000;

export function fastSlowNodesSuite(title: string, open: () => Promise<OpenedNodes>): void {
  describe(`fast/slow nodes: ${title}`, () => {
    let opened: OpenedNodes;
    const commits = new Map<string, Commit>();
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened[Symbol.asyncDispose]());

    const any = (): FastSlowMetaStore => pick(opened.nodes);

    async function commit(node: MetaStore, ...writes: readonly HeadWrite[]): Promise<readonly Change[] | undefined> {
      const one = commitOf(...writes);
      commits.set(one.commitId, one);
      const outcome = await node.commit(one);
      return outcome.isCommitted ? outcome.changes : undefined;
    }

    it(
      "what one node has acknowledged is in the next read of every node, whatever it reads",
      async () => {
        const writer = async (w: number) => {
          const name = uniqueName(`seen-${w}`);
          for (let n = 0; n < 12 * factor; n++) {
            const life = lifeOf(name, `${name}:${n}`);
            for (const [i, write] of life.entries()) {
              const changes = await commit(any(), write);
              if (changes === undefined) throw new Error("Nobody else writes these.");
              const made = life.slice(0, i + 1);
              await Promise.all(opened.nodes.map((node) => expectSeen(node, made, changes)));
            }
          }
        };
        await Promise.all([0, 1, 2, 3].map(writer));
      },
      limitMs,
    );

    it(
      "of concurrent updates of one head from all nodes exactly one wins each round, and the others hear of it",
      async () => {
        const name = uniqueName("race");
        let known: Known = createWrite(name, `${name}:1`);
        await commit(any(), createdAs(known, name));
        for (let round = 0; round < 25 * factor; round++) {
          const rivals = [...opened.nodes, ...opened.nodes].map((node) => ({ node, update: updateWrite(known) }));
          const outcomes = await Promise.all(rivals.map(({ node, update }) => commit(node, update.write)));
          const winners = rivals.filter((_, i) => outcomes[i] !== undefined);
          expect(winners).toHaveLength(1);
          known = winners[0]?.update ?? known;
          const [head] = await any().heads([known.head.resourceId]);
          expect(head?.etag).toBe(known.head.etag);
        }
      },
      limitMs,
    );

    it(
      "of concurrent commits of several resources that cross each other those that win leave no half",
      async () => {
        const name = uniqueName("cross");
        const ids = [0, 1, 2, 3].map((i) => `${name}:${i}`);
        const created = ids.map((id) => createWrite(name, id));
        await commit(any(), ...created.map(({ write }) => write));
        const current = new Map<string, Known>(created.map((one) => [one.head.resourceId, one]));
        for (let round = 0; round < 25 * factor; round++) {
          const rivals = opened.nodes.map((node) => {
            const chosen = shuffled(ids).slice(0, 2);
            const updates = chosen.flatMap((id) => current.get(id) ?? []).map((known) => updateWrite(known));
            return { node, updates };
          });
          const outcomes = await Promise.all(
            rivals.map(({ node, updates }) => commit(node, ...updates.map(({ write }) => write))),
          );
          const touched: string[] = [];
          for (const [i, { updates }] of rivals.entries()) {
            if (outcomes[i] === undefined) continue;
            for (const update of updates) {
              touched.push(update.head.resourceId);
              current.set(update.head.resourceId, update);
            }
          }
          expect(touched.length).toBeGreaterThan(0);
          expect(new Set(touched).size).toBe(touched.length);
          const heads = await any().heads(ids);
          expect(heads.map((head) => head?.etag)).toEqual(ids.map((id) => current.get(id)?.head.etag));
        }
      },
      limitMs,
    );

    it(
      "a commit of several resources is never seen half, and nobody goes back in time",
      async () => {
        const name = uniqueName("whole");
        const ids = ["a", "b", "c"].map((id) => `${name}:${id}`);
        let states: Known[] = [];
        const advance = async (level: number) => {
          const writes = ids.map((id, i) => {
            const known = states[i];
            const content = { indexedData: { level } };
            return known === undefined ? createWrite(name, id, content) : updateWrite(known, content);
          });
          expect(await commit(any(), ...writes.map(({ write }) => write))).toHaveLength(3);
          states = writes;
        };
        await advance(0);
        let isOver = false;
        const read = async (node: MetaStore, ask: () => Promise<readonly unknown[]>) => {
          let newest = 0;
          let count = 0;
          for (; !isOver; count++) {
            const levels = await ask();
            expect(new Set(levels).size).toBe(1);
            expect(Number(levels[0])).toBeGreaterThanOrEqual(newest);
            newest = Number(levels[0]);
          }
          expect(count).toBeGreaterThan(0);
          expect((await node.heads(ids)).map((head) => head?.indexedData.level)).toEqual([newest, newest, newest]);
        };
        const query = { resourceName: name, condition: everything, sort: [], limit: 9 };
        const readers = opened.nodes.flatMap((node) => [
          read(node, async () => (await node.heads(ids)).map((head) => head?.indexedData.level)),
          read(node, async () => (await node.search(query)).map((head) => head.indexedData.level)),
          read(node, async () =>
            (await node.revisionPages(ids, { limit: 1 })).map(([row]) => Number(row?.revisionNumber) - 1),
          ),
        ]);
        // Writing and reading go on side by side, whatever fails.
        const writing = (async () => {
          for (let level = 1; level <= 60 * factor; level++) await advance(level);
        })().finally(async () => {
          for (const node of opened.nodes) await node.search(query);
          isOver = true;
        });
        await Promise.all([writing, ...readers]);
      },
      limitMs,
    );

    it(
      "who polls the log sees each seq once, in order and without gaps, on every node",
      async () => {
        const name = uniqueName("log");
        const base = await any().lastSeq();
        const total = 400 * factor;
        const poll = async (node: MetaStore, limit: number) => {
          const seen: Change[] = [];
          const deadline = Date.now() + limitMs;
          while (seen.length < total && Date.now() < deadline) {
            for (const change of await node.changes({ after: base + seen.length, limit })) {
              if (change.seq !== base + seen.length + 1) throw new Error(`${change.seq} behind ${base + seen.length}`);
              seen.push(change);
            }
          }
          return seen.map(({ seq, commitId, resourceId, head }) => ({ seq, commitId, resourceId, etag: head?.etag }));
        };
        const polls = opened.nodes.flatMap((node, i) => [poll(node, 1 + i), poll(node, 100)]);
        const write = async (w: number) => {
          for (let n = 0; n < total / 8; n++) {
            const two = [0, 1].map((i) => createWrite(name, `${name}:${w}-${n}-${i}`).write);
            if (Math.random() < 0.5) await commit(any(), ...two);
            else for (const one of two) await commit(any(), one);
          }
        };
        await Promise.all([0, 1, 2, 3].map(write));
        const [first, ...others] = await Promise.all(polls);
        expect(first).toHaveLength(total);
        for (const other of others) expect(other).toEqual(first);
      },
      limitMs,
    );

    it(
      "has one log and one state on all nodes, those of the memory store, and in the end in the slower store",
      async () => {
        const contents = await Promise.all(opened.nodes.map(contentsOf));
        const expected = await contentsOf(await oracleOf(any(), commits));
        for (const one of contents) expect(one).toEqual(expected);
        await until(async () => (await opened.slow.lastSeq()) === (await any().lastSeq()));
        expect(await contentsOf(opened.slow)).toEqual(expected);
      },
      limitMs,
    );
  });
}

function pick<T>(from: readonly T[]): T {
  return from[Math.floor(Math.random() * from.length)] as T;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** The write that made a state that was just created. */
function createdAs({ head, revision }: Known, resourceName: string): HeadWrite {
  return {
    resourceName,
    resourceId: head.resourceId,
    previous: null,
    head,
    revision,
    action: "create",
    changedPaths: [""],
    currentRevision: revision,
  };
}

/** Of one resource, up to its purge in every other life. */
function lifeOf(name: string, id: string): HeadWrite[] {
  const created = createWrite(name, id, { indexedData: { level: 1 } });
  const updated = updateWrite(created, { indexedData: { level: 2 } });
  const modified = modifyWrite(updated, { indexedData: { level: 3 } });
  const deleted = flagWrite(modified, true);
  const again = createWrite(name, id, { indexedData: { level: 4 } });
  const life = [created.write, updated.write, modified.write, deleted.write];
  return Math.random() < 0.5 ? life : [...life, purgeWrite(deleted), again.write];
}

async function expectSeen(node: MetaStore, made: readonly HeadWrite[], changes: readonly Change[]): Promise<void> {
  const newest = made.at(-1);
  const seq = changes.at(-1)?.seq ?? 0;
  if (newest === undefined) throw new Error("Nothing was made.");
  const { resourceName, resourceId, head } = newest;
  const sinceBirth = made.slice(made.findLastIndex((write) => write.head === null) + 1);
  const rows = new Map(sinceBirth.flatMap(({ revision }) => (revision ? [[revision.revisionNumber, revision]] : [])));
  const level = Number(head?.indexedData.level ?? -1);
  const query = { resourceName, condition: compare(fields.level, "eq", level), sort: [], limit: 99 };
  const questions: readonly (() => Promise<void>)[] = [
    async () => expect(await node.heads([resourceId])).toEqual([head ?? undefined]),
    async () => expect(await node.heads([resourceId, `${resourceId}-none`])).toEqual([head ?? undefined, undefined]),
    async () => expect(await node.revisionPages([resourceId], { limit: 9 })).toEqual([[...rows.values()].reverse()]),
    async () => expect(await node.revisions([`${resourceId}:1`])).toEqual([rows.get(1)]),
    async () => {
      const found = await node.search(query);
      expect(found.filter((one) => one.resourceId === resourceId)).toEqual(head === null ? [] : [head]);
    },
    async () => {
      const count = await node.count({ resourceName, condition: everything });
      expect(count).toBe((await node.search({ ...query, condition: everything, limit: 10_000 })).length);
    },
    async () => expect(await node.lastSeq()).toBeGreaterThanOrEqual(seq),
    async () => {
      const log = await node.changes({ after: 0, limit: 99, resourceId });
      expect(log).toHaveLength(made.length);
      expect(log.at(-1)).toEqual(changes.at(-1));
    },
    async () => expect(await node.changes({ after: seq - 1, limit: 1 })).toEqual(changes.slice(-1)),
    async () => {
      const keys = new Set(sinceBirth.flatMap((write) => write.head?.payload.key ?? []));
      expect((await node.payloadKeys(resourceId)).sort()).toEqual([...keys].sort());
    },
  ];
  await Promise.all(questions.filter(() => Math.random() < 0.35).map((ask) => ask()));
}
