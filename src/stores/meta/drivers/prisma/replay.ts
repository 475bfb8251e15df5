/** Taking over commits that another store has acknowledged: one call of weft_replay() in prisma/migrations, whose comment says what it locks. */
import { WeftError } from "../../../../base/errors.ts";
import type { MetaReplica } from "../../meta-replica.ts";
import type { Commit } from "../../meta-store.ts";
import { unfitCommit } from "../../unfit-commit.ts";
import { encodeBatch } from "./commit-batch.ts";
import type { Database } from "./database.ts";
import { faultOf, weftErrorOf } from "./fault.ts";

export interface Replays extends MetaReplica {
  /** Refuses further ones and waits for those under way. */
  close(): Promise<void>;
}

/** How often one is tried that failed for no fault of its own. */
const maxAttempts = 3;

const sql = "select weft_replay($1::text::bigint, $2::text::jsonb)";

export function replays(database: Database): Replays {
  const underWay = new Set<Promise<boolean>>();
  let isClosed = false;

  async function run(commits: readonly Commit[], after: number): Promise<boolean> {
    const args = [String(after), encodeBatches(commits)];
    let isUnknown = false;
    for (let attempt = 1; ; attempt++) {
      try {
        const [row] = await database.query(sql, args);
        const answer = JSON.parse(row?.[0] as string) as boolean | number;
        if (typeof answer === "number") throw unfitCommit(commits[answer], after);
        // It may be this very call, whose answer was lost, that has made the log longer.
        if (!answer && isUnknown) throw new WeftError("STORE_UNAVAILABLE");
        return answer;
      } catch (error) {
        const fault = error instanceof WeftError ? undefined : faultOf(error);
        if ((fault !== "away" && fault !== "again") || attempt === maxAttempts) throw weftErrorOf(error);
        isUnknown ||= fault === "away";
      }
    }
  }

  return {
    replay(commits, after) {
      if (isClosed) return Promise.reject(new WeftError("STORE_UNAVAILABLE"));
      const replaying = run(commits, after);
      underWay.add(replaying);
      const done = () => underWay.delete(replaying);
      replaying.then(done, done);
      return replaying;
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
}

function encodeBatches(commits: readonly Commit[]): string {
  let number = 0;
  const batches = runsOf(commits).map((run) => {
    const batch = encodeBatch(run, number);
    number += run.length;
    return batch;
  });
  return `[${batches.join(",")}]`;
}

/** As few as can be, none with two commits on one resource. */
function runsOf(commits: readonly Commit[]): Commit[][] {
  const runs: Commit[][] = [];
  let claimed = new Set<string>();
  for (const commit of commits) {
    const ids = commit.writes.map(({ resourceId }) => resourceId);
    const run = runs.at(-1);
    if (run === undefined || ids.some((id) => claimed.has(id))) {
      runs.push([commit]);
      claimed = new Set();
    } else {
      run.push(commit);
    }
    for (const id of ids) claimed.add(id);
  }
  return runs;
}
