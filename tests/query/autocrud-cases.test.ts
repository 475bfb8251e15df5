/** AutoCRUD's suites search_operators and trivalent_logic, on checking and on the evaluator; stores run them in their suite. */
import { describe, expect, it } from "vitest";
import { checkQuery } from "../../src/query/check-query.ts";
import { evaluate } from "../../src/query/evaluate.ts";
import { ownLogicCases, ownSearchCases } from "../cases/own-search-cases.ts";
import {
  type CaseCondition,
  checkedConditionOf,
  logicCases,
  queryConditionOf,
  searchCases,
  searchData,
  searchModel,
} from "../cases/search-cases.ts";
import { createWrite } from "../conformance/meta-fixtures.ts";
import { limits, refusal } from "./fixture.ts";

function namesUnknownField(condition: CaseCondition): boolean {
  return "logic" in condition ? condition.conditions.some(namesUnknownField) : condition.field === "nope";
}

describe("AutoCRUD: search_operators", () => {
  const heads = searchData("row").map(({ head }) => head);

  for (const { id, where, expect_ids: expected } of [...searchCases, ...ownSearchCases]) {
    it(id, () => {
      const conditions = where.map(queryConditionOf);
      if (where.some(namesUnknownField)) {
        expect(refusal(() => checkQuery(searchModel, { conditions }, limits)).code).toBe("FIELD_NOT_INDEXED");
        const [first] = where;
        const found = heads.filter((head) => first && evaluate(checkedConditionOf(first), head) === true);
        expect(found.map(({ indexedData }) => indexedData.id)).toEqual(expected);
        return;
      }
      const { condition } = checkQuery(searchModel, { conditions }, limits);
      const found = heads.filter((head) => evaluate(condition, head) === true);
      expect(found.map(({ indexedData }) => indexedData.id)).toEqual(expected);
    });
  }
});

describe("AutoCRUD: trivalent_logic", () => {
  for (const { id, row, where, expect: expected } of [...logicCases, ...ownLogicCases]) {
    it(id, () => {
      const { head } = createWrite("row", "row:1", { indexedData: row });
      const truth = evaluate(checkedConditionOf(where, [row]), head);
      expect(truth === undefined ? "unknown" : String(truth)).toBe(expected);
    });
  }
});
