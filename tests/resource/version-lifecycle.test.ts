/** AutoCRUD's version_lifecycle suite on the manager; where weft differs on purpose, `ours` says how (CONTRACT §2). */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { PatchOperation } from "../../src/model/patch.ts";
import type { Modification, ResourceManager } from "../../src/resource/manager.ts";
import { casesOf, codeOf } from "../cases/cases.ts";
import { ownLifecycleCases } from "../cases/own-lifecycle-cases.ts";
import { openModel } from "./open-model.ts";

interface Step {
  readonly op: string;
  readonly as: string;
  readonly at: string;
  readonly data?: { name: string; value?: number };
  readonly ops?: readonly PatchOperation[];
  readonly status?: "draft" | "stable";
  readonly revision?: string;
  readonly id?: string;
  readonly with_id?: string;
  readonly include_deleted?: boolean;
  readonly expect: Record<string, unknown>;
}

interface Case {
  readonly id: string;
  readonly steps: readonly Step[];
  readonly setup?: { default_status?: "draft" | "stable" };
}

/** Case → index of a step → what weft answers instead. */
const ours: Record<string, Record<number, Record<string, unknown>>> = {
  "update-same-content-status-ignored": {
    1: {
      revision_id: "$id:1",
      status: "draft",
      created_by: "u1",
      updated_by: "u2",
      updated_time: "2025-01-03T00:00:00",
    },
    2: { revision_id: "$id:1", status: "draft", data: { name: "a", value: 1 } },
  },
  "modify-same-data-status-lost": {
    1: { revision_id: "$id:1", status: "stable", updated_by: "u2", updated_time: "2025-01-03T00:00:00" },
    2: { revision_id: "$id:1", status: "stable", data: { name: "a", value: 1 } },
  },
  "create-existing-id-overwrites": {
    2: { error: "RESOURCE_EXISTS" },
    3: { current_revision_id: "$id:2", total_revision_count: 2, created_by: "u1", updated_by: "u2" },
    4: { revisions: ["$id:2", "$id:1"] },
  },
  "create-or-update-missing": {
    1: { revision_id: "item:my-id:1", parent_revision_id: null, status: "stable", created_by: "u2" },
  },
};

type Item = { name: string; value: number };
type Items = ResourceManager<Item, { name: string; value?: number | undefined }>;

function openItems(defaultStatus: "draft" | "stable"): Items {
  const schema = z.object({ name: z.string(), value: z.number().int().default(0) });
  return openModel("Item", schema, { settings: { defaultStatus } }).manager;
}

const resourceIdOf = (key: string, id: string) => `item:${key.replace("$key", id.slice("item:".length))}`;

const verbs: Record<string, (items: Items, id: string, step: Step) => Promise<unknown>> = {
  create: async (items, id, { data, status, with_id }) => {
    const options = { ...(status && { status }), ...(with_id && { resourceId: resourceIdOf(with_id, id) }) };
    return (await items.create(data ?? { name: "" }, options)).revision;
  },
  update: async (items, id, { data, status }) =>
    (await items.update(id, data ?? { name: "" }, status ? { status } : {})).revision,
  create_or_update: async (items, id, step) =>
    (await items.upsert(resourceIdOf(String(step.id), id), step.data ?? { name: "" })).revision,
  patch: async (items, id, { ops = [] }) => (await items.patch(id, ops)).revision,
  modify: async (items, id, { data, ops, status }) => {
    const changes: Modification<Item> = {
      ...(data && { data: data as Item }),
      ...(ops && { patch: ops }),
      ...(status && { status }),
    };
    return (await items.modify(id, changes)).revision;
  },
  switch: async (items, id, { revision }) => (await items.switch(id, String(revision).replace("$id", id))).meta,
  delete: (items, id) => items.delete(id),
  restore: (items, id) => items.restore(id),
  permanently_delete: (items, id) => items.purge(id),
  get: async (items, id) => flat(await items.get(id)),
  get_meta: async (items, id, step) => (await items.get(id, { includeDeleted: step.include_deleted ?? false })).meta,
  get_revision: async (items, id, { revision }) =>
    flat(await items.get(id, { revisionId: String(revision).replace("$id", id) })),
  list_revisions: async (items, id) => ({
    revisions: (await items.revisions(id)).edges.map(({ node }) => node.revisionId),
  }),
};

/** The etag, and the time that changes whenever the resource does: each step has its own. */
async function stateOf(items: Items, id: string): Promise<[etag: string, time: number] | undefined> {
  const { meta } = (await items.get(id, { includeDeleted: true }).catch(() => undefined)) ?? {};
  return meta && [meta.etag, meta.updatedTime.getTime()];
}

function flat({ revision, data }: { revision: object; data: unknown }): object {
  return { ...revision, data };
}

function camel(key: string): string {
  return key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

function expected(want: Record<string, unknown>, id: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(want).map(([key, value]) => {
      const here = typeof value === "string" ? value.replace("$id", id) : value;
      if (key.endsWith("_time")) return [camel(key), new Date(`${here}Z`)];
      if (key === "revisions") return [key, (value as string[]).map((revision) => revision.replace("$id", id))];
      return [camel(key), here];
    }),
  );
}

const ownCases: readonly Case[] = Object.entries(ownLifecycleCases).map(([id, steps]) => ({
  id,
  steps: steps.map((step, i) => ({
    ...step,
    as: `u${i + 1}`,
    at: `2025-01-${String(i + 2).padStart(2, "0")}T00:00:00`,
  })),
}));

describe("version lifecycle", () => {
  for (const { id: title, steps, setup } of [...casesOf<Case>("version_lifecycle"), ...ownCases]) {
    it(title, async () => {
      const items = openItems(setup?.default_status ?? "stable");
      let id = "";
      for (const [index, step] of steps.entries()) {
        const acting = items.as(step.as, new Date(`${step.at}Z`)) as Items;
        const want = ours[title]?.[index] ?? step.expect;
        const before = await stateOf(items, id);
        const answer = verbs[step.op]?.(acting, id, step);
        expect(answer, step.op).toBeDefined();
        if (typeof want.error === "string") {
          await expect(answer).rejects.toMatchObject({ code: codeOf[want.error] ?? want.error });
          expect(await stateOf(items, id)).toEqual(before);
          continue;
        }
        const got = (await answer) as { resourceId?: string; revisionId?: string };
        if (step.op === "create" && id === "") id = String(got.revisionId).replace(/:1$/, "");
        // A purge answers with the id alone: the meta is gone.
        const shown = step.op === "permanently_delete" ? { resourceId: id } : expected(want, id);
        expect(got).toMatchObject(shown);
        const after = await stateOf(items, id);
        expect(after?.[0] === before?.[0], "a new etag, or none").toBe(after?.[1] === before?.[1]);
      }
    });
  }
});
