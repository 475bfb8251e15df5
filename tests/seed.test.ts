/** The example's data, on a first start that is cut off: on the built package, as the example runs. */
import { expect, it } from "vitest";
import { createGateway } from "weft";
import { Country } from "../schema/country.ts";
import { Currency } from "../schema/currency.ts";
import { Hero } from "../schema/hero.ts";
import { Language } from "../schema/language.ts";
import { seed, seedChanges } from "../schema/seed.ts";
import { TodoItem } from "../schema/todo-item.ts";
import { memoryMetaStore } from "../src/stores/meta/drivers/memory.ts";
import type { MetaStore } from "../src/stores/meta/meta-store.ts";
import { memoryPayloadStore } from "../src/stores/payload/drivers/memory.ts";

it("is made whole by the next start, each resource once, and is left alone then", { timeout: 60_000 }, async () => {
  const meta = { ...memoryMetaStore(), close: async () => {} };
  const payload = { ...memoryPayloadStore(), close: async () => {} };
  const listen = async (store: MetaStore) => {
    const gateway = createGateway({ meta: store, payload, blob: "memory:", logLevel: "silent", seed, seedChanges });
    for (const [name, schema] of Object.entries({ Country, Currency, Language, Hero })) gateway.addModel(name, schema);
    const todos = gateway.addModel("TodoItem", TodoItem, { defaultStatus: "draft" });
    try {
      await gateway.listen({ port: 0 });
      return (await todos.revisions("todo-item:welcome")).edges.map(({ node }) => node.status);
    } finally {
      await gateway.close();
    }
  };
  for (const commits of [100, seedChanges - 2, seedChanges - 1]) {
    const cutOff: MetaStore = {
      ...meta,
      commit: async (commit) => {
        if ((await meta.lastSeq()) >= commits) throw new Error("cut off");
        return await meta.commit(commit);
      },
    };
    await expect(listen(cutOff)).rejects.toThrow("cut off");
    expect(await meta.lastSeq()).toBeLessThan(seedChanges);
  }
  expect(await listen(meta)).toEqual(["draft", "stable"]);
  expect(await meta.lastSeq()).toBe(seedChanges);
  expect(await listen(meta)).toEqual(["draft", "stable"]);
  expect(await meta.lastSeq()).toBe(seedChanges);
});
