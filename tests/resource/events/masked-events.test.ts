/** Events under policies that hide and narrow. */
import { describe, expect, it } from "vitest";
import { type PolicyChains, type Resource, type ResourceEvent, z } from "../../../src/index.ts";
import { ask } from "../../faces/ask.ts";
import { openGateway, recorder } from "./recorder.ts";

const item = z.object({ name: z.string(), secret: z.string().default("s"), level: z.number().int().default(0) });
const masked: PolicyChains = { universal: [() => ({ fields: { read: { except: ["secret"] } } })] };

describe("events of who may not see everything", () => {
  it("have results as the actor may see them, and the old state as it is", async () => {
    const seen: unknown[] = [];
    const look = async (event: ResourceEvent) => {
      const result = (await event.result()) as Resource<unknown>;
      seen.push([event.action, result.data, (await event.old())?.data ?? null]);
    };
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      policies: masked,
      hooks: { onSuccessCreate: look, onSuccessUpdate: look, onSuccessGetOne: look },
    });
    const { meta } = await items.create({ name: "a" });
    await items.asRoot().update(meta.resourceId, { name: "b", secret: "t" });
    await items.update(meta.resourceId, { name: "c" });
    await items.get(meta.resourceId);
    expect(seen).toEqual([
      ["create", { name: "a", level: 0 }, null],
      ["update", { name: "b", secret: "t", level: 0 }, { name: "a", secret: "s", level: 0 }],
      ["update", { name: "c", level: 0 }, { name: "b", secret: "t", level: 0 }],
      ["getOne", { name: "c", level: 0 }, null],
    ]);
    expect((await items.asRoot().get(meta.resourceId)).data.secret).toBe("t");
  });

  it("show nothing more, whatever handlers have changed", async () => {
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      policies: masked,
      hooks: {
        onSuccessGetOne: async (event) => {
          const { data } = (await event.result()) as Resource<Record<string, unknown>>;
          Object.assign(data, { name: "changed", secret: "put back" });
        },
      },
    });
    const { meta } = await items.create({ name: "a" });
    expect((await items.get(meta.resourceId)).data).toEqual({ name: "changed", level: 0 });
    const answer = await ask(open.gateway, `{ item(resourceId: "${meta.resourceId}") { data { name secret } } }`);
    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(["FORBIDDEN"]);
  });

  it("of what is hidden from the actor there are none", async () => {
    const heard = recorder();
    await using open = openGateway({ handlers: [heard] });
    const items = open.gateway.addModel("Item", item, {
      indexedFields: ["level"],
      policies: {
        update: [() => ({ where: { level: { gt: 0 } } })],
        getOne: [() => ({ where: { level: { gt: 0 } } })],
      },
    });
    const { meta } = await items.asRoot().create({ name: "a" });
    heard.log.length = 0;
    await expect(items.update(meta.resourceId, { name: "b" })).rejects.toMatchObject({ code: "RESOURCE_NOT_FOUND" });
    expect(heard.log).toEqual([]);
  });
});
