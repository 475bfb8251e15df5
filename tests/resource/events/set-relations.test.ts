import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { RelationsSet, SetRelations } from "../../../src/resource/event.ts";
import { eventTableOf } from "../../../src/resource/events/event-table.ts";
import type { Hooks } from "../../../src/resource/events/hooks.ts";
import { runSetRelations } from "../../../src/resource/events/set-relations.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import { openModel } from "../open-model.ts";

const set: Omit<RelationsSet, "updatedDbCount"> = {
  model: "Item",
  relationConf: { path: "zoneId", target: "Zone", isMany: false } as unknown as RelationsSet["relationConf"],
  relationType: "oneToMany",
  relatedTable: "Monster",
  relatedField: "zoneId",
};

/** A model of which every creation sets a relation. */
function openSetting(hooks: Hooks, log: unknown[]) {
  const meta = memoryMetaStore();
  const open = openModel("Item", z.object({ name: z.string() }), {
    services: { meta },
    model: {
      events: eventTableOf("Item", [{ hooks }]),
      hooks: [
        {
          name: "relations",
          async before(context, { resourceId }) {
            if (!context.unit || log.includes("set")) return;
            const setting: SetRelations = {
              id: resourceId,
              relation: "monsters",
              relations: ["monster:1", "monster:2"],
            };
            await runSetRelations({ ...context, unit: context.unit }, setting, async (relations) => {
              log.push("set", [...relations]);
              return { ...set, updatedDbCount: relations.length };
            });
          },
        },
      ],
    },
  });
  return { ...open, meta };
}

describe("the hooks around the setting of relations", () => {
  it("may change the ids, and see what was set when the commit stands", async () => {
    const log: unknown[] = [];
    const { manager, meta } = openSetting(
      {
        beforeSetRelations: (setting) => void log.push(setting.relation, setting.relations.pop()),
        afterSetRelations: async (done, { actor }) => void log.push(done, actor, await meta.lastSeq()),
      },
      log,
    );
    await manager.create({ name: "a" });
    expect(log).toEqual(["monsters", "monster:2", "set", ["monster:1"], { ...set, updatedDbCount: 1 }, "anonymous", 1]);
  });

  it("stop the write before, and only report a failure after", async () => {
    const log: unknown[] = [];
    const refusing = openSetting({ beforeSetRelations: () => Promise.reject(new Error("no")) }, log);
    await expect(refusing.manager.create({ name: "a" })).rejects.toThrow("no");
    expect([log, await refusing.meta.lastSeq()]).toEqual([[], 0]);
    const failing = openSetting({ afterSetRelations: () => Promise.reject(new Error("late")) }, log);
    await failing.manager.create({ name: "a" });
    expect(failing.reports).toMatchObject([{ message: "late" }]);
  });

  it("write in the same commit, and take it back with the whole", async () => {
    const log: unknown[] = [];
    const { manager, meta } = openSetting(
      {
        beforeSetRelations: async (_setting, scope) => {
          log.push("set");
          await scope.resource("Item").create({ name: "beside" });
          throw new Error("no");
        },
      },
      log,
    );
    await expect(manager.create({ name: "a" })).rejects.toThrow("no");
    expect(await meta.lastSeq()).toBe(0);
  });
});
