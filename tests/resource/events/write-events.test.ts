import { describe, expect, it } from "vitest";
import { on, type ResourceEvent, ref, WeftError, z } from "../../../src/index.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { ask } from "../../faces/ask.ts";
import { openGateway, recorder } from "./recorder.ts";

const item = z.object({ name: z.string(), level: z.number().int().default(0), bornAt: z.date().optional() });
const zoneSchema = z.object({ visits: z.number().int() });
const named = (event: ResourceEvent) => event.input.data as z.output<typeof item>;

describe("before handlers of a write", () => {
  it("change the input, which is validated again", async () => {
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      hooks: { beforeCreate: [(event) => void (named(event).name += "!"), (event) => void (named(event).level += 1)] },
    });
    expect((await items.create({ name: "a" })).data).toEqual({ name: "a!", level: 1 });
    const broken = open.gateway.addModel("Broken", item, {
      hooks: { beforeCreate: (event) => void (event.input.data = {} as never) },
    });
    await expect(broken.create({ name: "a" })).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
  });

  it("get the document in the types of the schema", async () => {
    const bornAt = new Date("2020-02-02T02:02:02.000Z");
    const seen: unknown[] = [];
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        beforeCreate: (event) => {
          seen.push(structuredClone(event.input.data));
          named(event).bornAt = new Date(0);
        },
      },
    });
    expect((await items.create({ name: "a", bornAt })).data.bornAt).toEqual(new Date(0));
    expect(seen).toEqual([{ name: "a", level: 0, bornAt }]);
  });

  it("stop it by a throw: nothing is stored, and onFailure and after follow", async () => {
    const heard = recorder(({ phase }) => {
      if (phase === "before") throw new WeftError("FORBIDDEN");
    });
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, { handlers: [heard] });
    await expect(items.create({ name: "a" })).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(heard.log).toEqual(["create.before Item", "create.onFailure Item", "create.after Item"]);
    expect(await items.count()).toBe(0);
  });

  it("do not run, nor others, where policies or validation refuse", async () => {
    const heard = recorder();
    await using open = openGateway({ handlers: [heard] });
    const items = open.gateway.addModel("Item", item, { policies: { delete: [() => false] } });
    await expect(items.create({ name: 1 as never })).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
    await expect(items.delete("item:none")).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(heard.log).toEqual([]);
  });

  it("cannot turn the write to another resource", async () => {
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      hooks: { beforeUpdate: (event) => void (event.input.resourceId = "item:other") },
    });
    const { meta } = await items.create({ name: "a" });
    await expect(items.update(meta.resourceId, { name: "b" })).rejects.toThrow(/read only/);
  });

  it("know what was, and which paths change by what the input means now", async () => {
    const seen: unknown[] = [];
    await using open = openGateway();
    const look = async (event: ResourceEvent) => seen.push([(await event.old())?.data, await event.changedPaths()]);
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        beforeCreate: look,
        beforeUpdate: [look, (event) => void (named(event).level = 7), look],
        onSuccessUpdate: look,
        beforePatch: look,
        beforeDelete: look,
        beforeSwitch: look,
        afterPurge: look,
      },
    });
    const { meta } = await items.create({ name: "a" });
    const id = meta.resourceId;
    await items.update(id, { name: "b" });
    await items.patch(id, [{ op: "replace", path: "/level", value: 8 }]);
    await items.switch(id, `${id}:1`);
    await items.delete(id);
    await items.purge(id);
    expect(seen).toEqual([
      [undefined, [""]],
      [{ name: "a", level: 0 }, ["/name"]],
      [{ name: "a", level: 0 }, ["/level", "/name"]],
      [{ name: "a", level: 0 }, ["/level", "/name"]],
      [{ name: "b", level: 7 }, ["/level"]],
      [{ name: "b", level: 8 }, ["/level", "/name"]],
      [{ name: "a", level: 0 }, []],
      [{ name: "a", level: 0 }, [""]],
    ]);
  });

  it("write more in the same commit, under the handlers of its model", async () => {
    const heard = recorder();
    await using open = openGateway({ handlers: [heard] });
    const logs = open.gateway.addModel("Entry", z.object({ text: z.string() }));
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        beforeCreate: async (event) => {
          await event.resource("Entry").create({ text: `new ${named(event).name}` });
        },
      },
    });
    const changes = [];
    await items.as("ann").create({ name: "a" });
    for await (const change of logs.changes({ after: "0" })) {
      changes.push(change);
      break;
    }
    expect(changes).toMatchObject([{ actor: "ann", resource: { data: { text: "new a" } } }]);
    expect(heard.log).toEqual([
      "create.before Item",
      "create.before Entry",
      "create.onSuccess Entry",
      "create.after Entry",
      "create.onSuccess Item",
      "create.after Item",
    ]);
  });

  it("take what they wrote back with the whole; who joined hears of its error", async () => {
    const heard = recorder();
    await using open = openGateway({ handlers: [heard] });
    const logs = open.gateway.addModel("Entry", z.object({ text: z.string() }));
    const items = open.gateway.addModel("Item", item, {
      hooks: { beforeUpdate: (event) => event.resource("Entry").create({ text: "x" }) },
    });
    await expect(items.update("item:none", { name: "b" })).rejects.toMatchObject({ code: "RESOURCE_NOT_FOUND" });
    expect(await logs.count()).toBe(0);
    expect(heard.log.slice(2)).toEqual([
      "create.onFailure Entry",
      "create.after Entry",
      "update.onFailure Item",
      "update.after Item",
    ]);
    expect(heard.events.at(2)?.error).toMatchObject({ code: "RESOURCE_NOT_FOUND" });
  });

  it("may catch the failure of what they write; what was planned in part fails the whole", async () => {
    await using open = openGateway();
    const logs = open.gateway.addModel("Entry", z.object({ text: z.string() }), {
      hooks: {
        beforeCreate: async (event) => {
          const { text } = event.input.data as { text: string };
          if (text === "half") await event.resource("Entry").create({ text: "other half" });
          if (text !== "other half") throw new WeftError("FORBIDDEN");
        },
      },
    });
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        beforeCreate: (event) =>
          event
            .resource("Entry")
            .create({ text: named(event).name })
            .catch(() => undefined),
      },
    });
    await items.create({ name: "none" });
    expect([await items.count(), await logs.count()]).toEqual([1, 0]);
    await expect(items.create({ name: "half" })).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect([await items.count(), await logs.count()]).toEqual([1, 0]);
  });

  it("must await what they write", async () => {
    let late: Promise<unknown> | undefined;
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        beforeCreate: (event) => {
          const manager = event.resource("Item");
          late ??= new Promise((resolve) => setTimeout(resolve, 20)).then(() => manager.create({ name: "late" }));
        },
      },
    });
    await items.create({ name: "a" });
    await expect(late).rejects.toThrow(/awaited/);
    expect(await items.count()).toBe(1);
  });

  it("run again where another was faster, on the input as it first was", async () => {
    const attempts: unknown[] = [];
    const inner = memoryMetaStore();
    let race: (() => Promise<unknown>) | undefined;
    const meta: MetaStore = {
      ...inner,
      async commit(commit) {
        const first = race;
        race = undefined;
        await first?.();
        return await inner.commit(commit);
      },
    };
    await using open = openGateway({ meta });
    await using other = openGateway({ meta: inner });
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        beforeUpdate: async (event) => {
          named(event).level += 1;
          attempts.push([
            event.attempt,
            named(event).level,
            ((await event.old())?.data as { name: string } | undefined)?.name,
          ]);
        },
        onSuccessUpdate: ({ attempt }) => void attempts.push(attempt),
      },
    });
    const theirs = other.gateway.addModel("Item", item);
    const { meta: created } = await items.create({ name: "a" });
    race = async () => {
      // biome-ignore lint/suspicious/noExplicitAny: another gateway's payloads are not ours
      await (theirs as any).delete(created.resourceId);
      await theirs.restore(created.resourceId);
    };
    const { data } = await items.update(created.resourceId, { name: "b" });
    expect(data.level).toBe(1);
    expect(attempts).toEqual([[1, 1, "a"], [2, 1, "a"], 2]);
  });
});

