/** AutoCRUD's suite qb_search on a meta store, and our own cases beside it: expressions find what they say. */
import { beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import type { FieldType, IndexedField } from "../../src/model/field.ts";
import { checkSearch } from "../../src/query/qb/check-search.ts";
import { defaultLimits } from "../../src/resource/limits.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import suites from "../cases/autocrud_cases.json" with { type: "json" };
import { ownQbCases } from "../cases/own-qb-cases.ts";
import { minute, seed, uniqueName } from "./meta-fixtures.ts";

const types: Readonly<Record<string, FieldType>> = {
  name: { kind: "string" },
  age: { kind: "int" },
  department: { kind: "string" },
  active: { kind: "boolean" },
};

const indexedFields = new Map<string, IndexedField>(
  Object.entries(types).map(([path, type]) => [path, { path, type, isNullable: false }]),
);

/** @param open the store to search in; each call of the suite seeds it once, under a name of its own */
export function qbSearchSuite(
  name: string,
  open: () => Promise<AsyncDisposable & { readonly store: MetaStore }>,
): void {
  describe(`${name}: AutoCRUD: qb_search`, () => {
    const resourceName = uniqueName("person");
    let opened: AsyncDisposable & { readonly store: MetaStore };

    beforeAll(async () => {
      opened = await open();
      await seed(
        opened.store,
        resourceName,
        suites.qb_search.dataset.map((indexedData: JsonObject) => ({ indexedData })),
      );
      return async () => await opened[Symbol.asyncDispose]();
    });

    for (const { id, expr, expect_names, ordered } of suites.qb_search.cases) {
      it(`${id}: ${expr}`, async () => {
        const search = checkSearch({ indexedFields }, { qb: expr, now: minute(0) }, defaultLimits);
        const heads = await opened.store.search({ resourceName, ...search });
        const names = heads.map(({ indexedData }) => indexedData.name as string);
        expect(ordered ? names : names.sort()).toEqual(expect_names);
      });
    }

    for (const [qb, expected] of ownQbCases) {
      it(qb, async () => {
        const check = () => checkSearch({ indexedFields }, { qb, now: minute(0) }, defaultLimits);
        if (expected.startsWith("!")) {
          return void expect(check).toThrow(expect.objectContaining({ code: expected.slice(1) }));
        }
        const search = check();
        const heads = await opened.store.search({ resourceName, ...search });
        const people = heads.map(({ indexedData }) => indexedData as { name: string; age: number });
        if (search.sort.length === 0) people.sort((a, b) => a.age - b.age);
        expect(people.map(({ name }) => name).join(" ")).toBe(expected);
      });
    }
  });
}
