import { describe, expect, it } from "vitest";
import { z } from "zod";
import { WeftError } from "../../src/base/errors.ts";
import { execute } from "../../src/resource/execute.ts";
import type { OperationContext } from "../../src/resource/operation.ts";
import { writeStages } from "../../src/resource/pipeline.ts";
import type { Plan } from "../../src/resource/plan.ts";
import { verbs } from "../../src/resource/verbs.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { memoryPayloadStore } from "../../src/stores/payload/drivers/memory.ts";
import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";
import { openModel } from "./open-model.ts";

const item = z.object({ name: z.string(), level: z.number().int().default(0) });

function nameIn({ step }: Plan): unknown {
  return "document" in step ? step.document?.name : undefined;
}

/** A payload store that tells which keys it holds. */
function countingPayloads(): { store: PayloadStore; keys: Set<string> } {
  const inner = memoryPayloadStore();
  const keys = new Set<string>();
  const store: PayloadStore = {
    ...inner,
    async put(key, bytes) {
      await inner.put(key, bytes);
      keys.add(key);
    },
    async delete(gone) {
      await inner.delete(gone);
      for (const key of gone) keys.delete(key);
    },
  };
  return { store, keys };
}

describe("the write pipeline", () => {
  it("has its stages in the order of DESIGN §3", () => {
    expect(writeStages.map(({ name }) => name)).toEqual([
      "admit",
      "validate",
      "load",
      "complete",
      "before handlers",
      "state",
      "precondition",
      "plan",
      "referred",
      "before hooks",
      "payload",
      "referring",
      "commit",
      "after hooks",
      "feed",
      "other handlers",
    ]);
  });

  it("stores bytes before the commit that points to them", async () => {
    const { store, keys } = countingPayloads();
    const meta = memoryMetaStore();
    const held: boolean[] = [];
    const watched: MetaStore = {
      ...meta,
      commit(commit) {
        held.push(keys.has(commit.writes[0]?.head?.payload.key ?? ""));
        return meta.commit(commit);
      },
    };
    const { manager } = openModel("Item", item, { services: { meta: watched, payload: store } });
    const { meta: created } = await manager.create({ name: "a" });
    await manager.update(created.resourceId, { name: "b" });
    expect(held).toEqual([true, true]);
  });

  it("runs policies, then before hooks, then after hooks; a refusal leaves nothing behind", async () => {
    const { store, keys } = countingPayloads();
    const log: string[] = [];
    let refuses = false;
    const { manager } = openModel("Item", item, {
      services: { payload: store },
      model: {
        policies: { universal: [({ action }) => void log.push(`policy ${action}`)] },
        hooks: [
          {
            name: "test",
            before(_context, plan: Plan) {
              log.push(`before ${plan.action} ${plan.step.kind}`);
              if (refuses) throw new WeftError("FORBIDDEN");
            },
            after: (_context, change) => void log.push(`after ${change.action}`),
          },
        ],
      },
    });
    const { meta } = await manager.create({ name: "a" });
    // What was written is read under the policies of reading.
    expect(log).toEqual(["policy create", "before create revise", "after create", "policy getOne"]);
    refuses = true;
    await expect(manager.update(meta.resourceId, { name: "b" })).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(keys.size).toBe(1);
    expect((await manager.get(meta.resourceId)).meta.totalRevisionCount).toBe(1);
  });

  it("reports what an after hook throws; the write stands and is answered", async () => {
    const failing = { name: "failing", after: () => Promise.reject(new Error("boom")) };
    const { manager, reports } = openModel("Item", item, { model: { hooks: [failing] } });
    const { meta } = await manager.create({ name: "a" });
    expect((await manager.get(meta.resourceId)).data.name).toBe("a");
    expect(reports).toMatchObject([{ message: "boom" }]);
  });

  it("makes one commit of a write and of what its before hooks write, and another of what its after hooks write", async () => {
    const meta = memoryMetaStore();
    const writeBeside = (name: string) => (context: OperationContext) =>
      execute(context, verbs.create, { data: { name } }).then(() => undefined);
    const { manager } = openModel("Item", item, {
      services: { meta },
      model: {
        hooks: [
          {
            name: "beside",
            before: async (context, plan) => {
              if (nameIn(plan) === "a") await writeBeside("before")(context);
            },
            after: async (context, change) => {
              if (change.head?.indexedData.name === "a") await writeBeside("after")(context);
            },
          },
        ],
      },
      indexedFields: ["name"],
    });
    await manager.create({ name: "a" });
    const changes = await meta.changes({ after: 0, limit: 10 });
    expect(changes.map(({ head }) => head?.indexedData.name)).toEqual(["before", "a", "after"]);
    const [before, own, after] = changes.map(({ commitId }) => commitId);
    expect(before).toBe(own);
    expect(after).not.toBe(own);
  });

  it("writes nothing of a unit of which one write is refused", async () => {
    const { store, keys } = countingPayloads();
    const meta = memoryMetaStore();
    const { manager } = openModel("Item", item, {
      services: { meta, payload: store },
      model: {
        hooks: [
          {
            name: "beside",
            async before(context, plan) {
              if (nameIn(plan) !== "a") return;
              await execute(context, verbs.create, { data: { name: "beside" } });
              await execute(context, verbs.update, { resourceId: "item:none", data: { name: "b" } });
            },
          },
        ],
      },
    });
    await expect(manager.create({ name: "a" })).rejects.toMatchObject({ code: "RESOURCE_NOT_FOUND" });
    expect([await meta.lastSeq(), keys.size]).toEqual([0, 0]);
  });

  it("plans anew on the state that won, and points the same bytes to the new number", async () => {
    const { store, keys } = countingPayloads();
    const meta = memoryMetaStore();
    const one = openModel("Item", item, { services: { meta, payload: store } });
    const { meta: created } = await one.manager.create({ name: "a" });
    let isFirst = true;
    const racing: MetaStore = {
      ...meta,
      async commit(commit) {
        if (isFirst) {
          isFirst = false;
          await one.manager.update(created.resourceId, { name: "theirs" });
        }
        return meta.commit(commit);
      },
    };
    const other = openModel("Item", item, { services: { meta: racing, payload: store } });
    const result = await other.manager.update(created.resourceId, { name: "ours" });
    expect(result.revision).toMatchObject({
      revisionId: `${created.resourceId}:3`,
      parentRevisionId: `${created.resourceId}:2`,
    });
    expect(keys.size).toBe(3);
    const names = [];
    for (const n of [1, 2, 3])
      names.push((await one.manager.get(created.resourceId, { revisionId: `${created.resourceId}:${n}` })).data.name);
    expect(names).toEqual(["a", "theirs", "ours"]);
  });

  it("removes the bytes of a write that lost under ifMatch", async () => {
    const { store, keys } = countingPayloads();
    const meta = memoryMetaStore();
    const one = openModel("Item", item, { services: { meta, payload: store } });
    const { meta: created } = await one.manager.create({ name: "a" });
    const racing: MetaStore = {
      ...meta,
      async commit(commit) {
        if (commit.writes[0]?.previous?.etag === created.etag) {
          await one.manager.update(created.resourceId, { name: "theirs" });
        }
        return meta.commit(commit);
      },
    };
    const other = openModel("Item", item, { services: { meta: racing, payload: store } });
    const lost = other.manager.update(created.resourceId, { name: "ours" }, { ifMatch: created.etag });
    await expect(lost).rejects.toMatchObject({
      code: "PRECONDITION_FAILED",
      details: { currentRevisionId: `${created.resourceId}:2` },
    });
    expect(keys.size).toBe(2);
  });

  it("keeps the bytes where it is unknown whether the commit happened", async () => {
    const { store, keys } = countingPayloads();
    const meta: MetaStore = { ...memoryMetaStore(), commit: () => Promise.reject(new WeftError("STORE_UNAVAILABLE")) };
    const { manager } = openModel("Item", item, { services: { meta, payload: store } });
    await expect(manager.create({ name: "a" })).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(keys.size).toBe(1);
  });

  it("admits nobody without an actor, and lets nobody read deleted things as living", async () => {
    const { manager } = openModel("Item", item, { settings: { defaultUser: () => null } });
    await expect(manager.create({ name: "a" })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    const { meta } = await manager.as({ id: "ada", role: "x" }).create({ name: "a" });
    expect(meta).toMatchObject({ createdBy: "ada", updatedBy: "ada" });
    await manager.as("bob").delete(meta.resourceId);
    await expect(manager.get(meta.resourceId)).rejects.toMatchObject({ code: "RESOURCE_DELETED" });
    expect((await manager.get(meta.resourceId, { includeDeleted: true })).meta.updatedBy).toBe("bob");
  });
});
