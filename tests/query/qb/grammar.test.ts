/** Precedence, chains and calls: what belongs to what. */
import { describe, expect, it } from "vitest";
import { operatorOf } from "../../../src/query/operators.ts";
import { fieldMethods } from "../../../src/query/qb/field-methods.ts";
import type { SearchCondition } from "../../../src/query/resource-query.ts";
import { conditionFor, queryFor, refusal } from "./read-qb.ts";

/** `a>1`, `and(…)`. */
function shown({ condition, group }: SearchCondition): string {
  if (group) return `${group.operator.toLowerCase()}(${group.conditions.map(shown).join(" ")})`;
  return `${condition?.fieldPath}${condition?.transform ? ".length" : ""} ${condition?.operator} ${JSON.stringify(condition?.value)}`;
}

const conditions: readonly (readonly [string, string])[] = [
  ["(QB['a'] > 1) & (QB['b'] > 2) & (QB['c'] > 3)", "and(a gt 1 b gt 2 c gt 3)"],
  ["(QB['a'] > 1) | (QB['b'] > 2) & (QB['c'] > 3)", "or(a gt 1 and(b gt 2 c gt 3))"],
  ["~(QB['a'] > 1) & QB['b'].eq(2)", "and(not(a gt 1) b eq 2)"],
  ["not QB['a'] == 1", "not(a eq 1)"],
  ["QB['a'] == 1 + 2 * 3", "a eq 7"],
  ["1 < QB['a']", "a gt 1"],
  ["1 >= QB['a']", "a lte 1"],
  ["1 != QB['a']", "a ne 1"],
  ["1 < QB['a'] <= 9 > QB['b']", "and(a gt 1 a lte 9 b lt 9)"],
  ["QB['a'] % 'x' & QB['b'] << [1] & QB['c'] >> 2", 'and(a regex "x" b in [1] c contains 2)'],
  ["QB['a'].length().between(1, 2)", "and(a.length gte 1 a.length lte 2)"],
  ["~QB['a'].length()", "not(a.length ne 0)"],
  ["QB.all(QB['a'] > 1)", "a gt 1"],
  ["QB.any(QB['a'] > 1)", "a gt 1"],
  ["QB.all() | QB['a'].eq(1)", "or(and() a eq 1)"],
  ["QB['a'].eq(1).and_(QB['b'].eq(2)).filter(QB['c'].eq(3))", "and(a eq 1 b eq 2 c eq 3)"],
  ["QB['a'].eq(1).or_(QB['b'].eq(2)).filter(QB['c'].eq(3))", "and(or(a eq 1 b eq 2) c eq 3)"],
  ["QB['a'].eq(1).exclude(QB['b'].eq(2), QB['c'].eq(3))", "and(a eq 1 not(b eq 2) not(c eq 3))"],
  ["QB['a'].eq(value=1)", "a eq 1"],
  ["QB['a'].between(max_val=2, min_val=1)", "and(a gte 1 a lte 2)"],
  ["QB['a'].between(2, 1)", "and(a gte 2 a lte 1)"],
  ["QB['a'].is_null(False)", "a isNull false"],
  ["QB['a'].exists()", "a exists true"],
  ["QB.resource_id().eq('x')", 'resource_id eq "x"'],
  ["QB.totalRevisionCount() > 2", "totalRevisionCount gt 2"],
  ["QB['a'].like('a%b%')", 'a regex "^a.*b.*$"'],
  ["QB['a'].like('a(%')", 'a startsWith "a("'],
  ["\n  QB['a']   # the field\n    .eq(1)\n", "a eq 1"],
];

