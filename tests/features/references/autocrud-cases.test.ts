/** AutoCRUD's cases of references (suite ref_on_delete), by id; those of referrers are in `referrers.test.ts`. Where a case says how to diverge, weft does that. */
import { describe, expect, it } from "vitest";
import { ConfigurationError, createGateway, ref, z } from "../../../src/index.ts";
import { createClaims } from "../../../src/model/claims.ts";
import { defineModel } from "../../../src/model/define.ts";
import type { ReferenceOptions } from "../../../src/model/reference.ts";
import { casesOf } from "../../cases/cases.ts";

interface Case {
  readonly id: string;
  readonly declare?: { readonly target: string; readonly ref_type?: string; readonly on_delete?: string };
  readonly expect: Readonly<Record<string, unknown>>;
  readonly recommend?: string;
}

const cases = casesOf<Case>("ref_on_delete");

/** In weft's words. */
const types: Readonly<Record<string, string>> = { resource_id: "resource", revision_id: "revision" };

function declared({ ref_type = "resource_id", on_delete }: NonNullable<Case["declare"]>) {
  const type = types[ref_type] ?? ref_type;
  const options = { type, ...(on_delete && { onDelete: on_delete }) } as ReferenceOptions;
  const schema = z.object({ zoneId: ref("Zone", options).nullable() });
  return defineModel({ modelName: "Monster", schema, claims: createClaims() }).references[0];
}

describe("declarations", () => {
  it.each(cases.filter(({ declare }) => declare))("$id", ({ declare, expect: wanted, recommend }) => {
    if (declare === undefined) throw new Error("filtered");
    if ("error" in wanted && recommend === undefined) {
      expect(() => declared(declare)).toThrow(ConfigurationError);
      return;
    }
    const field = declared(declare);
    const onDelete = recommend === undefined ? wanted.on_delete : declare.on_delete;
    const type = types[String(wanted.ref_type ?? "resource_id")];
    expect([field?.target, field?.onDelete, field?.type]).toEqual(["Zone", onDelete, type]);
  });
});

function open(options: ReferenceOptions) {
  const gateway = createGateway({
    meta: "memory:",
    payload: "memory:",
    blob: "memory:",
    logLevel: "silent",
    defaultUser: null,
    authenticate: ({ request }) => request.headers.get("x-actor"),
  });
  const targets = gateway.addModel("Target", z.object({ name: z.string() }));
  const sources = gateway.addModel(
    "Source",
    z.object({
      name: z.string(),
      targetId: ref("Target", options).nullish(),
      targetIds: z.array(ref("Target", options)).default([]),
    }),
  );
  return {
    gateway,
    targets: targets.as("ann"),
    sources: sources.as("ann"),
    [Symbol.asyncDispose]: () => gateway.close(),
  };
}

/** What each of them does. */
const told: Readonly<Record<string, () => Promise<void>>> = {
  async "set-null"() {
    await using world = open({ onDelete: "setNull" });
    const { resourceId } = (await world.targets.create({ name: "G" })).meta;
    const made = [resourceId, resourceId, null].map((targetId, i) => world.sources.create({ name: `M${i}`, targetId }));
    const ids = (await Promise.all(made)).map(({ meta }) => meta.resourceId);
    await world.targets.delete(resourceId);
    const left = await Promise.all(ids.map(async (id) => (await world.sources.get(id)).data.targetId));
    expect(left).toEqual([null, null, null]);
  },
  async dangling() {
    await using world = open({});
    const { resourceId } = (await world.targets.create({ name: "Z" })).meta;
    const { meta } = await world.sources.create({ name: "M1", targetId: resourceId });
    await world.targets.delete(resourceId);
    const left = await world.sources.get(meta.resourceId);
    expect([left.data.targetId, left.meta.isDeleted]).toEqual([resourceId, false]);
  },
  async "list-ref-cascade-not-applied"() {
    for (const onDelete of ["cascade", "setNull"] as const) {
      await using world = open({ onDelete });
      const { resourceId } = (await world.targets.create({ name: "S" })).meta;
      const { meta } = await world.sources.create({ name: "H", targetIds: [resourceId] });
      await world.targets.delete(resourceId);
      const left = await world.sources.get(meta.resourceId, { includeDeleted: true });
      expect([left.meta.isDeleted, left.data.targetIds]).toEqual(
        onDelete === "cascade" ? [true, [resourceId]] : [false, []],
      );
    }
  },
  async "permanent-delete-skips-integrity"() {
    await using world = open({ onDelete: "cascade" });
    const { resourceId } = (await world.targets.create({ name: "X" })).meta;
    const { meta } = await world.sources.create({ name: "Y", targetId: resourceId });
    await world.targets.purge(resourceId);
    expect((await world.sources.get(meta.resourceId, { includeDeleted: true })).meta.isDeleted).toBe(true);
  },
  async "no-existence-check-on-write"() {
    await using lax = open({});
    expect((await lax.sources.create({ name: "M", targetId: "target:none" })).data.targetId).toBe("target:none");
    await using strict = open({ mustExist: true });
    await expect(strict.sources.create({ name: "M", targetId: "target:none" })).rejects.toThrow("not valid");
  },
  async "cascade-over-http-without-default-user"() {
    await using world = open({ onDelete: "cascade" });
    const { resourceId } = (await world.targets.create({ name: "Z" })).meta;
    const { meta } = await world.sources.create({ name: "M", targetId: resourceId });
    const query = `mutation { deleteTarget(resourceId: "${resourceId}") { meta { isDeleted updatedBy } } }`;
    const headers = { "content-type": "application/json", "x-actor": "bob" };
    const request = new Request("http://127.0.0.1/graphql", {
      method: "POST",
      headers,
      body: JSON.stringify({ query }),
    });
    const answer = await (await world.gateway.fetch(request)).json();
    expect(answer).toEqual({ data: { deleteTarget: { meta: { isDeleted: true, updatedBy: "bob" } } } });
    const left = await world.sources.get(meta.resourceId, { includeDeleted: true });
    expect([left.meta.isDeleted, left.meta.updatedBy]).toEqual([true, "bob"]);
  },
};

describe("deletions and writes", () => {
  const others = cases.filter(({ id, declare }) => declare === undefined && !id.startsWith("referrers"));

  it.each(others)("$id", async ({ id }) => {
    const tell = told[id];
    if (tell === undefined) throw new Error(`no test tells ${id}`);
    await tell();
  });
});
