import fc from "fast-check";
import { expect, it } from "vitest";
import { evaluate, type Truth } from "../../src/query/evaluate.ts";
import { compareHeads } from "../../src/query/sort.ts";
import { arbitraryCondition, arbitraryIndexedData, arbitrarySort } from "../conformance/meta-arbitraries.ts";
import { createWrite } from "../conformance/meta-fixtures.ts";
import { and, compare, everything, fields, metaFields, not, nothing, or } from "../conformance/query-fixtures.ts";

const heads = arbitraryIndexedData.map((indexedData) => createWrite("x", `x:${Math.random()}`, { indexedData }).head);
const head = createWrite("x", "x:1", { indexedData: { title: "a", level: 1 } }).head;

it("follows the truth tables of three-valued logic", () => {
  const [yes, no, unknown] = [
    compare(fields.title, "eq", "a"),
    compare(fields.title, "eq", "b"),
    compare(fields.city, "eq", "a"),
  ];
  const [t, f, u]: Truth[] = [true, false, undefined];
  const table: [Truth, Truth, Truth, Truth][] = [
    [t, t, t, t],
    [t, f, f, t],
    [t, u, u, t],
    [f, f, f, f],
    [f, u, f, u],
    [u, u, u, u],
  ];
  const conditionOf = (truth: Truth) => (truth === undefined ? unknown : truth ? yes : no);
  for (const [a, b, both, either] of table) {
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      expect(evaluate(and(conditionOf(x), conditionOf(y)), head)).toBe(both);
      expect(evaluate(or(conditionOf(x), conditionOf(y)), head)).toBe(either);
    }
  }
  expect([yes, no, unknown].map((one) => evaluate(not(one), head))).toEqual([f, t, u]);
  expect([everything, nothing].map((one) => evaluate(one, head))).toEqual([t, f]);
});

it("keeps De Morgan's laws, and double negation, for every condition and head", () => {
  const property = fc.property(arbitraryCondition, arbitraryCondition, heads, (a, b, one) => {
    expect(evaluate(not(and(a, b)), one)).toBe(evaluate(or(not(a), not(b)), one));
    expect(evaluate(not(or(a, b)), one)).toBe(evaluate(and(not(a), not(b)), one));
    expect(evaluate(not(not(a)), one)).toBe(evaluate(a, one));
  });
  fc.assert(property, { numRuns: 500 });
});

it("reads times of meta as canonical text", () => {
  expect(evaluate(compare(metaFields.createdTime, "eq", "2024-01-01T12:00:00.000Z"), head)).toBe(true);
  expect(evaluate(compare(metaFields.createdTime, "lt", "2024-01-01T12:00:00.0001Z"), head)).toBe(true);
});

it("takes no inherited property for a field", () => {
  const field = { source: "data", path: "constructor", type: "json" } as const;
  expect(evaluate(compare(field, "isNull", false), head)).toBe(undefined);
});

it("sorts into a total order: antisymmetric, transitive, never a tie between two heads", () => {
  const property = fc.property(arbitrarySort, heads, heads, heads, (sort, a, b, c) => {
    const compareTwo = compareHeads(sort);
    expect(Math.sign(compareTwo(a, b))).toBe(-Math.sign(compareTwo(b, a)));
    expect(compareTwo(a, b)).not.toBe(0);
    if (compareTwo(a, b) < 0 && compareTwo(b, c) < 0) expect(compareTwo(a, c)).toBeLessThan(0);
  });
  fc.assert(property, { numRuns: 500 });
});