describe("what handlers have written", () => {
  it("is seen by the rest of the request that they ran for", async () => {
    await using open = openGateway();
    const zones = open.gateway.addModel("Zone", zoneSchema);
    const monsters = open.gateway.addModel("Monster", z.object({ name: z.string(), zoneId: ref("Zone") }), {
      hooks: {
        async beforeUpdate(event) {
          const zone = event.resource<typeof zoneSchema>("Zone");
          const { meta, data } = await zone.get(event.input.data.zoneId);
          await zone.update(meta.resourceId, { visits: data.visits + 1 });
        },
      },
    });
    const zoneId = (await zones.create({ visits: 0 })).meta.resourceId;
    const monster = (await monsters.create({ name: "m", zoneId })).meta.resourceId;
    const update = (name: string) =>
      `${name}: updateMonster(resourceId: "${monster}", data: { name: "${name}", zoneId: "${zoneId}" }) { data { zone { data { visits } } } }`;
    const { data } = await ask(open.gateway, `mutation { ${update("a")} ${update("b")} }`);
    expect([data.a.data.zone.data.visits, data.b.data.zone.data.visits]).toEqual([1, 2]);
  });

  it("is part of the commit of a cascade, a thousand times over", async () => {
    await using open = openGateway();
    const zones = open.gateway.addModel("Zone", z.object({ name: z.string() }));
    const monsters = open.gateway.addModel("Monster", z.object({ zoneId: ref("Zone", { onDelete: "cascade" }) }), {
      hooks: { beforeDelete: (event) => event.resource("Entry").create({ text: event.resourceId ?? "" }) },
    });
    const entries = open.gateway.addModel("Entry", z.object({ text: z.string() }));
    const zone = (await zones.create({ name: "z" })).meta.resourceId;
    for (let i = 0; i < 1000; i++) await monsters.create({ zoneId: zone });
    await zones.delete(zone);
    expect([await monsters.count(), await entries.count()]).toEqual([0, 1000]);
  });
});

