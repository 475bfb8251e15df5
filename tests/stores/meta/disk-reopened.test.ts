/** Random histories on a disk store that is closed and opened again and again, with and without snapshots: it answers as memory does. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { diskMetaStore } from "../../../src/stores/meta/drivers/disk.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import type { IndexedState } from "../../../src/stores/meta/meta-index.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { type Step, steps } from "../../conformance/meta-arbitraries.ts";
import { uniqueName } from "../../conformance/meta-fixtures.ts";
import { historyOf } from "../../conformance/meta-history.ts";
import { everything } from "../../conformance/query-fixtures.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const seed = Number(process.env.WEFT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const runs = process.env.WEFT_SOAK ? 300 : 25;

/** All that a store answers, as JSON: what is read back has no -0, which is 0. */
async function answers(store: MetaStore, names: readonly string[]): Promise<unknown> {
  const changes = await store.changes({ after: 0, limit: 10_000 });
  const ids = [...new Set(changes.map(({ resourceId }) => resourceId))];
  const searches = names.map((resourceName) =>
    store.search({ resourceName, condition: everything, sort: [], limit: 1000 }),
  );
  return JSON.parse(
    JSON.stringify({
      changes,
      lastSeq: await store.lastSeq(),
      heads: await store.heads(ids),
      pages: await store.revisionPages(ids, { limit: 1000 }),
      found: await Promise.all(searches),
      keys: await Promise.all(ids.map(async (id) => (await store.payloadKeys(id)).sort())),
    }),
  );
}

/** New indexed data for each third state. */
async function newData(store: MetaStore): Promise<IndexedState[]> {
  const changes = await store.changes({ after: 0, limit: 10_000 });
  return changes.flatMap(({ seq, resourceId, head }) =>
    head === null || seq % 3 !== 0
      ? []
      : [{ seq, resourceId, payloadKey: head.payload.key, indexedData: { made: seq }, indexFingerprint: "anew" }],
  );
}

async function replay(script: readonly Step[], maxLogBytes: number): Promise<void> {
  await using temporary = await temporaryDirectory();
  const open = () => diskMetaStore({ directory: temporary.path, maxLogBytes, eraseAfterMs: 3_600_000 });
  const oracle = memoryMetaStore();
  const names = [uniqueName("x"), uniqueName("x")] as const;
  let store = await open();
  for (const [i, commit] of historyOf(script, names).entries()) {
    await oracle.commit(commit);
    await store.commit(commit);
    if (i % 4 === 3) {
      const states = await newData(oracle);
      expect(await store.reindex(states)).toBe(await oracle.reindex(states));
    }
    if (i % 3 !== 2) continue;
    await store.close();
    store = await open();
    expect(await answers(store, names)).toEqual(await answers(oracle, names));
  }
  await store.close();
}

it(`answers ${runs} random histories, reopened after every third commit, like the memory store`, async () => {
  const property = fc.asyncProperty(steps, fc.constantFrom(1, 3000, 1e9), replay);
  await fc.assert(property, { seed, numRuns: runs });
}, 300_000);
