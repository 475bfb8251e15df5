import { describe, expect, it } from "vitest";
import { createGateway, z } from "../../src/index.ts";
import { casesOf } from "../cases/cases.ts";

const memory = { meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" } as const;

const item = z.object({
  name: z.string(),
  value: z.number().int().default(0),
  nick: z.string().nullable().default(null),
});

interface Step {
  readonly op: "create" | "update" | "patch" | "delete" | "restore" | "switch";
  readonly resource: string;
  readonly arg: unknown;
  readonly expect:
    | "ok"
    | { readonly error: "UNIQUE"; readonly field: string; readonly value: string; readonly conflict: string };
}

function open() {
  const gateway = createGateway(memory);
  return { gateway, items: gateway.addModel("It", item, { unique: [["name"], ["nick"]] }) };
}

describe("AutoCRUD's cases of unique fields", () => {
  it.each(casesOf<{ readonly id: string; readonly steps: readonly Step[] }>("unique"))("$id", async ({ steps }) => {
    const { gateway, items } = open();
    const ids = new Map<string, string>();
    const run = async ({ op, resource, arg }: Step) => {
      const id = ids.get(resource) ?? "";
      if (op === "create") ids.set(resource, (await items.create(arg as z.input<typeof item>)).meta.resourceId);
      else if (op === "update") await items.update(id, arg as z.input<typeof item>);
      else if (op === "patch") await items.patch(id, arg as never);
      else if (op === "switch") await items.switch(id, `${id}:${arg}`);
      else await items[op](id);
    };
    for (const step of steps) {
      const outcome = await run(step).then(
        () => "ok",
        (error: { code: string; details: object }) => ({ code: error.code, ...error.details }),
      );
      const { expect: expected } = step;
      if (expected === "ok") expect(outcome).toBe("ok");
      else
        expect(outcome).toEqual({
          code: "UNIQUE_VIOLATION",
          fields: [expected.field],
          values: [expected.value],
          conflictingResourceId: ids.get(expected.conflict),
        });
    }
    await gateway.close();
  });
});

describe("unique fields", () => {
  it("in sets are unique together, and free again when their holder is deleted or purged", async () => {
    const gateway = createGateway(memory);
    const spots = gateway.addModel("Spot", z.object({ zone: z.string().optional(), name: z.string() }), {
      unique: [["zone", "name"]],
    });
    const first = await spots.create({ zone: "a", name: "x" });
    await spots.create({ zone: "a", name: "y" });
    await spots.create({ zone: "b", name: "x" });
    for (const _ of [1, 2]) await spots.create({ name: "x" });
    await expect(spots.create({ zone: "a", name: "x" })).rejects.toMatchObject({ code: "UNIQUE_VIOLATION" });
    await spots.delete(first.meta.resourceId);
    const second = await spots.create({ zone: "a", name: "x" });
    await expect(spots.restore(first.meta.resourceId)).rejects.toMatchObject({ code: "UNIQUE_VIOLATION" });
    await spots.purge(second.meta.resourceId);
    await spots.restore(first.meta.resourceId);
    await gateway.close();
  });

  it("let one of many writers have a value", async () => {
    const { gateway, items } = open();
    const made = await Promise.allSettled(Array.from({ length: 32 }, () => items.create({ name: "one" })));
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of made) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "UNIQUE_VIOLATION" });
    }
    expect(await items.count()).toBe(1);
    await gateway.close();
  });

  it("must be single values of the model", () => {
    const gateway = createGateway(memory);
    const shape = z.object({ tags: z.array(z.string()), any: z.unknown() });
    for (const path of ["tags", "any", "none"])
      expect(() => gateway.addModel("Thing", shape, { unique: [[path]] })).toThrow(path);
    expect(() => gateway.addModel("Thing", shape, { unique: [[]] })).toThrow("no fields");
  });
});
