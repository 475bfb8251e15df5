/** Random histories in which calls of the journal and of the slower store fail, hang or are the last ones of their process. */
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { WeftError } from "../../../src/base/errors.ts";
import type { FastSlowMetaStore } from "../../../src/stores/meta/fast-slow/fast-slow.ts";
import type { Commit, CommitOutcome } from "../../../src/stores/meta/meta-store.ts";
import { type Step, steps } from "../../conformance/meta-arbitraries.ts";
import { uniqueName } from "../../conformance/meta-fixtures.ts";
import { historyOf } from "../../conformance/meta-history.ts";
import { away, contentsOf, isMoved, memoryPair, oracleOf, type Pair, type Tap } from "./fast-slow-fixture.ts";

const runs = process.env.WEFT_SOAK ? 2000 : 60;
/** A failure prints the seed that repeats it: WEFT_SEED=<seed>. */
const seed = Number(process.env.WEFT_SEED ?? Math.floor(Math.random() * 2 ** 31));

interface Fault {
  readonly call: string;
  /** How many such calls go well before it. */
  readonly skipped: number;
  readonly kind: "fails" | "hangs" | "is killed" | "is slow";
  readonly isDone: boolean;
  /** Where it kills: the lease of the dead one has run out when the next one comes. */
  readonly isLeaseOver: boolean;
}

const fault: fc.Arbitrary<Fault> = fc.record({
  call: fc.constantFrom(
    ...["journal.append", "journal.append", "journal.moved", "slow.replay", "slow.replay", "journal.lease"],
    ...["journal.read", "slow.heads", "slow.lastSeq", "slow.changes", "journal.start", "journal.state"],
  ),
  skipped: fc.nat({ max: 4 }),
  kind: fc.constantFrom("fails", "hangs", "is killed", "is killed", "is slow"),
  isDone: fc.boolean(),
  isLeaseOver: fc.nat({ max: 7 }).map((n) => n > 0),
});

const never = new Promise<never>(() => undefined);

/** One life of a process after another, over the same pair. */
function processes(pair: Pair, faults: readonly Fault[]) {
  const coming = [...faults];
  let passed = 0;
  let kills = 0;

  function faultOf(call: string): Fault | undefined {
    const [next] = coming;
    if (next?.call !== call || passed++ < next.skipped) return undefined;
    passed = 0;
    return coming.shift();
  }

  function born() {
    let isDead = false;
    let owner = "";
    let die = () => {};
    const killed = new Promise<"killed">((resolve) => {
      die = () => resolve("killed");
    });
    const tap: Tap = async ({ name, args, run }) => {
      if (isDead) return never;
      if (name === "journal.lease") owner = String(args[0]);
      const fault = faultOf(name);
      if (fault?.kind === "is slow") await sleep(15);
      const answer = fault === undefined || fault.isDone || fault.kind === "is slow" ? await run() : undefined;
      if (isDead) return never;
      if (fault?.kind === "is killed") {
        isDead = true;
        kills += 1;
        if (fault.isLeaseOver) await pair.journal.release(owner);
        die();
        return never;
      }
      if (fault?.kind === "hangs") await sleep(30);
      if (fault?.kind === "fails" || fault?.kind === "hangs") throw away();
      return answer;
    };
    const opening = pair.open(tap);
    opening.catch(() => undefined);
    return { opening, killed };
  }

  let current = born();

  /** @returns what the living process answers; undefined where it answered STORE_UNAVAILABLE, or died */
  async function ask<T>(question: (store: FastSlowMetaStore) => Promise<T>): Promise<T | undefined> {
    const asked = current;
    let isOpen = false;
    const asking = asked.opening.then((store) => {
      isOpen = true;
      return question(store);
    });
    const answer = await Promise.race([asking, asked.killed]).catch((error: unknown) => {
      if (error instanceof WeftError && error.code === "STORE_UNAVAILABLE") return undefined;
      throw error;
    });
    if (answer !== "killed" && (answer !== undefined || isOpen)) return answer as T | undefined;
    // Dead, or it could not be opened.
    if (current === asked) current = born();
    return undefined;
  }

  return {
    ask,
    kills: () => kills,
    noMoreFaults() {
      coming.length = 0;
    },
  };
}

interface Answered {
  readonly commit: Commit;
  readonly outcome: CommitOutcome;
  /** How often the answer was none. */
  readonly unknown: number;
}

async function answered({ ask }: ReturnType<typeof processes>, commit: Commit): Promise<Answered> {
  for (let unknown = 0; unknown < 200; unknown++) {
    const outcome = await ask((store) => store.commit(commit));
    if (outcome) return { commit, outcome, unknown };
    await sleep(1);
  }
  throw new Error("No answer to a commit.");
}

async function check(scripts: readonly (readonly Step[])[], faults: readonly Fault[]): Promise<number> {
  const pair = memoryPair();
  const running = processes(pair, faults);
  const histories = scripts.map((script) => historyOf(script, [uniqueName("x"), uniqueName("x")]));
  const commits = new Map(histories.flat().map((commit) => [commit.commitId, commit]));
  const answers: Answered[] = [];
  const write = async (history: readonly Commit[]) => {
    for (const commit of history) answers.push(await answered(running, commit));
  };
  await Promise.all(histories.map(write));
  running.noMoreFaults();

  const reopened = await pair.open();
  const oracle = await oracleOf(reopened, commits);
  const log = await oracle.changes({ after: 0, limit: 1_000_000 });
  const logged = new Set(log.map(({ commitId }) => commitId));
  for (const { commit, outcome, unknown } of answers) {
    if (outcome.isCommitted) {
      expect(outcome.changes.map(({ seq, commitId }) => [seq, commitId])).toEqual(
        log.filter(({ commitId }) => commitId === commit.commitId).map(({ seq, commitId }) => [seq, commitId]),
      );
      expect(outcome.changes).toHaveLength(commit.writes.length);
    } else if (unknown === 0) expect(logged.has(commit.commitId)).toBe(false);
    // A conflict with itself: it had happened.
    else if (logged.has(commit.commitId)) {
      const [first] = commit.writes;
      const conflict = outcome.conflicts.get(first?.resourceId ?? "");
      expect(conflict?.etag).toBe(first?.head?.etag);
    }
  }
  const expected = await contentsOf(oracle);
  expect(await contentsOf(reopened)).toEqual(expected);
  await reopened.close();
  expect(await isMoved(pair)).toBe(true);
  expect(await contentsOf(pair.slow)).toEqual(expected);
  return running.kills();
}

it(`whichever call fails, hangs or is the last of its process (${runs} histories): what was acknowledged is there, once, in the order of the memory store`, async () => {
  let kills = 0;
  const property = fc.asyncProperty(
    fc.array(steps, { minLength: 1, maxLength: 3 }),
    fc.array(fault, { maxLength: 8 }),
    async (scripts, faults) => {
      kills += await check(scripts, faults);
    },
  );
  await fc.assert(property, { seed, numRuns: runs, endOnFailure: true });
  expect(kills).toBeGreaterThan(runs / 4);
}, 1_800_000);