describe("other handlers of a write", () => {
  it("run behind its commit and outside its turn: they may write it again", async () => {
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        onSuccessCreate: async (event) => {
          await event.resource("Item").update(event.resourceId ?? "", { name: "again" });
        },
      },
    });
    const { meta, data } = await items.create({ name: "a" });
    expect(data.name).toBe("a");
    expect((await items.get(meta.resourceId)).data.name).toBe("again");
  });

  it("see the result once made for all, and what they change in it is shown", async () => {
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      hooks: {
        onSuccessCreate: async (event) => {
          const { data } = (await event.result()) as { data: z.output<typeof item> };
          data.name += " shown";
        },
        afterCreate: async (event) => {
          const { data } = (await event.result()) as { data: z.output<typeof item> };
          data.bornAt = new Date(1);
        },
      },
    });
    const { meta, data } = await items.create({ name: "a" });
    expect(data).toEqual({ name: "a shown", level: 0, bornAt: new Date(1) });
    expect((await items.get(meta.resourceId)).data).toEqual({ name: "a", level: 0 });
  });

  it("get results by action: the id of what was purged, the resource else", async () => {
    const results: unknown[] = [];
    const heard = recorder(async (event) => {
      if (event.phase === "after") results.push([event.action, await event.result()]);
    });
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, { handlers: [heard] });
    const { meta } = await items.upsert("item:1", { name: "a" });
    await items.upsert(meta.resourceId, { name: "b" });
    await items.delete(meta.resourceId);
    await items.purge(meta.resourceId);
    expect(results).toMatchObject([
      ["create", { data: { name: "a" } }],
      ["update", { data: { name: "b" } }],
      ["delete", { data: { name: "b" }, meta: { isDeleted: true } }],
      ["purge", { resourceId: "item:1" }],
    ]);
  });

  it("hear of each resource of a cascade, in the order of the log, with its actor", async () => {
    const heard = recorder();
    await using open = openGateway({ handlers: [heard] });
    const zones = open.gateway.addModel("Zone", z.object({ name: z.string() }));
    const monsters = open.gateway.addModel(
      "Monster",
      z.object({
        zoneId: ref("Zone", { onDelete: "cascade" }),
        petOf: ref("Zone", { onDelete: "setNull" }).nullable(),
      }),
    );
    const zone = (await zones.create({ name: "z" })).meta.resourceId;
    const other = (await zones.create({ name: "y" })).meta.resourceId;
    const gone = (await monsters.create({ zoneId: zone, petOf: null })).meta.resourceId;
    const cleared = (await monsters.create({ zoneId: other, petOf: zone })).meta.resourceId;
    heard.events.length = 0;
    await zones.as("ann").delete(zone);
    const told = heard.events.filter(({ phase }) => phase === "onSuccess");
    expect(told.map(({ action, resourceId, actor }) => [action, resourceId, actor])).toEqual([
      ["delete", gone, "ann"],
      ["patch", cleared, "ann"],
      ["delete", zone, "ann"],
    ]);
  });

  it("say that they are called where nothing had to change", async () => {
    const heard = recorder();
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, { handlers: [heard] });
    const { meta } = await items.create({ name: "a" });
    await items.update(meta.resourceId, { name: "a" });
    expect(heard.log.slice(3)).toEqual(["update.before Item", "update.onSuccess Item", "update.after Item"]);
    expect(await heard.events.at(-1)?.changedPaths()).toEqual([]);
  });
});

describe("handlers that call each other without end", () => {
  it("are stopped", async () => {
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      hooks: { beforeCreate: (event) => event.resource("Item").create({ name: "a" }) },
    });
    await expect(items.create({ name: "a" })).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(await items.count()).toBe(0);
  });
});

describe("the order of handlers", () => {
  it("is the gateway's, then the model's; of each the hooks, then the handlers, in list order", async () => {
    const log: string[] = [];
    const note = (name: string) => () => void log.push(name);
    await using open = openGateway({
      hooks: { beforeCreate: [note("gateway hook 1"), note("gateway hook 2")] },
      handlers: on(note("gateway handler")).before("create"),
    });
    const items = open.gateway.addModel("Item", item, {
      handlers: on([note("model handler 1"), note("model handler 2")]).before("create"),
      hooks: { beforeCreate: note("model hook") },
    });
    await items.create({ name: "a" });
    expect(log).toEqual([
      ...["gateway hook 1", "gateway hook 2", "gateway handler"],
      ...["model hook", "model handler 1", "model handler 2"],
    ]);
  });

  it("waits for each", async () => {
    const log: string[] = [];
    await using open = openGateway();
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      log.push("slow");
    };
    const items = open.gateway.addModel("Item", item, {
      hooks: { beforeCreate: [slow, () => void log.push("quick")] },
    });
    await items.create({ name: "a" });
    expect(log).toEqual(["slow", "quick"]);
  });
});
