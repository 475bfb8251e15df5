/** A rehearsal tells what the commit behind it answers, in every case of provisos and in random histories. */
import { describe, expect } from "vitest";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import type { Commit, CommitOutcome, MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { refusalOfRehearsal } from "../../../src/stores/meta/rehearsal.ts";
import { metaStoreOracle } from "../../conformance/meta-oracle.suite.ts";
import { metaProvisoCases } from "../../conformance/meta-provisos.suite.ts";

/** Each commit is rehearsed first, which must change nothing; one by one, since what comes in between may change the answer. */
function rehearsing(): MetaStore {
  const inner = memoryMetaStore();
  let last: Promise<unknown> = Promise.resolve();
  const rehearsed = async (commit: Commit): Promise<CommitOutcome> => {
    const before = await inner.lastSeq();
    const refusal = await refusalOfRehearsal(inner, commit);
    expect(await inner.lastSeq()).toBe(before);
    const outcome = await inner.commit(commit);
    if (outcome.isCommitted) expect(refusal).toBeUndefined();
    else expect(refusal).toEqual(outcome);
    return outcome;
  };
  return {
    ...inner,
    commit(commit) {
      const done = last.then(() => rehearsed(commit));
      last = done.catch(() => undefined);
      return done;
    },
  };
}

describe("a rehearsal of commits", () => {
  const store = rehearsing();
  metaProvisoCases(() => store);
});

metaStoreOracle(
  "memory, rehearsed",
  async () => ({ store: rehearsing(), [Symbol.asyncDispose]: () => Promise.resolve() }),
  200,
);
