/** What readers tell the payload store of what they read, so that caches before it know how long to keep it. */
import { expect, it } from "vitest";
import { z } from "zod";
import { reindexModel } from "../../src/features/reindex/reindex.ts";
import { createPayloadCache } from "../../src/resource/payload-cache.ts";
import { memoryPayloadStore } from "../../src/stores/payload/drivers/memory.ts";
import type { PayloadStore, ReadHint } from "../../src/stores/payload/payload-store.ts";
import { openModel } from "./open-model.ts";

const schema = z.object({ title: z.string(), text: z.string() });

/** A model on a store that notes the hints of reads. */
function open(cacheBytes = 0, inner = memoryPayloadStore()) {
  let hints: (ReadHint | undefined)[] = [];
  const payload: PayloadStore = {
    ...inner,
    get(key, hint) {
      hints.push(hint);
      return inner.get(key, hint);
    },
    getRanges(key, ranges, hint) {
      hints.push(hint);
      return inner.getRanges(key, ranges, hint);
    },
  };
  const payloadCache = createPayloadCache(cacheBytes);
  return {
    ...openModel("Note", schema, { services: { payload, payloadCache } }),
    /** Since the last time. */
    hints() {
      const given = hints;
      hints = [];
      return given;
    },
  };
}

const large = "large ".repeat(20_000);

it.each(["short", large])(
  "what a draft holds is read as short-lived, what a stable revision holds is not",
  async (text) => {
    const { manager, hints } = open();
    const { resourceId } = (await manager.create({ title: "a", text }, { status: "draft" })).meta;
    await manager.modify(resourceId, { data: { title: "b", text } });
    hints();
    await manager.get(resourceId);
    await manager.getPartial(resourceId, ["title"]);
    expect(hints()).toEqual([{ isShortLived: true }, { isShortLived: true }]);
    await manager.modify(resourceId, { status: "stable" });
    await manager.update(resourceId, { title: "c", text });
    hints();
    await manager.get(resourceId);
    await manager.getPartial(resourceId, ["title"]);
    expect(hints()).toEqual([{}, {}]);
  },
);

it("keeps of reindexing, which goes through all payloads once, nothing in memory, and takes nothing from there", async () => {
  const { manager, model, services, hints } = open(10_000_000);
  const ids: string[] = [];
  for (const text of ["short", large]) ids.push((await manager.create({ title: "a", text })).meta.resourceId);
  const kept = ids.length;
  const definition = { ...model.definition, indexFingerprint: "another" };
  hints();
  let reindexed = 0;
  for await (const progress of reindexModel(services, { ...model, definition })) reindexed = progress.reindexed;
  expect(reindexed).toBe(kept);
  expect(hints()).toEqual([{ isOnce: true }, { isOnce: true }]);

  const other = open(10_000_000, services.payload);
  const afterwards = { ...services, payloadCache: other.services.payloadCache, payload: other.services.payload };
  for await (const _ of reindexModel(afterwards, {
    ...model,
    definition: { ...definition, indexFingerprint: "third" },
  }));
  for (const id of ids) {
    const [head] = await services.meta.heads([id]);
    const key = head?.payload.key ?? "";
    expect(services.payloadCache.get(key), "what was written").toBeDefined();
    expect(other.services.payloadCache.get(key) ?? other.services.payloadCache.parts(key)).toBeUndefined();
  }
});