describe("conditions", () => {
  for (const [text, meaning] of conditions) {
    it(text.trim(), () => expect(shown(conditionFor(text))).toBe(meaning));
  }

  it("says every operator of the query language with a method of its own, but between", () => {
    const said = Object.values(fieldMethods).flatMap(({ condition }) => {
      const { condition: leaf, group } = (condition as (target: object, value: unknown) => SearchCondition)(
        { fieldPath: "f" },
        "x",
      );
      return leaf ? [leaf.operator] : (group?.conditions ?? []).map((one) => one.condition?.operator ?? "");
    });
    const operators = [
      "eq",
      "ne",
      "gt",
      "gte",
      "lt",
      "lte",
      "in",
      "notIn",
      "contains",
      "startsWith",
      "endsWith",
      "icontains",
    ];
    const others = ["istartsWith", "iendsWith", "regex", "isNull", "exists", "isna"];
    expect([...operators, ...others].filter((name) => !said.includes(name))).toEqual([]);
    expect(said.filter((name) => name !== "" && operatorOf(name) === undefined)).toEqual([]);
  });
});

describe("orders and pages", () => {
  it("count wherever they stand; of two limits the last", () => {
    const text =
      "QB.any(QB['a'].eq(1).sort('x'), ~QB['b'].eq(2).limit(3).sort('-y')) & QB['c'].eq(3).limit(5).offset(7)";
    expect(queryFor(text)).toMatchObject({
      sorts: [{ data: { fieldPath: "x", direction: "ASC" } }, { data: { fieldPath: "y", direction: "DESC" } }],
      limit: 5,
      offset: 7,
    });
    expect(queryFor("QB.all().page(3)")).toEqual({ limit: 20, offset: 40 });
    expect(queryFor("QB.all().page(size=5, page=2)")).toEqual({ limit: 5, offset: 5 });
    expect(queryFor("QB.all().limit(limit=5).offset(offset=2)")).toEqual({ limit: 5, offset: 2 });
    expect(queryFor("QB['a'].first()").limit).toBe(1);
  });

  it("replace the query's default of deletion with a condition on it, in any spelling", () => {
    for (const text of ["QB.is_deleted()", "QB['isDeleted'] == True", "QB['a'].eq(1) | ~QB.isDeleted().is_true()"]) {
      expect(queryFor(text).isDeleted, text).toBeNull();
    }
    expect("isDeleted" in queryFor("QB['a']")).toBe(false);
  });

  it("are integers that are not negative", () => {
    for (const call of [
      "limit(-1)",
      "offset(-1)",
      "limit(1.5)",
      "limit('1')",
      "limit(True)",
      "page(1, 0)",
      "limit()",
    ]) {
      expect(refusal(() => queryFor(`QB.all().${call}`)).at, call).toMatch(/^QUERY_INVALID 1:\d+$/);
    }
  });
});

const foreign: readonly (readonly [string, string])[] = [
  ["QB['a'][1:2]", "AST node type not supported"],
  ["QB['a'][:]", "AST node type not supported"],
  ["QB['a', 'b']", "QB subscript key must be a string"],
  ["QB.all(*[QB['a']])", "AST node type not supported"],
  ["QB['a'].eq(**{'value': 1})", "AST node type not supported"],
  ["QB['a'] if True else QB['b']", "AST node type not supported"],
  ["[x for x in [1]]", "AST node type not supported"],
  ["QB['a'].eq((x := 5))", "AST node type not supported"],
  ["QB['a'] is not None", "Comparison operator not supported"],
  ["QB['a'] not in [1]", "Comparison operator not supported"],
  ["QB['a'] // 2", "Binary operator not supported"],
  ["QB.nonsense()", "QB attribute not allowed"],
  ["QB['a'].eq()", "Error calling function"],
  ["QB['a'].eq(1, 2)", "Error calling function"],
  ["QB['a'].eq(val=1)", "Error calling function"],
  ["QB['a'].today('x')", "Invalid timezone offset"],
];

describe("what Python has beyond the language is refused by name", () => {
  for (const [text, name] of foreign) {
    it(text, () => expect(refusal(() => queryFor(text)).message).toContain(name));
  }
});
