import { describe, expect, it } from "vitest";
import { binary, ref, z } from "../../../src/index.ts";
import { memoryBlobStore } from "../../../src/stores/blob/drivers/memory.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import { memoryPayloadStore } from "../../../src/stores/payload/drivers/memory.ts";
import { openGateway, recorder } from "./recorder.ts";

const item = z.object({ name: z.string(), level: z.number().int().default(0) });

function openStores(options: Parameters<typeof openGateway>[0] = {}) {
  const stores = { meta: memoryMetaStore(), payload: memoryPayloadStore(), blob: memoryBlobStore() };
  const held = async () => {
    let payloads = 0;
    let blobs = 0;
    for await (const _payload of stores.payload.list()) payloads++;
    for await (const _blob of stores.blob.list()) blobs++;
    return { seq: await stores.meta.lastSeq(), payloads, blobs };
  };
  const open = openGateway({ ...stores, ...options });
  return { ...open, held, [Symbol.asyncDispose]: () => open.gateway.close() };
}

describe("a dry run", () => {
  it("answers what every verb would, and stores nothing", async () => {
    await using open = openStores();
    const items = open.gateway.addModel("Item", item);
    const dryRun = true;
    const made = await items.create({ name: "a" }, { dryRun, resourceId: "item:1" });
    expect(made).toMatchObject({
      meta: { resourceId: "item:1", totalRevisionCount: 1 },
      data: { name: "a", level: 0 },
    });
    expect(await open.held()).toEqual({ seq: 0, payloads: 0, blobs: 0 });
    await items.create({ name: "a" }, { resourceId: "item:1" });
    await items.update("item:1", { name: "b" });
    await items.create({ name: "draft" }, { resourceId: "item:2", status: "draft" });
    const before = await open.held();
    expect((await items.update("item:1", { name: "c" }, { dryRun })).meta.currentRevisionId).toBe("item:1:3");
    expect((await items.upsert("item:1", { name: "c" }, { dryRun })).data.name).toBe("c");
    expect((await items.upsert("item:9", { name: "c" }, { dryRun })).meta.totalRevisionCount).toBe(1);
    expect((await items.patch("item:1", [{ op: "replace", path: "/level", value: 2 }], { dryRun })).data.level).toBe(2);
    expect((await items.modify("item:2", { data: { name: "e" } }, { dryRun })).data.name).toBe("e");
    expect((await items.switch("item:1", "item:1:1", { dryRun })).data.name).toBe("a");
    expect((await items.delete("item:1", { dryRun })).isDeleted).toBe(true);
    expect(await items.purge("item:1", { dryRun })).toEqual({ resourceId: "item:1" });
    await items.delete("item:2");
    expect((await items.restore("item:2", { dryRun })).isDeleted).toBe(false);
    expect(await open.held()).toEqual({ ...before, seq: before.seq + 1 });
    expect((await items.get("item:1")).data.name).toBe("b");
  });

  it("refuses what would be refused", async () => {
    await using open = openStores();
    const zones = open.gateway.addModel("Zone", z.object({ name: z.string() }), { unique: [["name"]] });
    const kept = open.gateway.addModel(
      "Kept",
      z.object({ zoneId: ref("Zone", { onDelete: "restrict", mustExist: true }) }),
    );
    const dryRun = true;
    const zone = (await zones.create({ name: "z" })).meta;
    await kept.create({ zoneId: zone.resourceId });
    const before = await open.held();
    const refused = async (write: Promise<unknown>) =>
      (
        (await write.then(
          () => ({}),
          (error) => error,
        )) as { code?: string }
      ).code;
    expect(await refused(zones.create({ name: "z" }, { dryRun }))).toBe("UNIQUE_VIOLATION");
    expect(await refused(zones.create({ name: "y" }, { dryRun, resourceId: zone.resourceId }))).toBe("RESOURCE_EXISTS");
    expect(await refused(zones.delete(zone.resourceId, { dryRun }))).toBe("REFERENCE_RESTRICTED");
    expect(await refused(zones.update(zone.resourceId, { name: "y" }, { dryRun, ifMatch: "x" }))).toBe(
      "PRECONDITION_FAILED",
    );
    expect(await refused(kept.create({ zoneId: "zone:none" }, { dryRun }))).toBe("VALIDATION_FAILED");
    expect(await refused(zones.update("zone:none", { name: "x" }, { dryRun }))).toBe("RESOURCE_NOT_FOUND");
    expect(await refused(zones.create({ name: "y" }, { dryRun }))).toBeUndefined();
    expect(await open.held()).toEqual(before);
  });

  it("carries out cascades, and fires the events of everything with dryRun", async () => {
    const heard = recorder();
    await using open = openStores({ handlers: [heard] });
    const zones = open.gateway.addModel("Zone", z.object({ name: z.string() }));
    const monsters = open.gateway.addModel("Monster", z.object({ zoneId: ref("Zone", { onDelete: "cascade" }) }));
    const { meta } = await zones.create({ name: "z" });
    await monsters.create({ zoneId: meta.resourceId });
    heard.events.length = 0;
    const before = await open.held();
    await zones.delete(meta.resourceId, { dryRun: true });
    expect(heard.events.map(({ action, phase, model, dryRun }) => [action, phase, model, dryRun])).toEqual([
      ["delete", "before", "Zone", true],
      ["delete", "before", "Monster", true],
      ["delete", "onSuccess", "Monster", true],
      ["delete", "after", "Monster", true],
      ["delete", "onSuccess", "Zone", true],
      ["delete", "after", "Zone", true],
    ]);
    expect(await open.held()).toEqual(before);
  });

  it("stores nothing of what handlers write by the event, in any phase; and a rehearsal in a handler stays one", async () => {
    const write = async (event: { resource(name: string): { create(data: object): Promise<unknown> } }) => {
      await event.resource("Entry").create({ text: "x" });
    };
    await using open = openStores();
    const entries = open.gateway.addModel("Entry", z.object({ text: z.string() }));
    const items = open.gateway.addModel("Item", item, { hooks: { beforeCreate: write, onSuccessCreate: write } });
    await items.create({ name: "a" }, { dryRun: true });
    expect(await open.held()).toMatchObject({ seq: 0, payloads: 0 });
    const rehearsing = open.gateway.addModel("Other", item, {
      hooks: { beforeCreate: (event) => event.resource("Entry").create({ text: "x" }, { dryRun: true }) },
    });
    await rehearsing.create({ name: "a" });
    expect([await entries.count(), await rehearsing.count()]).toEqual([0, 1]);
  });

  it("keeps no blob, and says what it would be called", async () => {
    await using open = openStores();
    const files = open.gateway.addModel("File", z.object({ content: binary() }));
    const content = () => ({ content: { base64: { data: "aGVsbG8=" } } });
    const dry = await files.create(content(), { dryRun: true });
    const streamed = await files.create({ content: { file: new Blob(["hello"]) } }, { dryRun: true });
    expect(await open.held()).toEqual({ seq: 0, payloads: 0, blobs: 0 });
    const real = await files.create(content());
    expect(dry.data.content.fileId).toBe(real.data.content.fileId);
    expect(streamed.data.content).toEqual(real.data.content);
  });
});

describe("files and handlers", () => {
  it("a file that comes once is stored, though handlers go over the input", async () => {
    await using open = openStores();
    async function* once() {
      yield Buffer.from("hello");
    }
    const files = open.gateway.addModel("File", z.object({ name: z.string(), content: binary() }), {
      hooks: { beforeCreate: (event) => void ((event.input.data as { name: string }).name += "!") },
    });
    const { data } = await files.create({ name: "a", content: { file: once() } });
    expect(data).toMatchObject({ name: "a!", content: { size: 5 } });
    expect((await open.held()).blobs).toBe(1);
  });
});
