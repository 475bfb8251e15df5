/** Masks of policies: fields that are not shown, and fields that are not written. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { WeftError } from "../../../src/base/errors.ts";
import type { FieldMask, PolicyChains } from "../../../src/resource/policy.ts";
import { openModel } from "../open-model.ts";

const schema = z.object({
  name: z.string(),
  salary: z.number().int(),
  home: z.object({ city: z.string(), street: z.string() }),
  jobs: z.array(z.object({ title: z.string(), pay: z.number() })).default([]),
  note: z.string().nullish(),
});
const person = {
  name: "Ann",
  salary: 4711,
  home: { city: "Bern", street: "Hidden Lane" },
  jobs: [{ title: "cook", pay: 815 }],
};

function open(fields: { read?: FieldMask; write?: FieldMask }, more: PolicyChains = {}) {
  const { manager } = openModel("Person", schema, {
    indexedFields: ["name", "salary", "home.city", "home.street"],
    model: { policies: { universal: [() => ({ fields })], ...more } },
  });
  return { manager, root: manager.asRoot() };
}

const errorOf = async (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error) => (error instanceof WeftError ? `${error.code} ${error.details.path ?? ""}`.trim() : String(error)),
  );

const secret: FieldMask = { except: ["salary", "home.street", "jobs.pay"] };

describe("fields that are not shown", () => {
  it("are in no document, no part of one, no index, no difference and no hash", async () => {
    const { manager, root } = open({ read: secret });
    const { meta } = await root.create(person);
    const { resourceId } = meta;
    await root.update(resourceId, { ...person, salary: 4712, name: "Anne" });
    const { data, meta: shown, revision } = await manager.get(resourceId);
    expect(data).toEqual({ name: "Anne", home: { city: "Bern" }, jobs: [{ title: "cook" }] });
    expect(shown.indexedData).toEqual({ name: "Anne", "home.city": "Bern" });
    expect(revision.dataHash).toBe("");
    const { edges } = await manager.revisions(resourceId);
    expect(edges.map(({ node }) => node.dataHash)).toEqual(["", ""]);
    expect(await manager.diff(resourceId, `${resourceId}:1`)).toEqual([
      { op: "replace", path: "/name", value: "Anne" },
    ]);
    const paths = ["salary", "home", "jobs/-/pay", "name"];
    expect(await manager.getPartial(resourceId, paths)).toEqual({ name: "Anne", home: { city: "Bern" }, jobs: [{}] });
    const [found] = await manager.search({}, { partial: ["salary", "name"] });
    expect(found?.data).toEqual({ name: "Anne" });
  });

  it("say what is shown where the mask names that", async () => {
    const { manager, root } = open({ read: { only: ["name", "home.city"] } });
    const { meta } = await root.create(person);
    expect((await manager.get(meta.resourceId)).data).toEqual({ name: "Ann", home: { city: "Bern" } });
  });

  it("add up over policies", async () => {
    const { manager, root } = open(
      { read: { except: ["salary"] } },
      { getOne: [() => ({ fields: { read: { only: ["name", "salary", "home"] } } })] },
    );
    const { meta } = await root.create(person);
    expect((await manager.get(meta.resourceId)).data).toEqual({ name: "Ann", home: person.home });
    const [{ data } = { data: undefined }] = await manager.search();
    expect(data).toEqual({ name: "Ann", home: person.home, jobs: person.jobs });
  });

  it("cannot be asked by, neither in conditions nor in orders", async () => {
    const { manager, root } = open({ read: secret });
    await root.create(person);
    const leaf = { condition: { fieldPath: "salary", operator: "gt", value: 1 } } as const;
    const group = { group: { operator: "NOT", conditions: [leaf] } } as const;
    expect(await errorOf(manager.search({ conditions: [group] }))).toBe("FORBIDDEN salary");
    expect(await errorOf(manager.count({ dataConditions: [leaf] }))).toBe("FORBIDDEN salary");
    expect(await errorOf(manager.search({ sorts: [{ data: { fieldPath: "home.street", direction: "ASC" } }] }))).toBe(
      "FORBIDDEN home.street",
    );
    expect(
      await manager.count({ conditions: [{ condition: { fieldPath: "home.city", operator: "eq", value: "Bern" } }] }),
    ).toBe(1);
  });

  it("cannot be asked by through a list that holds them", async () => {
    const { manager } = openModel("Person", schema, {
      indexedFields: ["jobs"],
      model: { policies: { universal: [() => ({ fields: { read: secret } })] } },
    });
    await manager.asRoot().create(person);
    const leaf = {
      condition: { fieldPath: "jobs", operator: "contains", value: { title: "cook", pay: 815 } },
    } as const;
    expect(await errorOf(manager.search({ conditions: [leaf] }))).toBe("FORBIDDEN jobs");
    expect((await manager.search()).map(({ meta }) => meta.indexedData)).toEqual([{}]);
  });

  it("keep what they hold where the rest is replaced", async () => {
    const { manager, root } = open({ read: { except: ["salary", "home.street", "note"] } });
    const { meta } = await root.create({ ...person, note: "n" });
    const data = { name: "Bea", home: { city: "Basel" }, jobs: [] } as unknown as typeof person;
    await manager.update(meta.resourceId, data);
    expect((await root.get(meta.resourceId)).data).toEqual({
      name: "Bea",
      salary: 4711,
      home: { city: "Basel", street: "Hidden Lane" },
      jobs: [],
      note: "n",
    });
    await manager.update(meta.resourceId, { ...data, salary: 1 });
    expect((await root.get(meta.resourceId)).data.salary).toBe(1);
  });

  it("cannot be replaced along with what contains them, nor be taken away with it", async () => {
    const { manager, root } = open({ read: secret });
    const { meta } = await root.create(person);
    const { resourceId } = meta;
    const data = { name: "Ann", home: { city: "Bern" } } as unknown as typeof person;
    expect(await errorOf(manager.update(resourceId, { ...data, jobs: [{ title: "cook", pay: 1 }] }))).toBe(
      "FORBIDDEN jobs",
    );
    expect((await manager.update(resourceId, data)).data.jobs).toEqual([{ title: "cook" }]);
    expect((await root.get(resourceId)).data).toEqual(person);
  });

  it("can be given a value by patch, and not be tested, copied, removed or replaced with what contains them", async () => {
    const { manager, root } = open({ read: secret });
    const { meta } = await root.create(person);
    const { resourceId } = meta;
    const tries = [
      { op: "test", path: "/salary", value: 4711 },
      { op: "copy", from: "/salary", path: "/note" },
      { op: "move", from: "/home/street", path: "/name" },
      { op: "remove", path: "/salary" },
      { op: "replace", path: "", value: person },
      { op: "replace", path: "/home", value: { city: "x", street: "y" } },
      { op: "test", path: "/jobs/0/pay", value: 815 },
      { op: "remove", path: "/jobs/0" },
      { op: "copy", from: "/home", path: "/note" },
    ] as const;
    for (const operation of tries) expect(await errorOf(manager.patch(resourceId, [operation]))).toMatch(/^FORBIDDEN/);
    await manager.patch(resourceId, [{ op: "add", path: "/salary", value: 5 }]);
    await manager.patch(resourceId, [{ op: "add", path: "/home/street", value: "s" }]);
    expect((await root.get(resourceId)).data).toEqual({ ...person, salary: 5, home: { city: "Bern", street: "s" } });
  });

  it("are in no answer to the one who has written them", async () => {
    const { manager } = open({}, { getOne: [() => ({ fields: { read: { except: ["salary"] } } })] });
    const created = await manager.create(person);
    expect("salary" in created.data).toBe(false);
    expect("salary" in created.meta.indexedData).toBe(false);
  });

  it("are all of them where the writer may not read", async () => {
    const { manager, root } = open({}, { getOne: [() => false] });
    const { meta, data } = await manager.create(person);
    expect([data, meta.indexedData]).toEqual([{}, {}]);
    expect((await root.get(meta.resourceId)).data).toEqual(person);
  });
});

describe("fields that are not written", () => {
  const fields = { write: { except: ["salary", "home.street"] } } as const;

  it("are refused where they are given, and keep what they hold where they are left out", async () => {
    const { manager, root } = open(fields);
    const { meta } = await root.create(person);
    const { resourceId } = meta;
    expect(await errorOf(manager.create(person))).toBe("FORBIDDEN salary");
    expect(await errorOf(manager.update(resourceId, person))).toBe("FORBIDDEN salary");
    const street = { name: "x", home: { city: "Bern", street: "y" } } as unknown as typeof person;
    expect(await errorOf(manager.update(resourceId, street))).toBe("FORBIDDEN home.street");
    const data = { name: "Bea", home: { city: "Basel" } } as unknown as typeof person;
    const { data: updated } = await manager.update(resourceId, data);
    expect(updated).toEqual({ name: "Bea", salary: 4711, home: { city: "Basel", street: "Hidden Lane" }, jobs: [] });
    await manager.modify(resourceId, { status: "draft" });
    expect(await errorOf(manager.modify(resourceId, { data: person }))).toBe("FORBIDDEN salary");
    expect((await manager.modify(resourceId, { data })).data.salary).toBe(4711);
  });

  it("are refused by patch, and by a switch to a revision that holds others", async () => {
    const { manager, root } = open(fields);
    const { meta } = await root.create(person);
    const { resourceId, currentRevisionId } = meta;
    expect(await errorOf(manager.patch(resourceId, [{ op: "replace", path: "/salary", value: 1 }]))).toBe(
      "FORBIDDEN salary",
    );
    expect(await errorOf(manager.patch(resourceId, [{ op: "remove", path: "/home" }]))).toBe("FORBIDDEN home");
    await manager.patch(resourceId, [{ op: "replace", path: "/name", value: "Bea" }]);
    await manager.switch(resourceId, currentRevisionId);
    await root.update(resourceId, { ...person, salary: 1 });
    expect(await errorOf(manager.switch(resourceId, currentRevisionId))).toBe("FORBIDDEN salary");
  });
});
