/**
 * Random conditions that look through relations, and pages of referrers, asked of a store and of the memory store: two models that refer to each other and
 * to themselves, by one id and by lists; what they refer to may be deleted, may never have been there, or be no id at all.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { Condition, QueryField } from "../../src/query/condition.ts";
import { referring } from "../../src/query/relations.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import type { MetaStore, ReferringQuery } from "../../src/stores/meta/meta-store.ts";
import { arbitraryCondition, arbitraryIndexedData, authorNames, type QueryModel, queryOf } from "./meta-arbitraries.ts";
import { commitAll, createWrite, flagWrite, minute, uniqueName } from "./meta-fixtures.ts";
import { headQuery } from "./meta-search-oracle.suite.ts";
import type { OpenedMetaStore } from "./meta-store.suite.ts";
import { and, by, data, fields, from, isTrue, metaFields, not, or, to } from "./query-fixtures.ts";

const headCount = 40;
/** A failure prints the seed that repeats it: WEFT_SEED=<seed>. */
const seed = Number(process.env.WEFT_SEED ?? Math.floor(Math.random() * 2 ** 31));

const refs = {
  zoneId: data("zoneId", "text"),
  guildIds: data("guildIds", "list"),
  friendId: data("friendId", "text"),
  friends: data("friends.ids", "list"),
  parentId: data("parentId", "text"),
} as const;

interface Names {
  readonly zone: string;
  readonly monster: string;
}

export function metaRelationsOracle(name: string, open: () => Promise<OpenedMetaStore>, runs: number): void {
  describe(`relations against the oracle: ${name}`, () => {
    const names: Names = { zone: uniqueName("zone"), monster: uniqueName("monster") };
    const oracle = memoryMetaStore();
    let opened: OpenedMetaStore;

    beforeAll(async () => {
      opened = await open();
      const own = [[by(fields.level)], [by(fields.title)]];
      await opened.store.index(names.zone, [[by(refs.parentId)], ...own]);
      const [{ zoneId, guildIds, friendId, friends }, monsters] = [refs, own];
      const held = [zoneId, guildIds, friendId, friends].map((field) => [by(field)]);
      await opened.store.index(names.monster, [...held, [by(zoneId), by(fields.level, "desc")], ...monsters]);
      const created = [
        ...heads(names.zone, { parentId: oneOf(names.zone) }),
        ...heads(names.monster, monsterRefs(names)),
      ];
      const deleted = created.filter((_, i) => i % 5 === 0).map((known) => flagWrite(known, true));
      for (const store of [opened.store, oracle]) {
        await commitAll(store, ...created.map(({ write }) => write));
        await commitAll(store, ...deleted.map(({ write }) => write));
      }
    });
    afterAll(() => opened[Symbol.asyncDispose]());

    it(`answers ${runs} random queries through relations like the memory store`, async () => {
      const question = fc.oneof(
        fc.record({ name: fc.constant(names.monster), model: queryOf(conditionsOf(names).monster) }),
        fc.record({ name: fc.constant(names.zone), model: queryOf(conditionsOf(names).zone) }),
      );
      const property = fc.asyncProperty(question, ({ name: resourceName, model }) =>
        askSearch({ store: opened.store, oracle }, resourceName, model),
      );
      await fc.assert(property, { seed, numRuns: runs });
    }, 1_800_000);

    it(`answers ${runs} random pages of referrers like a search for each`, async () => {
      const asked = fc.record({
        by: fc.constantFrom(refs.zoneId, refs.guildIds, refs.friendId, refs.friends),
        ids: fc.array(fc.oneof(oneOf(names.zone), oneOf(names.monster)), { maxLength: 6 }),
        model: queryOf(fc.oneof(arbitraryCondition, conditionsOf(names).monster)),
      });
      const property = fc.asyncProperty(asked, (one) => askReferring({ store: opened.store, oracle }, names, one));
      await fc.assert(property, { seed, numRuns: runs });
    }, 1_800_000);
  });
}

/** Of a head that is there, was deleted, or never was. */
function oneOf(resourceName: string): fc.Arbitrary<string> {
  return fc.nat({ max: headCount + 5 }).map((n) => `${resourceName}:${n}`);
}

function some(resourceName: string): fc.Arbitrary<Json> {
  const id = oneOf(resourceName);
  return fc.array(
    fc.oneof({ weight: 8, arbitrary: id }, { weight: 1, arbitrary: fc.constantFrom<Json[]>(null, 7, [], "?", true) }),
    { maxLength: 4 },
  );
}

