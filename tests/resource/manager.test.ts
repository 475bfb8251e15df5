import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { binary } from "../../src/model/binary.ts";
import type { Resource } from "../../src/resource/resource.ts";
import { memoryPayloadStore } from "../../src/stores/payload/drivers/memory.ts";
import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";
import { openModel } from "./open-model.ts";

const hero = z.object({
  name: z.string(),
  level: z.number().int().default(1),
  born: z.date().nullish(),
  gold: z.bigint().default(0n),
  artifacts: z.array(z.object({ id: z.number().int(), power: z.number() })).default([]),
});
const options = { indexedFields: ["name", "level"] };

describe("the manager", () => {
  it("takes the schema's input type and gives its output type, without a cast", async () => {
    const { manager } = openModel("Hero", hero, options);
    const created = await manager.create({ name: "Ada" });
    expectTypeOf(created).toEqualTypeOf<Resource<z.output<typeof hero>>>();
    expectTypeOf(manager.create).parameter(0).toEqualTypeOf<z.input<typeof hero>>();
    const born = new Date("2020-02-03T04:05:06.789Z");
    const { data } = await manager.update(created.meta.resourceId, { name: "Ada", born, gold: 2n ** 70n });
    expect(data).toEqual({ name: "Ada", level: 1, born, gold: 2n ** 70n, artifacts: [] });
    expect((await manager.get(created.meta.resourceId)).data).toEqual(data);
  });

  it("shows the meta of a resource without what only the stores need of its head", async () => {
    const { manager } = openModel("Hero", hero, options);
    const { meta } = await manager.create({ name: "Ada" });
    const deleted = await manager.delete(meta.resourceId);
    for (const shown of [meta, deleted]) {
      expect(shown.indexedData).toEqual({ name: "Ada", level: 1 });
      expect(Object.keys(shown)).not.toContain("payload");
      expect(Object.keys(shown)).not.toContain("indexFingerprint");
    }
  });

  it("reads parts", async () => {
    const { manager } = openModel("Hero", hero, options);
    const artifacts = [1, 2, 3].map((id) => ({ id, power: id * 1.5 }));
    const { meta } = await manager.create({ name: "Ada", artifacts });
    expect(await manager.getPartial(meta.resourceId, ["name", "artifacts/1:/power"])).toEqual({
      name: "Ada",
      artifacts: [{ power: 3 }, { power: 4.5 }],
    });
    const [found] = await manager.search({}, { partial: ["level"] });
    expect(found?.data).toEqual({ level: 1 });
    await expect(manager.getPartial(meta.resourceId, ["artifacts/x/id"])).rejects.toMatchObject({
      code: "PARTIAL_PATH_INVALID",
    });
  });

  it("searches and counts by indexed fields and meta", async () => {
    const { manager } = openModel("Hero", hero, options);
    for (const level of [1, 5, 9]) await manager.as(`u${level}`).create({ name: `h${level}`, level });
    const above = [{ condition: { fieldPath: "level", operator: "GT", value: 1 } }];
    const sorts = [{ data: { fieldPath: "level", direction: "DESC" } }] as const;
    expect((await manager.search({ conditions: above, sorts })).map(({ data }) => data.name)).toEqual(["h9", "h5"]);
    expect(await manager.count({ createdBys: ["u1", "u9"], limit: 1 })).toBe(2);
    await expect(
      manager.count({ conditions: [{ condition: { fieldPath: "gold", operator: "EQ", value: 1 } }] }),
    ).rejects.toMatchObject({
      code: "FIELD_NOT_INDEXED",
    });
  });

  it("pages through revisions, newest first, both ways", async () => {
    const { manager } = openModel("Hero", hero, options);
    const { meta } = await manager.create({ name: "0" });
    for (let n = 1; n < 12; n++) await manager.update(meta.resourceId, { name: String(n) });
    const numbers = (page: Awaited<ReturnType<typeof manager.revisions>>) =>
      page.edges.map(({ node }) => Number(node.revisionId.split(":").at(-1)));
    const first = await manager.revisions(meta.resourceId, { first: 5 });
    expect(numbers(first)).toEqual([12, 11, 10, 9, 8]);
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await manager.revisions(meta.resourceId, { first: 5, after: first.pageInfo.endCursor });
    expect(numbers(second)).toEqual([7, 6, 5, 4, 3]);
    const last = await manager.revisions(meta.resourceId, { last: 3 });
    expect(numbers(last)).toEqual([3, 2, 1]);
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect(numbers(await manager.revisions(meta.resourceId, { last: 2, before: last.pageInfo.startCursor }))).toEqual([
      5, 4,
    ]);
    await expect(manager.revisions("hero:none")).rejects.toMatchObject({ code: "RESOURCE_NOT_FOUND" });
  });

  it("tells the difference between revisions as a patch that makes it", async () => {
    const { manager } = openModel("Hero", hero, options);
    const { meta } = await manager.create({ name: "a", artifacts: [{ id: 1, power: 1 }] });
    const { resourceId } = meta;
    await manager.update(resourceId, { name: "b", artifacts: [] });
    const patch = await manager.diff(resourceId, `${resourceId}:1`);
    await manager.switch(resourceId, `${resourceId}:1`);
    const { data } = await manager.patch(resourceId, patch);
    expect(data).toMatchObject({ name: "b", artifacts: [] });
    await expect(manager.diff(resourceId, `${resourceId}:9`)).rejects.toMatchObject({ code: "REVISION_NOT_FOUND" });
    await expect(manager.diff(resourceId, "hero:other:1")).rejects.toMatchObject({ code: "REVISION_NOT_FOUND" });
  });

  it("follows changes with the state each left", async () => {
    const { manager } = openModel("Hero", hero, options);
    const { meta } = await manager.create({ name: "a" }, { status: "DRAFT" });
    await manager.modify(meta.resourceId, { data: { name: "b" } });
    await manager.modify(meta.resourceId, { status: "STABLE" });
    await manager.delete(meta.resourceId);
    const seen = [];
    for await (const change of manager.changes({ after: "0" })) {
      seen.push([change.action, change.changedPaths, change.resource?.data.name, change.resource?.revision.status]);
      if (seen.length === 4) break;
    }
    expect(seen).toEqual([
      ["create", [""], "a", "draft"],
      ["modify", ["/name"], "b", "draft"],
      ["modify", [], "b", "stable"],
      ["delete", [], "b", "stable"],
    ]);
    await manager.purge(meta.resourceId);
    const after = [];
    for await (const change of manager.changes({ after: "0" })) {
      after.push([change.action, change.changedPaths, change.resource]);
      if (after.length === 5) break;
    }
    expect(after).toEqual([
      ["create", [""], null],
      ["modify", [], null],
      ["modify", [], null],
      ["delete", [], null],
      ["purge", [""], null],
    ]);
  });

  it("removes every byte of a purged resource, drafts' earlier editions included", async () => {
    const inner = memoryPayloadStore();
    const keys = new Set<string>();
    const payload: PayloadStore = {
      ...inner,
      put: async (key, bytes) => {
        keys.add(key);
        await inner.put(key, bytes);
      },
      delete: async (gone) => {
        for (const key of gone) keys.delete(key);
        await inner.delete(gone);
      },
    };
    const { manager } = openModel("Hero", hero, { ...options, services: { payload } });
    const { meta } = await manager.create({ name: "a" }, { status: "draft" });
    await manager.modify(meta.resourceId, { data: { name: "b" } });
    await manager.update(meta.resourceId, { name: "c" });
    expect(keys.size).toBe(3);
    await manager.purge(meta.resourceId);
    expect(keys.size).toBe(0);
    const again = await manager.create({ name: "d" }, { resourceId: meta.resourceId });
    expect(again.revision.revisionId).toBe(`${meta.resourceId}:1`);
    expect(again.meta.etag).not.toBe(meta.etag);
  });

  it("answers PAYLOAD_CORRUPT for bytes that are not what was written, and lets an update mend it", async () => {
    const inner = memoryPayloadStore();
    let isDamaged = false;
    const payload: PayloadStore = {
      ...inner,
      async get(key) {
        const bytes = await inner.get(key);
        return isDamaged && bytes ? bytes.map((byte, index) => (index === 3 ? byte ^ 1 : byte)) : bytes;
      },
    };
    const { manager } = openModel("Hero", hero, { ...options, services: { payload } });
    const { meta } = await manager.create({ name: "a" });
    isDamaged = true;
    await expect(manager.get(meta.resourceId)).rejects.toMatchObject({ code: "PAYLOAD_CORRUPT" });
    await manager.update(meta.resourceId, { name: "b" });
    isDamaged = false;
    expect((await manager.get(meta.resourceId)).data.name).toBe("b");
  });

  it("stores payloads as JSON where asked, with the same values", async () => {
    const { manager, services } = openModel("Hero", hero, { ...options, encoding: "json" });
    const { meta } = await manager.create({ name: "a", gold: 5n });
    const [head] = await services.meta.heads([meta.resourceId]);
    const bytes = await services.payload.get(head?.payload.key ?? "");
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual({ name: "a", level: 1, gold: "5", artifacts: [] });
    expect((await manager.get(meta.resourceId)).data.gold).toBe(5n);
  });

  it("keeps equal content as it is, whatever encoding it is stored in", async () => {
    const { manager } = openModel("Hero", hero, options);
    const { meta } = await manager.create({ name: "a" });
    const same = await manager.update(meta.resourceId, { name: "a", level: 1 });
    expect(same.meta.etag).toBe(meta.etag);
    const flipped = await manager.patch(meta.resourceId, [], { status: "draft" });
    expect(flipped.revision).toMatchObject({ revisionId: `${meta.resourceId}:1`, status: "draft" });
    expect(flipped.meta.etag).not.toBe(meta.etag);
  });

  it("guards stable revisions", async () => {
    const { manager } = openModel("Hero", hero, options);
    const { meta } = await manager.create({ name: "a" });
    const id = meta.resourceId;
    await expect(manager.modify(id, { data: { name: "b" } })).rejects.toMatchObject({
      code: "STABLE_REVISION_IMMUTABLE",
    });
    await expect(manager.modify(id, {})).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
    await expect(manager.modify(id, { data: { name: "b" }, patch: [] })).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
    });
    const reopened = await manager.modify(id, {
      patch: [{ op: "replace", path: "/name", value: "b" }],
      status: "draft",
    });
    expect(reopened).toMatchObject({ revision: { revisionId: `${id}:1`, status: "draft" }, data: { name: "b" } });
  });

  it("keeps files of a binary field, and opens none by an id that stands for nothing", async () => {
    const schema = z.object({ name: z.string(), photo: binary().nullish() });
    const { manager, services } = openModel("Person", schema);
    const data = Buffer.from("hello").toString("base64");
    const { meta, data: stored } = await manager.create({
      name: "a",
      photo: { base64: { data, contentType: "text/plain" } },
    });
    expect(stored.photo).toMatchObject({ size: 5, contentType: "text/plain" });
    const fileId = stored.photo?.fileId ?? "";
    expect(await services.blob.size(fileId)).toBe(5);
    const renamed = await manager.patch(meta.resourceId, [{ op: "replace", path: "/name", value: "b" }]);
    expect(renamed.data.photo).toEqual(stored.photo);
    const stolen = manager.create({ name: "thief", photo: { fileId: "0".repeat(64) } });
    await expect(stolen).rejects.toMatchObject({ code: "BLOB_NOT_FOUND" });
    await expect(manager.create({ name: "a", photo: { base64: { data: "not base64!" } } })).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
    });
  });
});
