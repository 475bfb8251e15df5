/** Input made to break or to stall: each is refused by a code, before it costs anything. */
import { expect, it } from "vitest";
import { checkOrder } from "../../src/query/check-order.ts";
import { checkQuery } from "../../src/query/check-query.ts";
import { checkWhere } from "../../src/query/check-where.ts";
import { checkPage, decodeCursor } from "../../src/query/page.ts";
import type { ResourceQuery, Where } from "../../src/query/resource-query.ts";
import { by, fields } from "../conformance/query-fixtures.ts";
import { limits, model } from "./fixture.ts";

/** The code that is thrown, and by how long at best: another process may take the CPU in any one try. */
function refused(run: () => unknown): { code: unknown; isSoon: boolean; size: number } {
  let [code, milliseconds, size]: [unknown, number, number] = ["nothing thrown", Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < 3; i++) {
    const begin = performance.now();
    try {
      run();
    } catch (error) {
      const { code: thrown, details } = error as { code?: unknown; details?: unknown };
      code = thrown;
      size = JSON.stringify(details).length;
    }
    milliseconds = Math.min(milliseconds, performance.now() - begin);
  }
  return { code, isSoon: milliseconds < 50, size };
}

const query = (input: unknown) => () => checkQuery(model, input as ResourceQuery, limits);
const where = (input: unknown) => () => checkWhere(model, input as Where, limits);
const leaf = (fieldPath: string, operator: string, value: unknown) => ({ condition: { fieldPath, operator, value } });
const megabyte = "a".repeat(1_000_000);

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = {};
  for (let i = 0; i < depth; i++) value = wrap(value);
  return value;
}

const paths = [
  ...["title'", "title'; drop table weft_head; --", 'title" or "1"="1', "title->>'x'", "$1", "title\0", "title\\"],
  ...["indexed_data", "h.resource_id", "__proto__", "constructor.prototype", "", ".", "address.", "TITLE", megabyte],
];

const attacks: Record<string, [() => unknown, string]> = {
  "limit: -1": [query({ limit: -1 }), "QUERY_INVALID"],
  "limit: 1e9": [query({ limit: 1e9 }), "LIMIT_EXCEEDED"],
  "limit: NaN": [query({ limit: Number.NaN }), "QUERY_INVALID"],
  "offset: -1": [query({ offset: -1 }), "QUERY_INVALID"],
  "offset: 1e300": [query({ offset: 1e300 }), "QUERY_INVALID"],
  "first: 1e9": [() => checkPage({ first: 1e9 }, limits), "LIMIT_EXCEEDED"],
  "first: -1": [() => checkPage({ first: -1 }, limits), "QUERY_INVALID"],
  "last: 1e9": [() => checkPage({ last: 1e9 }, limits), "LIMIT_EXCEEDED"],
  "a filter nested 10,000 deep": [where(nested(10_000, (not) => ({ not }))), "LIMIT_EXCEEDED"],
  "a filter nested 10,000 deep in lists": [where(nested(10_000, (one) => ({ or: [one] }))), "LIMIT_EXCEEDED"],
  "a query nested 10,000 deep": [
    query({ conditions: [nested(10_000, (one) => ({ group: { operator: "NOT", conditions: [one] } }))] }),
    "LIMIT_EXCEEDED",
  ],
  "a value nested 10,000 deep": [where({ extra: { eq: nested(10_000, (one) => [one]) } }), "LIMIT_EXCEEDED"],
  "an order nested 10,000 deep": [
    () => checkOrder(model, [nested(10_000, (meta) => ({ meta })) as Where]),
    "FIELD_NOT_INDEXED",
  ],
  "100,000 conditions": [
    query({ conditions: Array.from({ length: 100_000 }, () => leaf("title", "eq", "a")) }),
    "LIMIT_EXCEEDED",
  ],
  "100,000 empty filters": [where({ or: Array.from({ length: 100_000 }, () => ({})) }), "LIMIT_EXCEEDED"],
  "a million values in in": [
    where({ level: { in: Array.from({ length: 1_000_000 }, (_, i) => i) } }),
    "LIMIT_EXCEEDED",
  ],
  "a million authors": [query({ createdBys: Array.from({ length: 1_000_000 }, () => "ada") }), "LIMIT_EXCEEDED"],
  "a million elements in containsAny": [
    where({ tags: { containsAny: Array.from({ length: 1_000_000 }, () => "a") } }),
    "LIMIT_EXCEEDED",
  ],
  "an operator of a megabyte": [query({ conditions: [leaf("title", megabyte, "a")] }), "QUERY_INVALID"],
  "an operator of a megabyte in a filter": [where({ title: { [megabyte]: "a" } }), "QUERY_INVALID"],
  "a pattern of a megabyte": [where({ title: { regex: megabyte } }), "LIMIT_EXCEEDED"],
  "a pattern that backtracks": [where({ title: { regex: "(?=(a+)+$)" } }), "QUERY_INVALID"],
  "a hundred patterns": [
    where({ or: Array.from({ length: 100 }, (_, i) => ({ title: { regex: `a{${i}}` } })) }),
    "LIMIT_EXCEEDED",
  ],
  "a number of a megabyte": [where({ big: { gt: "9".repeat(1_000_000) } }), "QUERY_INVALID"],
  "a time of a megabyte": [where({ due: { gt: megabyte } }), "QUERY_INVALID"],
  "a cursor of two megabytes": [() => decodeCursor([by(fields.title)], megabyte + megabyte), "CURSOR_INVALID"],
  "a cursor of a nested list": [
    () => decodeCursor([], Buffer.from("[".repeat(500_000)).toString("base64url")),
    "CURSOR_INVALID",
  ],
  "a cursor of lists side by side": [
    () => decodeCursor([], Buffer.from(`["",[${"[],".repeat(200_000)}1],""]`).toString("base64url")),
    "CURSOR_INVALID",
  ],
  ...Object.fromEntries(
    paths.flatMap((path) => [
      [`conditions on ${path.slice(0, 40)}`, [query({ conditions: [leaf(path, "eq", "a")] }), "FIELD_NOT_INDEXED"]],
      [`a filter on ${path.slice(0, 40)}`, [where({ [path]: { eq: "a" } }), "FIELD_NOT_INDEXED"]],
      [`a sort by ${path.slice(0, 40)}`, [query({ sorts: [{ data: { fieldPath: path } }] }), "FIELD_NOT_INDEXED"]],
      [`a sort by meta ${path.slice(0, 40)}`, [query({ sorts: [{ meta: { key: path } }] }), "FIELD_NOT_INDEXED"]],
    ]),
  ),
};

for (const [name, [run, code]] of Object.entries(attacks)) {
  it(`answers ${name} with ${code} in under 50 ms, and does not repeat it at length`, () => {
    const answer = refused(run);
    expect(answer).toMatchObject({ code, isSoon: true });
    expect(answer.size).toBeLessThan(2000);
  });
}

it("takes the longest list of alternatives in under 50 ms", () => {
  const values = Array.from({ length: 10_000 }, (_, i) => `value ${i}`);
  const times = [1, 2, 3].map(() => {
    const begin = performance.now();
    expect(where({ title: { in: values } })()).toMatchObject({ operator: "in" });
    return performance.now() - begin;
  });
  expect(Math.min(...times)).toBeLessThan(50);
});
