/** A process that was stalled, or died, with an old batch in its hands: what was deleted or purged since does not come back. */
import { expect, it } from "vitest";
import type { Commit } from "../../../src/stores/meta/meta-store.ts";
import {
  commitOf,
  createWrite,
  flagWrite,
  purgeWrite,
  uniqueName,
  updateWrite,
  type Written,
} from "../../conformance/meta-fixtures.ts";
import { everything } from "../../conformance/query-fixtures.ts";
import { contentsOf, gate, isMoved, memoryPair, oracleOf, type Tap, until } from "./fast-slow-fixture.ts";

/** @param place where the mover is held: before the slower store takes the batch, or before the journal hears of it */
async function stalled(place: "slow.replay" | "journal.moved", wakesUp: boolean): Promise<void> {
  const name = uniqueName("stalled");
  const pair = memoryPair();
  const [held, wake] = [gate(), gate()];
  let isStalled = false;
  const stalling: Tap = async (call) => {
    if (call.name === place && !isStalled) {
      isStalled = true;
      held.open();
      await wake.opened;
    }
    return call.run();
  };
  const a = await pair.open(stalling);
  const created = ["purged", "deleted", "reborn"].map((id) =>
    createWrite(name, `${name}:${id}`, { indexedData: { title: "secret" } }),
  );
  const [purged, deleted, reborn] = created as [Written, Written, Written];
  const first = commitOf(...created.map(({ write }) => write));
  await a.commit(first);
  await held.opened;

  const b = await pair.open();
  const later = [
    commitOf(purgeWrite(purged)),
    commitOf(flagWrite(deleted, true).write),
    commitOf(purgeWrite(reborn)),
    commitOf(createWrite(name, reborn.head.resourceId, { indexedData: { title: "second life" } }).write),
  ];
  const commits = new Map<string, Commit>([first, ...later].map((commit) => [commit.commitId, commit]));
  for (const commit of later) expect(await b.commit(commit)).toMatchObject({ isCommitted: true });
  const query = { resourceName: name, condition: everything, sort: [], limit: 9 };
  const expected = await contentsOf(await oracleOf(b, commits));
  expect(await b.search(query)).toHaveLength(2);
  await until(() => isMoved(pair));
  if (wakesUp) {
    wake.open();
    const after = commitOf(updateWrite(createWrite(name, `${name}:next`)).write);
    expect(await a.commit(after)).toMatchObject({ isCommitted: false });
    expect(await contentsOf(a)).toEqual(expected);
    await a.close();
  }
  expect(await contentsOf(b)).toEqual(expected);
  await b.close();
  expect(await contentsOf(pair.slow)).toEqual(expected);
  expect(
    JSON.stringify(await pair.slow.changes({ after: 0, limit: 99, resourceId: purged.head.resourceId })),
  ).not.toContain("secret");
  expect(pair.reported).toEqual([]);
}

for (const place of ["slow.replay", "journal.moved"] as const) {
  it.concurrent(`a mover that is stalled in ${place} while another one goes on past a purge brings nothing back when it wakes`, () =>
    stalled(place, true));
  it.concurrent(`a mover that dies in ${place} while another one goes on past a purge leaves nothing behind`, () =>
    stalled(place, false));
}
