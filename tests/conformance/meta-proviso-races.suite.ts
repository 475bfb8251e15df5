/** Commits with provisos against each other: what each rests on holds in the order of the log, whoever was first. */
import { expect, it } from "vitest";
import type { Head } from "../../src/model/resource-meta.ts";
import type { CommitOutcome, MetaStore } from "../../src/stores/meta/meta-store.ts";
import {
  commitAll,
  commitOf,
  createWrite,
  flagWrite,
  type Known,
  seed,
  uniqueName,
  updateWrite,
} from "./meta-fixtures.ts";
import { commitIf, none, titled, unchanged, violated } from "./meta-provisos.suite.ts";
import { and, compare, data, everything, metaFields } from "./query-fixtures.ts";

const rounds = 200;

const zone = data("zone", "text");
const livesIn = (zoneId: string) => and(compare(zone, "eq", zoneId), compare(metaFields.isDeleted, "eq", false));

/** @param stores on one medium; each sees what any of them has committed */
export function metaProvisoRaces(stores: () => readonly [MetaStore, ...MetaStore[]]): void {
  const storeOf = (i: number) => stores()[i % stores().length] as MetaStore;

  it("lets exactly one of 64 commits have a unique value, and tells the others who has it", async () => {
    for (let round = 0; round < 3; round++) {
      const name = uniqueName("unique");
      const before = await storeOf(0).lastSeq();
      const created = Array.from({ length: 64 }, (_, i) =>
        createWrite(name, `${name}:${i}`, { indexedData: { title: "the one" } }),
      );
      const outcomes = await Promise.all(
        created.map(({ write }, i) => commitIf(storeOf(i), [write], none(name, titled("the one"), [write.resourceId]))),
      );
      const winner = outcomes.findIndex(({ isCommitted }) => isCommitted);
      for (const [i, outcome] of outcomes.entries())
        if (i !== winner) expect(outcome).toEqual(violated([0, [`${name}:${winner}`]]));
      expect(await storeOf(1).lastSeq()).toBe(before + 1);
      const all = { resourceName: name, condition: everything, sort: [], limit: 99 };
      expect(await storeOf(2).search(all)).toEqual([created[winner]?.head]);
    }
  });

  it(`deletes a target or gives it a referrer, never both, in ${rounds} rounds`, async () => {
    const [zones, monsters] = [uniqueName("zone"), uniqueName("monster")];
    const targets = await seed(
      storeOf(0),
      zones,
      Array.from({ length: rounds }, () => ({})),
    );
    const pairs = targets.map(async (target, i) => {
      const { resourceId } = target.head;
      const deleted = flagWrite(target, true).write;
      const referrer = createWrite(monsters, `${monsters}:${i}`, { indexedData: { zone: resourceId } }).write;
      const deleting = () => commitIf(storeOf(i), [deleted], none(monsters, livesIn(resourceId)));
      const referring = () => commitIf(storeOf(i + 1), [referrer], unchanged(target));
      const [first, second] = i % 2 === 0 ? [deleting, referring] : [referring, deleting];
      const outcomes = await Promise.all([first(), second()]);
      return (i % 2 === 0 ? outcomes : outcomes.toReversed()) as [CommitOutcome, CommitOutcome];
    });
    const outcomes = await Promise.all(pairs);
    for (const [i, [deleting, referring]] of outcomes.entries()) {
      const [target] = await storeOf(i).heads([`${zones}:${String(i).padStart(4, "0")}`]);
      const [referrer] = await storeOf(i + 1).heads([`${monsters}:${i}`]);
      expect(deleting.isCommitted).toBe(!referring.isCommitted);
      expect([target?.isDeleted, referrer !== undefined]).toEqual([deleting.isCommitted, referring.isCommitted]);
      if (!deleting.isCommitted) expect(deleting).toEqual(violated([0, [`${monsters}:${i}`]]));
      if (!referring.isCommitted) expect(referring.conflicts).toEqual(new Map([[target?.resourceId, target]]));
    }
    expect(outcomes).toHaveLength(rounds);
  });

  it("keeps one of two, each of which may go only while the other stays as it is", async () => {
    const name = uniqueName("skew");
    for (let round = 0; round < 40; round++) {
      const [a, b] = (await seed(storeOf(0), `${name}-${round}`, [{}, {}])) as [Known, Known];
      const outcomes = await Promise.all([
        commitIf(storeOf(round), [flagWrite(a, true).write], unchanged(b)),
        commitIf(storeOf(round + 1), [flagWrite(b, true).write], unchanged(a)),
      ]);
      expect(outcomes.filter(({ isCommitted }) => isCommitted)).toHaveLength(1);
    }
  });

  it("keeps values unique at each place of the log, whatever is written at once", async () => {
    const name = uniqueName("busy");
    const [writers, steps, titles] = [6, 25, 8];
    const random = randomOf(Number(process.env.WEFT_SEED ?? Date.now() % 100_000));
    const seeded = await seed(
      storeOf(0),
      name,
      Array.from({ length: titles }, (_, i) => ({ indexedData: { title: `t${i}` } })),
    );
    const known = new Map(seeded.map((one) => [one.head.resourceId, one]));
    const after = await storeOf(0).lastSeq();
    const work = Array.from({ length: writers }, async (_, w) => {
      const store = storeOf(w);
      for (let step = 0; step < steps; step++) {
        const ids = [...known.keys()].filter(() => random() < 0.2).slice(0, 3);
        const heads = await store.heads(ids);
        const written = heads.flatMap((head) =>
          head ? [plannedOn(known, head, `t${Math.floor(random() * titles * 2)}`)] : [],
        );
        if (random() < 0.3)
          written.push(createWrite(name, `${name}:${w}-${step}`, { indexedData: { title: `t${step}` } }));
        const provisos = written.map(({ head }) =>
          none(name, titled(String(head.indexedData.title)), [head.resourceId]),
        );
        const writes = written.map(({ write }) => write);
        const isPlain = random() < 0.2;
        const noise = createWrite(`${name}-noise`, `${name}-noise:${w}-${step}`).write;
        await (isPlain ? store.commit(commitOf(noise)) : commitIf(store, writes, ...provisos));
      }
    });
    await Promise.all(work);
    const changes = await storeOf(1).changes({ after, limit: 100_000, resourceNames: [name] });
    const heads = new Map<string, Head>(seeded.map(({ head }) => [head.resourceId, head]));
    for (const [i, { head, resourceId, commitId }] of changes.entries()) {
      if (head) heads.set(resourceId, head);
      if (changes[i + 1]?.commitId === commitId) continue;
      const taken = [...heads.values()].map(({ indexedData }) => indexedData.title);
      expect(new Set(taken).size, `behind ${i}`).toBe(taken.length);
    }
    expect(changes.length).toBeGreaterThan(0);
  });

  it("goes on beside plain commits on the same name", async () => {
    const name = uniqueName("beside");
    const [first] = (await seed(storeOf(0), name, [{}])) as [Known];
    let isDone = false;
    const plain = (async () => {
      for (let known = first; !isDone; ) {
        const updated = updateWrite(known);
        await commitAll(storeOf(1), updated.write);
        known = updated;
      }
    })();
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, i) => {
        const { write } = createWrite(name, `${name}:n${i}`, { indexedData: { title: `n${i}` } });
        return commitIf(storeOf(i), [write], none(name, titled(`n${i}`), [write.resourceId]));
      }),
    );
    isDone = true;
    await plain;
    expect(outcomes.filter(({ isCommitted }) => isCommitted)).toHaveLength(30);
  });
}

/** An update of a head as it was read, of whose revision a test does not know more than it needs. */
function plannedOn(known: ReadonlyMap<string, Known>, head: Head, title: string) {
  const { revision } = known.get(head.resourceId) as Known;
  return updateWrite({ head, revision }, { indexedData: { title } });
}

/** The same numbers for the same seed (Lehmer). */
function randomOf(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
