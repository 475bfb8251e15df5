/** AutoCRUD's suites search_operators and trivalent_logic and our own cases beside them, answered by a store. */
import { beforeAll, expect, it } from "vitest";
import type { Condition } from "../../src/query/condition.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { ownLogicCases, ownSearchCases } from "../cases/own-search-cases.ts";
import { checkedConditionOf, logicCases, searchCases, searchData } from "../cases/search-cases.ts";
import { commitAll, seed, uniqueName } from "./meta-fixtures.ts";
import { and, not } from "./query-fixtures.ts";

export function metaAutocrudCases(store: () => MetaStore): void {
  const resourceName = uniqueName("autocrud");

  beforeAll(() => commitAll(store(), ...searchData(resourceName).map(({ write }) => write)));

  for (const { id, where, expect_ids: expected } of [...searchCases, ...ownSearchCases]) {
    it(`search_operators: ${id}`, async () => {
      const condition = and(...where.map((one) => checkedConditionOf(one)));
      const heads = await store().search({ resourceName, condition, sort: [], limit: 100 });
      expect(heads.map(({ indexedData }) => indexedData.id)).toEqual(expected);
      expect(await store().count({ resourceName, condition })).toBe(expected.length);
    });
  }

  for (const { id, row, where, expect: expected } of [...logicCases, ...ownLogicCases]) {
    it(`trivalent_logic: ${id}`, async () => {
      const name = uniqueName("trivalent");
      await seed(store(), name, [{ indexedData: row }]);
      const condition = checkedConditionOf(where, [row]);
      const isFound = async (one: Condition) => (await store().count({ resourceName: name, condition: one })) === 1;
      const truth = (await isFound(condition)) ? "true" : (await isFound(not(condition))) ? "false" : "unknown";
      expect(truth).toBe(expected);
    });
  }
}
