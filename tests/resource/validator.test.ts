import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { WeftError } from "../../src/base/errors.ts";
import type { Validator } from "../../src/resource/validator.ts";
import { openModel } from "./open-model.ts";

const item = z.object({ name: z.string(), level: z.number().int().default(0), due: z.date().nullable().default(null) });
type Item = z.output<typeof item>;

function open(...validators: Validator<Item>[]) {
  return openModel("Item", item, { model: { validators: validators as Validator[] } });
}

async function issuesOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => "done",
    (error: WeftError) => (error.code === "VALIDATION_FAILED" ? error.details.issues : error),
  );
}

describe("validators", () => {
  it("run on every write that makes content, and tell what they find", async () => {
    const seen: unknown[] = [];
    const { manager } = open(({ level }, { action, old }) => {
      seen.push([action, old?.level ?? null, level]);
      return old && level < old.level ? [{ path: ["level"], message: "Levels do not fall" }] : undefined;
    });
    const fall = [{ path: ["level"], message: "Levels do not fall" }];
    const { meta } = await manager.create({ name: "a", level: 5 }, { status: "draft" });
    const id = meta.resourceId;
    expect(await issuesOf(manager.update(id, { name: "a", level: 4 }))).toEqual(fall);
    expect(await issuesOf(manager.upsert(id, { name: "a", level: 4 }))).toEqual(fall);
    expect(await issuesOf(manager.patch(id, [{ op: "replace", path: "/level", value: 4 }]))).toEqual(fall);
    expect(await issuesOf(manager.modify(id, { data: { name: "a", level: 4 } }))).toEqual(fall);
    expect(await issuesOf(manager.modify(id, { data: { name: "a", level: 6 } }))).toBe("done");
    expect((await manager.get(id)).data.level).toBe(6);
    expect(seen).toEqual([
      ["create", null, 5],
      ["update", 5, 4],
      ["update", 5, 4],
      ["patch", 5, 4],
      ["modify", 5, 4],
      ["modify", 5, 6],
    ]);
    await manager.delete(id);
    await manager.restore(id);
    expect(seen.length).toBe(6);
  });

  it("get typed data, the actor and the time, and may be async", async () => {
    const now = new Date("2030-01-01T00:00:00Z");
    const { manager } = open(async ({ due }, context) => {
      await Promise.resolve();
      expect(context).toMatchObject({ actor: "ann", now, old: null });
      return due && due < context.now ? "The due date has passed" : undefined;
    });
    const ann = manager.as("ann", now);
    expect(await issuesOf(ann.create({ name: "a", due: new Date("2029-12-31T00:00:00Z") }))).toEqual([
      { path: [], message: "The due date has passed" },
    ]);
    expect(await issuesOf(ann.create({ name: "a", due: new Date("2030-01-02T00:00:00Z") }))).toBe("done");
  });

  it("all run, and all that is wrong is told; what they throw counts, Zod's issues with their paths", async () => {
    const strict = z.object({ name: z.string().min(3) });
    const { manager, services } = open(
      () => "one",
      () => {
        throw new Error("two");
      },
      (data) => void strict.parse(data),
      async () => [{ path: ["level"], message: "four" }],
    );
    const issues = (await issuesOf(manager.create({ name: "a" }))) as { path: unknown; message: string }[];
    expect(issues.map(({ path }) => path)).toEqual([[], [], ["name"], ["level"]]);
    expect(issues.map(({ message }) => message).filter((message) => message.length < 5)).toEqual([
      "one",
      "two",
      "four",
    ]);
    expect(await services.meta.lastSeq()).toBe(0);
  });

  it("that have a bug are no fault of the caller's", async () => {
    const { manager } = open((data) => void (data as unknown as { a: { b: string } }).a.b.length);
    expect(await issuesOf(manager.create({ name: "a" }))).toBeInstanceOf(TypeError);
  });
});
