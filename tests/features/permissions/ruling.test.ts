/** Combination rules: what checkers make of conditions, against a table that knows single resources only. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { actionBased } from "../../../src/features/permissions/action-based.ts";
import { composite } from "../../../src/features/permissions/composite.ts";
import { conditional, during } from "../../../src/features/permissions/conditional.ts";
import type { Checker, Decision, PermissionRequest } from "../../../src/features/permissions/permission.ts";
import { passing, rulingOf } from "../../../src/features/permissions/ruling.ts";
import type { Head } from "../../../src/model/resource-meta.ts";
import { checkWhere } from "../../../src/query/check-where.ts";
import { evaluate, type Truth } from "../../../src/query/evaluate.ts";
import type { Where } from "../../../src/query/resource-query.ts";
import { defaultLimits } from "../../../src/resource/limits.ts";
import { openModel } from "../../resource/open-model.ts";

const seed = Date.now() % 2 ** 31;
const { model } = openModel("Item", z.object({ level: z.number().int().nullable(), kind: z.string() }), {
  indexedFields: ["level", "kind"],
});

const request: PermissionRequest = {
  action: "getOne",
  actor: "ann",
  now: new Date("2026-01-01T00:00:00Z"),
  model: "Item",
  resourceName: "item",
  resourceId: undefined,
  input: {},
};

type Effect = "allow" | "deny" | "notApplicable";

/** A checker, and what it says of one resource. An allowance that cannot be told is none, a denial that cannot be told is one. */
interface Ruled {
  readonly checker: Checker;
  of(head: Head): Effect;
}

function holds(where: Where | undefined, head: Head): Truth {
  return where === undefined ? false : evaluate(checkWhere(model.definition, where, { maxConditions: 100_000 }), head);
}

const wheres = fc.constantFrom<Where>(
  {},
  { or: [] },
  { level: { gt: 3 } },
  { level: { isNull: true } },
  { not: { level: { lt: 6 } } },
  { kind: { eq: "a" } },
  { meta: { createdBy: { eq: "ann" } } },
  { meta: { resourceId: { in: ["item:0", "item:3"] } } },
);

const decided: fc.Arbitrary<Ruled> = fc
  .oneof(
    fc.constantFrom<Decision>("allow", "deny", "notApplicable"),
    fc.record<Record<string, Where>>({ allow: wheres, deny: wheres }, { requiredKeys: [] }),
  )
  .map((decision) => ({
    checker: () => decision,
    of(head) {
      if (typeof decision === "string") return decision;
      if (holds(decision.deny, head) !== false) return "deny";
      return holds(decision.allow, head) === true ? "allow" : "notApplicable";
    },
  }));

function combined(parts: readonly Ruled[], strategy: "denyOverrides" | "allowOverrides", fallback: Effect): Ruled {
  const order = strategy === "denyOverrides" ? (["deny", "allow"] as const) : (["allow", "deny"] as const);
  return {
    checker: composite(
      parts.map(({ checker }) => checker),
      { strategy, default: fallback },
    ),
    of(head) {
      const effects = parts.map((part) => part.of(head));
      return order.find((effect) => effects.includes(effect)) ?? fallback;
    },
  };
}

const ruled = fc.letrec<{ ruled: Ruled }>((tie) => ({
  ruled: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    decided,
    fc
      .tuple(
        fc.array(tie("ruled"), { maxLength: 3 }),
        fc.constantFrom("denyOverrides" as const, "allowOverrides" as const),
        fc.constantFrom<Effect>("allow", "deny", "notApplicable"),
      )
      .map(([parts, strategy, fallback]) => combined(parts, strategy, fallback)),
  ),
})).ruled;