function monsterRefs({ zone, monster }: Names): Record<string, fc.Arbitrary<Json>> {
  return {
    [refs.zoneId.path]: oneOf(zone),
    [refs.guildIds.path]: some(zone),
    [refs.friendId.path]: oneOf(monster),
    [refs.friends.path]: some(monster),
  };
}

function heads(resourceName: string, held: Record<string, fc.Arbitrary<Json>>) {
  const references = Object.entries(held).map(([path, value]) =>
    fc.oneof(
      { weight: 8, arbitrary: value.map((one) => ({ [path]: one })) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<Json>(null, 7, "", [`${resourceName}:1`], { a: 1 }).map((one) => ({ [path]: one })),
      },
      { weight: 1, arbitrary: fc.constant({}) },
    ),
  );
  const all = fc.tuple(arbitraryIndexedData, ...references).map((parts) => Object.assign({}, ...parts) as JsonObject);
  return fc.sample(all, { seed, numRuns: headCount }).map((indexedData, i) => {
    const by = authorNames[i % authorNames.length] ?? "ada";
    return createWrite(resourceName, `${resourceName}:${i}`, { indexedData, by, at: minute(i % 7) });
  });
}

/** Conditions of each model, of which each may look at the other one. */
function conditionsOf({ zone, monster }: Names): Record<"zone" | "monster", fc.Arbitrary<Condition>> {
  const living = { kind: "comparison", field: metaFields.isDeleted, operator: "eq", value: false } as const;
  return fc.letrec<Record<"zone" | "monster", Condition>>((tie) => {
    const others = (name: "zone" | "monster") =>
      fc.oneof(
        { weight: 2, arbitrary: tie(name).map((one) => and(living, one)) },
        { weight: 1, arbitrary: tie(name) },
        { weight: 1, arbitrary: fc.constant<Condition>(and()) },
      );
    const of = (name: "zone" | "monster", relations: readonly fc.Arbitrary<Condition>[]) => {
      const members = fc.array(tie(name), { minLength: 1, maxLength: 3 });
      return fc.oneof(
        { maxDepth: 4, depthSize: "medium", withCrossShrink: true },
        { weight: 4, arbitrary: arbitraryCondition },
        { weight: 8, arbitrary: fc.oneof(...relations) },
        { weight: 3, arbitrary: members.map((conditions) => and(...conditions)) },
        { weight: 3, arbitrary: members.map((conditions) => or(...conditions)) },
        { weight: 3, arbitrary: tie(name).map((one) => not(one)) },
        { weight: 2, arbitrary: tie(name).map((one) => isTrue(one)) },
      );
    };
    const through = (make: (condition: Condition) => Condition, other: "zone" | "monster") => others(other).map(make);
    return {
      zone: of("zone", [
        through((one) => to(refs.parentId, zone, one), "zone"),
        through((one) => from(zone, refs.parentId, one), "zone"),
        through((one) => from(monster, refs.zoneId, one), "monster"),
        through((one) => from(monster, refs.guildIds, one), "monster"),
      ]),
      monster: of("monster", [
        through((one) => to(refs.zoneId, zone, one), "zone"),
        through((one) => to(refs.guildIds, zone, one), "zone"),
        through((one) => to(refs.friendId, monster, one), "monster"),
        through((one) => to(refs.friends, monster, one), "monster"),
        through((one) => from(monster, refs.friendId, one), "monster"),
        through((one) => from(monster, refs.friends, one), "monster"),
      ]),
    };
  });
}

interface Pair {
  readonly store: MetaStore;
  readonly oracle: MetaStore;
}

async function askSearch({ store, oracle }: Pair, resourceName: string, model: QueryModel): Promise<void> {
  const asked = await headQuery(oracle, resourceName, model);
  expect(idsOf(await store.search(asked))).toEqual(idsOf(await oracle.search(asked)));
  expect(await store.count(asked)).toBe(await oracle.count(asked));
}

interface Referring {
  readonly by: QueryField;
  readonly ids: readonly string[];
  readonly model: QueryModel;
}

async function askReferring({ store, oracle }: Pair, { monster }: Names, { by, ids, model }: Referring): Promise<void> {
  const query: ReferringQuery = { ...(await headQuery(oracle, monster, model)), by };
  const asked = [...ids, "nobody:\0", ...ids.slice(0, 1)];
  const each = asked.map((id) => referring(query, id));
  const pages = await Promise.all(each.map((one) => oracle.search(one)));
  expect((await store.referringPages(asked, query)).map(idsOf)).toEqual(pages.map(idsOf));
  const counts = await Promise.all(each.map((one) => oracle.count(one)));
  expect(await store.referringCounts(asked, query)).toEqual(counts);
}

function idsOf(found: readonly { readonly resourceId: string }[]): string[] {
  return found.map(({ resourceId }) => resourceId);
}
