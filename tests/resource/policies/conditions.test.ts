/** Conditions of policies: what does not satisfy them is not there, whichever way it is asked for. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { WeftError } from "../../../src/base/errors.ts";
import type { PolicyChains } from "../../../src/resource/policy.ts";
import { openModel } from "../open-model.ts";

const schema = z.object({ title: z.string(), owner: z.string(), state: z.enum(["open", "shut"]).default("open") });

function open(policies: PolicyChains) {
  return openModel("Note", schema, { indexedFields: ["owner", "state", "title"], model: { policies } });
}

const own: PolicyChains = {
  universal: [({ actor }) => ({ where: { owner: { eq: typeof actor === "string" ? actor : "" } } })],
};

const codeOf = async (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error) => (error instanceof WeftError ? error.code : String(error)),
  );

describe("what an actor may not see", () => {
  it("is missing by id, in lists, counts, history, differences and parts", async () => {
    const { manager } = open(own);
    const ann = manager.as("ann");
    const bob = manager.as("bob");
    const { meta } = await ann.create({ title: "a", owner: "ann" });
    await ann.update(meta.resourceId, { title: "b", owner: "ann" });
    for (let i = 0; i < 12; i++) await bob.create({ title: `b${i}`, owner: "bob" });
    const { resourceId } = meta;
    expect((await ann.get(resourceId)).data.title).toBe("b");
    expect(await codeOf(bob.get(resourceId))).toBe("RESOURCE_NOT_FOUND");
    expect(await codeOf(bob.get(resourceId, { includeDeleted: true }))).toBe("RESOURCE_NOT_FOUND");
    expect(await codeOf(bob.get(resourceId, { revisionId: `${resourceId}:1` }))).toBe("RESOURCE_NOT_FOUND");
    expect(await codeOf(bob.revisions(resourceId))).toBe("RESOURCE_NOT_FOUND");
    expect(await codeOf(bob.diff(resourceId, `${resourceId}:1`))).toBe("RESOURCE_NOT_FOUND");
    expect(await codeOf(bob.getPartial(resourceId, ["title"]))).toBe("RESOURCE_NOT_FOUND");
    expect(await bob.count()).toBe(12);
    expect(await bob.search({ limit: 100 })).toHaveLength(12);
    expect(
      await bob.search({ conditions: [{ condition: { fieldPath: "owner", operator: "eq", value: "ann" } }] }),
    ).toEqual([]);
    expect(await ann.count()).toBe(1);
  });

  it("is missing to writers as well, whatever else is wrong", async () => {
    const { manager } = open(own);
    const { meta } = await manager.as("ann").create({ title: "a", owner: "ann" });
    const { resourceId } = meta;
    const bob = manager.as("bob");
    const data = { title: "x", owner: "bob" };
    const calls = [
      bob.update(resourceId, data),
      bob.update(resourceId, data, { ifMatch: "stale" }),
      bob.patch(resourceId, [{ op: "replace", path: "/title", value: "x" }]),
      bob.modify(resourceId, { status: "draft" }),
      bob.switch(resourceId, `${resourceId}:9`),
      bob.delete(resourceId),
      bob.restore(resourceId),
      bob.purge(resourceId),
      bob.upsert(resourceId, data),
    ];
    expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => "RESOURCE_NOT_FOUND"));
    expect((await manager.as("ann").get(resourceId)).data.title).toBe("a");
  });

  it("cannot be made by a write either", async () => {
    const { manager } = open(own);
    const ann = manager.as("ann");
    expect(await codeOf(ann.create({ title: "a", owner: "bob" }))).toBe("FORBIDDEN");
    const { meta } = await ann.create({ title: "a", owner: "ann" });
    expect(await codeOf(ann.update(meta.resourceId, { title: "a", owner: "bob" }))).toBe("FORBIDDEN");
    expect(await codeOf(ann.patch(meta.resourceId, [{ op: "replace", path: "/owner", value: "bob" }]))).toBe(
      "FORBIDDEN",
    );
    expect(await manager.asRoot().count()).toBe(1);
    expect((await ann.get(meta.resourceId)).data.owner).toBe("ann");
  });

  it("is not to be found in the history of what may be seen", async () => {
    const { manager } = open({ getOne: [() => ({ where: { state: { eq: "open" } } })] });
    const root = manager.asRoot();
    const { meta } = await root.create({ title: "secret", owner: "ann", state: "shut" });
    const { resourceId } = meta;
    await root.update(resourceId, { title: "b", owner: "ann" });
    await root.update(resourceId, { title: "secret too", owner: "ann", state: "shut" });
    await root.update(resourceId, { title: "c", owner: "ann" });
    const { edges, pageInfo } = await manager.revisions(resourceId, { first: 1 });
    const { edges: more } = await manager.revisions(resourceId, { first: 5, after: pageInfo.endCursor ?? "" });
    const { edges: oldest } = await manager.revisions(resourceId, { last: 1 });
    const idsOf = (page: typeof edges) => page.map(({ node }) => node.revisionId);
    expect([idsOf(edges), pageInfo.hasNextPage, idsOf(more), idsOf(oldest)]).toEqual([
      [`${resourceId}:4`],
      true,
      [`${resourceId}:2`],
      [`${resourceId}:2`],
    ]);
    expect(await codeOf(manager.get(resourceId, { revisionId: `${resourceId}:3` }))).toBe("REVISION_NOT_FOUND");
    expect(await codeOf(manager.diff(resourceId, `${resourceId}:1`))).toBe("REVISION_NOT_FOUND");
    expect((await manager.get(resourceId, { revisionId: `${resourceId}:2` })).data.title).toBe("b");
  });
});

describe("what an actor may see and not write", () => {
  it("is refused as forbidden, not as missing", async () => {
    const { manager } = open({ update: [() => ({ where: { state: { eq: "open" } } })], delete: [() => false] });
    const { meta } = await manager.create({ title: "a", owner: "ann", state: "shut" });
    expect(await codeOf(manager.update(meta.resourceId, { title: "b", owner: "ann" }))).toBe("FORBIDDEN");
    expect(await codeOf(manager.delete(meta.resourceId))).toBe("FORBIDDEN");
    expect((await manager.get(meta.resourceId)).data.title).toBe("a");
  });
});

describe("policies", () => {
  it("run universal ones first, then those of the action, in their order, and may rewrite the input", async () => {
    const log: string[] = [];
    const { manager } = open({
      create: [({ input }) => void ((input.data as { title: string }).title += "!"), () => void log.push("create")],
      universal: [({ action }) => void log.push(`first ${action}`), ({ action }) => void log.push(`second ${action}`)],
    });
    const data = { title: "a", owner: "ann" };
    const { data: stored } = await manager.create(data);
    expect(log.slice(0, 3)).toEqual(["first create", "second create", "create"]);
    expect([stored.title, data.title]).toEqual(["a!", "a"]);
  });

  it("are passed by as root only, and what root writes is the actor's", async () => {
    const { manager } = open({ universal: [() => false] });
    expect(await codeOf(manager.as("ann").create({ title: "a", owner: "ann" }))).toBe("FORBIDDEN");
    const { meta } = await manager.as("ann").asRoot().create({ title: "a", owner: "ann" });
    expect(meta.createdBy).toBe("ann");
    const { meta: nobodys } = await manager.as(null).asRoot().create({ title: "a", owner: "ann" });
    expect(nobodys.createdBy).toBe("root");
  });

  it("that ask for a field that is not indexed, or hide one that does not exist, let nothing pass", async () => {
    const { manager } = open({
      getMany: [() => ({ where: { nothing: { eq: 1 } } })],
      getOne: [() => ({ fields: { read: { except: ["nothing"] } } })],
    });
    const { meta } = await manager.asRoot().create({ title: "a", owner: "ann" });
    await expect(manager.search()).rejects.toThrow("a condition that cannot be used");
    await expect(manager.get(meta.resourceId)).rejects.toThrow("a mask names nothing");
  });

  it("of history are asked too where a revision is read by its id", async () => {
    const { manager } = open({ getRevision: [() => false], listRevisions: [() => false] });
    const { meta } = await manager.create({ title: "a", owner: "ann" });
    const { resourceId, currentRevisionId } = meta;
    expect((await manager.get(resourceId)).data.title).toBe("a");
    expect(await codeOf(manager.get(resourceId, { revisionId: currentRevisionId }))).toBe("FORBIDDEN");
    expect(await codeOf(manager.diff(resourceId, currentRevisionId))).toBe("FORBIDDEN");
    expect(await codeOf(manager.revisions(resourceId))).toBe("FORBIDDEN");
  });
});
