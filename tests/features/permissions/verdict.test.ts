/** What rules decide together, against a reading of the same rules resource by resource. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AccessRule, isAbout } from "../../../src/features/permissions/rules/access-rule.ts";
import { decisionOn, verdictOf } from "../../../src/features/permissions/rules/verdict.ts";
import { passing, rulingOf } from "../../../src/features/permissions/ruling.ts";

const seed = Date.now() % 2 ** 31;
const resources = ["todo:1", "todo:2", "todo:3"];

const rule: fc.Arbitrary<AccessRule> = fc.record({
  resourceName: fc.constantFrom("todo", "*", "note"),
  resourceId: fc.constantFrom(null, null, ...resources),
  actions: fc.subarray(["getOne", "read", "write", "*", "update"], { minLength: 1 }),
  isAllowing: fc.boolean(),
  order: fc.integer({ min: -1, max: 1 }),
  from: fc.constantFrom(Number.NEGATIVE_INFINITY, 10, 20),
  until: fc.constantFrom(Number.POSITIVE_INFINITY, 15, 25),
});

/** The first rule about the resource, level by level, by order, denials first. */
function decided(levels: readonly (readonly AccessRule[])[], resourceId: string, now: number): boolean {
  for (const rules of levels) {
    const about = rules.filter(
      (one) =>
        (one.resourceName === "*" || one.resourceName === "todo") &&
        (one.resourceId === null || one.resourceId === resourceId) &&
        one.actions.some((name) => ["getOne", "read", "*"].includes(name)) &&
        one.from <= now &&
        now < one.until,
    );
    const lowest = Math.min(...about.map(({ order }) => order));
    const first = about.filter(({ order }) => order === lowest);
    if (first.length > 0) return first.every(({ isAllowing }) => isAllowing);
  }
  return false;
}

/** Of the conditions that decisions are made of. */
function holds(where: unknown, resourceId: string): boolean {
  const { and, or, not, meta } = where as {
    and?: unknown[];
    or?: unknown[];
    not?: unknown;
    meta?: { resourceId: { in: string[] } };
  };
  if (and && !and.every((one) => holds(one, resourceId))) return false;
  if (or && !or.some((one) => holds(one, resourceId))) return false;
  if (not !== undefined && holds(not, resourceId)) return false;
  return meta === undefined || meta.resourceId.in.includes(resourceId);
}

function passes(decision: ReturnType<typeof decisionOn>, resourceId: string): boolean {
  const scope = passing(rulingOf(decision));
  return typeof scope === "boolean" ? scope : holds(scope, resourceId);
}

describe("the verdict of rules", () => {
  it(`is of each resource that of the first rule about it, at every time for which it stands (seed ${seed})`, () => {
    const property = fc.property(
      fc.array(fc.array(rule, { maxLength: 4 }), { maxLength: 4 }),
      fc.constantFrom(5, 10, 12, 15, 20, 24, 25, 30),
      (levels, now) => {
        const about = levels.map((rules) =>
          rules.filter((one) => isAbout(one, { resourceName: "todo", action: "getOne" })),
        );
        const verdict = verdictOf(about, now);
        expect(verdict.from <= now && now < verdict.until).toBe(true);
        for (const time of [now, Math.max(verdict.from, now - 3), Math.min(verdict.until - 1, now + 3)])
          for (const resourceId of [...resources, "todo:4"]) {
            const wanted = decided(levels, resourceId, time);
            expect(passes(decisionOn(verdict), resourceId)).toBe(wanted);
            expect(passes(decisionOn(verdict, resourceId), resourceId)).toBe(wanted);
          }
      },
    );
    fc.assert(property, { seed, numRuns: 3000 });
  });

  it("takes more ids than one list holds", () => {
    const rules = Array.from({ length: 25_000 }, (_, i): AccessRule => {
      return { ...bounds, resourceName: "todo", resourceId: `todo:${i}`, actions: ["*"], isAllowing: true, order: 0 };
    });
    const decision = decisionOn(verdictOf([rules], 0));
    expect(passes(decision, "todo:24999")).toBe(true);
    expect(passes(decision, "todo:25000")).toBe(false);
  });
});

const bounds = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
