/** What a search through relations waits for: all that is pending of the names that it looks at, and nothing else. */
import { expect, it } from "vitest";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { commitAll, createWrite, seed } from "../../conformance/meta-fixtures.ts";
import { compare, data, everything, from, to } from "../../conformance/query-fixtures.ts";
import { gate, memoryPair } from "./fast-slow-fixture.ts";

const zoneId = data("zoneId", "text");
const name = data("name", "text");

it("waits for what is pending of every name in its condition, and of no other", async () => {
  const held = gate();
  let isHolding = false;
  const store = await memoryPair().open(async ({ name: call, run }) => {
    if (isHolding && call === "slow.replay") await held.opened;
    return run();
  });
  const [zone] = await seed(store, "zone", [{ indexedData: { name: "ash" } }]);
  const id = zone?.head.resourceId ?? "";
  await seed(store, "monster", [{ indexedData: { zoneId: id, name: "imp" } }]);
  const page = { sort: [], limit: 9 };
  const monsters = { ...page, resourceName: "monster", condition: to(zoneId, "zone", compare(name, "eq", "bog")) };
  await store.search(monsters);

  isHolding = true;
  const bog = createWrite("zone", "zone:bog", { indexedData: { name: "bog" } });
  await commitAll(store, bog.write);
  const waiting: Readonly<Record<string, (meta: MetaStore) => Promise<unknown>>> = {
    search: (meta) => meta.search(monsters),
    count: (meta) => meta.count(monsters),
    pages: (meta) => meta.referringPages([id], { ...monsters, by: zoneId }),
    counts: (meta) => meta.referringCounts([id], { ...monsters, by: zoneId }),
    "of a relation's relation": (meta) =>
      meta.search({
        ...page,
        resourceName: "guild",
        condition: from("monster", zoneId, to(zoneId, "zone", everything)),
      }),
  };
  const done: string[] = [];
  const asked = Object.entries(waiting).map(([what, ask]) => ask(store).then(() => done.push(what)));
  // Of nothing that is pending: it answers meanwhile.
  await store.search({ ...page, resourceName: "monster", condition: from("monster", zoneId, everything) });
  expect(done).toEqual([]);
  held.open();
  await Promise.all(asked);
  expect(done).toHaveLength(asked.length);
  await store.close();
});
