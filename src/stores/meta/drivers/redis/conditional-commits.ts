/**
 * Commits with provisos. What violates a condition is searched for here, as by any search, in one version of a resource name. The script that makes the commit
 * finds out whether that is so still (`lua/provisos.ts`), and so what violates it is answered: else all is looked at again.
 *
 * Where Redis cannot tell, whoever writes the name overtakes. So those of this process that search for more than values come one after the other.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { WeftError } from "../../../../base/errors.ts";
import type { PlainCondition } from "../../../../query/condition.ts";
import type { Commit, CommitOutcome } from "../../meta-store.ts";
import { oneAtATime } from "../../one-at-a-time.ts";
import { nonesOf, queryOf, unchangedOf, violatingBehind } from "../../refusal.ts";
import { candidateSets, type Point } from "./candidates.ts";
import { type Rest, tryCommit } from "./commits.ts";
import type { Argument, Connection } from "./connection.ts";
import { searchVersion } from "./searches.ts";

/** How long a commit is tried while others write what it searched. Each time one of them has got on. */
const patienceMs = 10_000;
/** Where it is overtaken for the so-maniest time, it leaves others some time. */
const patientTries = 10;
const longestPauseMs = 10;

export interface ConditionalCommits {
  commit(commit: Commit): Promise<CommitOutcome>;
  /** Refuses further ones and waits for those under way. */
  close(): Promise<void>;
}

export function conditionalCommits(connection: Connection): ConditionalCommits {
  const underWay = new Set<Promise<unknown>>();
  const inTurn = oneAtATime();
  let isClosed = false;

  async function make(commit: Commit): Promise<CommitOutcome> {
    const giveUpAt = Date.now() + patienceMs;
    for (let tries = 1; ; tries++) {
      const outcome = await tryCommit(connection, commit, await look(connection, commit));
      if (outcome !== "overtaken") return outcome;
      if (Date.now() > giveUpAt) {
        throw new WeftError("STORE_UNAVAILABLE", { hint: "What the write rests on is written to without pause." });
      }
      if (tries >= patientTries) await sleep(Math.random() * longestPauseMs);
    }
  }

  return {
    async commit(commit) {
      if (isClosed) throw new WeftError("STORE_UNAVAILABLE");
      const isForValues = nonesOf(commit).every(([, { condition }]) => pointsOf(condition).length > 0);
      const made = isForValues ? make(commit) : inTurn(() => make(commit));
      underWay.add(made);
      return made.finally(() => underWay.delete(made));
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
}

async function look(connection: Connection, commit: Commit): Promise<Rest> {
  const written = new Map(commit.writes.map(({ resourceId, head }) => [resourceId, head]));
  const violations = new Map<number, readonly string[]>();
  const searches = nonesOf(commit).map(async ([place, none]): Promise<Argument[]> => {
    const { version, heads } = await searchVersion(connection, queryOf(none, written.size));
    const violating = violatingBehind(none, heads, written);
    if (violating.length > 0) violations.set(place, violating);
    const points = pointsOf(none.condition);
    const values = points.flatMap(({ field: { source, path, type }, bytes }) => [source, path, type, bytes]);
    return [none.resourceName, version, violating.length, ...violating, points.length, ...values];
  });
  const searched = (await Promise.all(searches)).flat();
  return { violations, unchanged: unchangedOf(commit), searches: searched };
}

/** Values that each head has which satisfies it. */
function pointsOf(condition: PlainCondition): Point[] {
  return candidateSets(condition).flatMap(({ point }) => (point === undefined ? [] : [point]));
}