async function heads(): Promise<Head[]> {
  const open = openModel("Item", z.object({ level: z.number().int().nullable(), kind: z.string() }), {
    indexedFields: ["level", "kind"],
  });
  for (const [i, level] of [null, 1, 5, 9, null, 6].entries())
    await open.manager
      .as(i % 2 === 0 ? "ann" : "bob")
      .create({ level, kind: i < 3 ? "a" : "b" }, { resourceId: `item:${i}` });
  const search = { resourceName: "item", condition: checkWhere(open.model.definition, {}, defaultLimits) };
  return await open.services.meta.search({ ...search, sort: [], limit: 10 });
}

describe("combinations of checkers", () => {
  it(`decide of each resource as a table of single resources does (seed ${seed})`, async () => {
    const all = await heads();
    expect(all.length).toBe(6);
    const property = fc.asyncProperty(ruled, async ({ checker, of }) => {
      const scope = passing(rulingOf(await checker(request)));
      const passed = all.filter((head) => (typeof scope === "boolean" ? scope : holds(scope, head) === true));
      expect(passed.map(({ resourceId }) => resourceId)).toEqual(
        all.filter((head) => of(head) === "allow").map(({ resourceId }) => resourceId),
      );
    });
    await fc.assert(property, { seed, numRuns: 2000 });
  });

  it("stay small where they lie within each other", async () => {
    let checker: Checker = () => ({ allow: { level: { gt: 3 } }, deny: { kind: { eq: "a" } } });
    for (let depth = 0; depth < 12; depth++)
      checker = composite([checker, { allow: { level: { lt: depth } } }], {
        default: depth % 2 === 0 ? "allow" : "deny",
      });
    const scope = passing(rulingOf(await checker(request)));
    expect(() => checkWhere(model.definition, scope as Where, { maxConditions: 1000 })).not.toThrow();
  });

  it("have nothing to say where none of them has, unless told otherwise", async () => {
    const silent: Checker = () => "notApplicable";
    expect(await composite([silent])(request)).toBe("notApplicable");
    expect(await composite([], { default: "allow" })(request)).toBe("allow");
    expect(await composite([silent], { default: "deny" })(request)).toBe("deny");
  });

  it("refuse what is no decision", async () => {
    const wrong = composite([(() => "allowed") as unknown as Checker]);
    expect(() => wrong(request)).toThrow('"allowed", which is no decision');
  });

  it("fail with what one of them fails with", async () => {
    const failing = [
      async () => Promise.reject(new Error("first")),
      () => {
        throw new Error("second");
      },
    ] satisfies Checker[];
    await expect(composite(failing)(request)).rejects.toThrow(/^(first|second)$/);
  });
});

describe("conditional checkers", () => {
  it("are asked where their predicate holds", async () => {
    const checker = conditional(({ actor }) => actor === "ann", "allow");
    expect(await checker(request)).toBe("allow");
    expect(await checker({ ...request, actor: "bob" })).toBe("notApplicable");
  });

  it("are asked from a time on, until another", async () => {
    const checker = during(
      { from: new Date("2026-01-01T00:00:00Z"), until: new Date("2026-02-01T00:00:00Z") },
      "allow",
    );
    const at = (text: string) => checker({ ...request, now: new Date(text) });
    expect(await at("2025-12-31T23:59:59Z")).toBe("notApplicable");
    expect(await at("2026-01-01T00:00:00Z")).toBe("allow");
    expect(await at("2026-01-31T23:59:59Z")).toBe("allow");
    expect(await at("2026-02-01T00:00:00Z")).toBe("notApplicable");
  });
});

describe("checkers by action", () => {
  it("are found by the action, then its group, then the default", async () => {
    const checker = actionBased({ read: "allow", getMany: "deny", write: "deny", update: "allow" });
    const on = (action: PermissionRequest["action"]) => checker({ ...request, action });
    expect(await on("getOne")).toBe("allow");
    expect(await on("getMany")).toBe("deny");
    expect(await on("delete")).toBe("deny");
    expect(await on("update")).toBe("allow");
    expect(await on("purge")).toBe("notApplicable");
    expect(await actionBased({ default: "deny" })({ ...request, action: "purge" })).toBe("deny");
  });
});
