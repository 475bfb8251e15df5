/**
 * Random conditions, orders and pages, asked of a store and of the memory store that hold the same heads: same ids, same
 * order, same count. Values and operands include what breaks naive drivers (see meta-arbitraries.ts).
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "../../src/query/page.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import type { HeadQuery, MetaStore } from "../../src/stores/meta/meta-store.ts";
import { authorNames, heavyIndexedData, type QueryModel, query } from "./meta-arbitraries.ts";
import { commitAll, createWrite, flagWrite, minute, uniqueName, type Written } from "./meta-fixtures.ts";
import { metaRelationsOracle } from "./meta-relations-oracle.suite.ts";
import type { OpenedMetaStore } from "./meta-store.suite.ts";
import { by, everything, fields } from "./query-fixtures.ts";

const soakQueries = process.env.WEFT_SOAK ? 20_000 : undefined;
const headCount = 120;
/** A failure prints the seed that repeats it: WEFT_SEED=<seed>. */
const seed = Number(process.env.WEFT_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** @param fewRuns queries to ask, 20,000 with WEFT_SOAK=1; fewer where the store is the oracle itself */
export function metaSearchOracle(name: string, open: () => Promise<OpenedMetaStore>, fewRuns = 2000): void {
  const runs = soakQueries ?? fewRuns;
  metaRelationsOracle(name, open, Math.ceil(runs / 4));
  describe(`searches against the oracle: ${name}`, () => {
    const resourceName = uniqueName("random");
    const oracle = memoryMetaStore();
    let opened: OpenedMetaStore;

    beforeAll(async () => {
      opened = await open();
      const sortable = [fields.title, fields.city, fields.odd, fields.level, fields.big, fields.due, fields.day];
      await opened.store.index(resourceName, [
        ...sortable.map((field) => [by(field)]),
        [by(fields.city), by(fields.level, "desc")],
      ]);
      const created = randomHeads(resourceName);
      const deleted = created.slice(0, 12).map((known) => flagWrite(known, true));
      for (const store of [opened.store, oracle]) {
        await commitAll(store, ...created.map(({ write }) => write));
        await commitAll(store, ...deleted.map(({ write }) => write));
      }
    });
    afterAll(() => opened[Symbol.asyncDispose]());

    it(`answers ${runs} random queries like the memory store`, async () => {
      const pair = { store: opened.store, oracle, resourceName };
      const property = fc.asyncProperty(query, (question) => ask(pair, question));
      await fc.assert(property, { seed, numRuns: runs });
    }, 1_800_000);
  });
}

function randomHeads(resourceName: string): Written[] {
  return fc.sample(heavyIndexedData, { seed, numRuns: headCount }).map((indexedData, i) => {
    const by = authorNames[i % authorNames.length] ?? "ada";
    const schemaVersion = i % 3 === 0 ? "v1" : null;
    return createWrite(resourceName, `${resourceName}:${i}`, { indexedData, by, schemaVersion, at: minute(i % 7) });
  });
}

interface Pair {
  readonly store: MetaStore;
  readonly oracle: MetaStore;
  readonly resourceName: string;
}

async function ask({ store, oracle, resourceName }: Pair, model: QueryModel): Promise<void> {
  const asked = await headQuery(oracle, resourceName, model);
  expect(ids(await store.search(asked))).toEqual(ids(await oracle.search(asked)));
  expect(await store.count(asked)).toBe(await oracle.count(asked));
}

/** The query that a model of one means: its places are those of heads, and come through cursors as clients send them. */
export async function headQuery(oracle: MetaStore, resourceName: string, model: QueryModel): Promise<HeadQuery> {
  const { condition, sort, page } = model;
  const isPlaced = page.after !== undefined || page.before !== undefined;
  const all = isPlaced ? await oracle.search({ resourceName, condition: everything, sort, limit: 1000 }) : [];
  const place = (index: number | undefined) => {
    const head = index === undefined ? undefined : all[index % Math.max(1, all.length)];
    return head && decodeCursor(sort, encodeCursor(sort, head));
  };
  const [after, before] = [place(page.after), place(page.before)];
  const { limit, offset, fromEnd } = page;
  return { resourceName, condition, sort, limit, offset, fromEnd, ...(after && { after }), ...(before && { before }) };
}

function ids(heads: readonly { readonly resourceId: string }[]): string[] {
  return heads.map(({ resourceId }) => resourceId);
}
