/**
 * Our own sequences in the words of AutoCRUD's suite version_lifecycle: what its table of verbs says (allowed when, effect,
 * unchanged content), with CONTRACT §2's differences. Step n is run by `un`, n days after 2025-01-01; `$key` is what `$id` ends in.
 */
import type { PatchOperation } from "../../src/model/patch.ts";

type Data = { readonly name: string; readonly value?: number };

export interface OwnStep {
  readonly op: string;
  readonly data?: Data;
  readonly ops?: readonly PatchOperation[];
  readonly status?: "draft" | "stable";
  readonly revision?: string;
  readonly id?: string;
  readonly with_id?: string;
  readonly include_deleted?: boolean;
  readonly expect: Readonly<Record<string, unknown>>;
}

const [a, b, c] = [
  { name: "a", value: 1 },
  { name: "b", value: 2 },
  { name: "c", value: 3 },
];
const at = (step: number) => `2025-01-${String(step + 1).padStart(2, "0")}T00:00:00`;
const revision = (n: number, more: object = {}) => ({ revision_id: `$id:${n}`, ...more });
const meta = (n: number, count: number, more: object = {}) => ({
  current_revision_id: `$id:${n}`,
  total_revision_count: count,
  ...more,
});
/** Who touched it last, and when. */
const by = (step: number) => ({ updated_by: `u${step}`, updated_time: at(step) });
const error = (code: string) => ({ error: code });

const create = { op: "create", data: a, expect: revision(1, { status: "stable", created_by: "u1" }) };
const draft = { ...create, status: "draft" as const, expect: revision(1, { status: "draft" }) };
const update = { op: "update", data: b, expect: revision(2, { parent_revision_id: "$id:1", created_by: "u2" }) };
const remove = (expect: object) => ({ op: "delete", expect: expect as OwnStep["expect"] });

export const ownLifecycleCases: Readonly<Record<string, readonly OwnStep[]>> = {
  "an update of a draft is a revision of the default status": [
    draft,
    { ...update, expect: revision(2, { status: "stable", parent_revision_id: "$id:1" }) },
    { op: "get_revision", revision: "$id:1", expect: revision(1, { status: "draft", data: a }) },
  ],
  "an update may be a draft": [create, { ...update, status: "draft", expect: revision(2, { status: "draft" }) }],
  "an update with equal content and the same status changes nothing": [
    create,
    { op: "update", data: a, status: "stable", expect: revision(1, by(1)) },
    { op: "get_meta", expect: meta(1, 1, by(1)) },
  ],
  "what a default fills in is equal content": [
    { ...create, data: { name: "a" } },
    { op: "update", data: { name: "a", value: 0 }, expect: revision(1, by(1)) },
    { op: "get_meta", expect: meta(1, 1) },
  ],
  "equal content is that of the current revision, wherever it was switched to": [
    create,
    update,
    { op: "switch", revision: "$id:1", expect: meta(1, 2, by(3)) },
    { op: "update", data: a, expect: revision(1, by(1)) },
    { op: "update", data: b, expect: revision(3, { parent_revision_id: "$id:1" }) },
    { op: "list_revisions", expect: { revisions: ["$id:3", "$id:2", "$id:1"] } },
  ],
  "a draft is edited in place": [
    draft,
    {
      op: "modify",
      data: b,
      expect: revision(1, { status: "draft", created_by: "u1", created_time: at(1), ...by(2) }),
    },
    { op: "get", expect: revision(1, { data: b }) },
    { op: "get_meta", expect: meta(1, 1, { created_by: "u1", ...by(2) }) },
  ],
  "a modification with equal content changes nothing": [
    draft,
    { op: "modify", data: a, expect: revision(1, by(1)) },
    { op: "get_meta", expect: meta(1, 1, by(1)) },
  ],
  "a status is flipped both ways, and flipped to itself changes nothing": [
    create,
    { op: "modify", status: "stable", expect: revision(1, { status: "stable", ...by(1) }) },
    { op: "modify", status: "draft", expect: revision(1, { status: "draft", ...by(3) }) },
    { op: "modify", status: "stable", expect: revision(1, { status: "stable", ...by(4) }) },
    { op: "get_meta", expect: meta(1, 1, by(4)) },
  ],
  "a stable revision is not modified, whatever the content": [
    create,
    { op: "modify", data: b, expect: error("CANNOT_MODIFY") },
    { op: "modify", data: b, status: "stable", expect: error("CANNOT_MODIFY") },
    { op: "modify", ops: [{ op: "replace", path: "/value", value: 7 }], expect: error("CANNOT_MODIFY") },
    { op: "get", expect: revision(1, { data: a, status: "stable", ...by(1) }) },
  ],
  "a stable revision is reopened as a draft and closed again": [
    create,
    { op: "modify", data: b, status: "draft", expect: revision(1, { status: "draft" }) },
    { op: "modify", data: c, status: "stable", expect: revision(1, { status: "stable" }) },
    { op: "modify", data: a, expect: error("CANNOT_MODIFY") },
    { op: "get", expect: revision(1, { data: c }) },
    { op: "get_meta", expect: meta(1, 1, by(3)) },
  ],
  "a modification needs something to do": [create, { op: "modify", expect: error("VALIDATION") }],
  "a draft that was switched to is edited, and keeps its number": [
    draft,
    update,
    { op: "switch", revision: "$id:1", expect: meta(1, 2) },
    { op: "modify", data: c, expect: revision(1, { status: "draft", ...by(4) }) },
    { op: "get_revision", revision: "$id:2", expect: revision(2, { data: b }) },
    { op: "get_meta", expect: meta(1, 2, by(4)) },
  ],
  "a switch to what is not there, or to another's revision, is refused": [
    create,
    { op: "switch", revision: "$id:2", expect: error("REVISION_NOT_FOUND") },
    { op: "switch", revision: "item:other:1", expect: error("REVISION_NOT_FOUND") },
    { op: "switch", revision: "nonsense", expect: error("REVISION_NOT_FOUND") },
    { op: "get_revision", revision: "$id:9", expect: error("REVISION_NOT_FOUND") },
    { op: "get_meta", expect: meta(1, 1, by(1)) },
  ],
  "what was deleted is restored as it was": [
    create,
    update,
    remove(meta(2, 2, { is_deleted: true, ...by(3) })),
    { op: "restore", expect: meta(2, 2, { is_deleted: false, created_by: "u1", ...by(4) }) },
    { op: "get", expect: revision(2, { data: b, ...by(2) }) },
    { op: "update", data: c, expect: revision(3, { parent_revision_id: "$id:2" }) },
  ],
  "nothing but a restore and a purge changes what is deleted": [
    draft,
    remove(meta(1, 1, { is_deleted: true })),
    { op: "modify", data: b, expect: error("DELETED") },
    { op: "modify", status: "stable", expect: error("DELETED") },
    { op: "create_or_update", id: "$key", data: b, expect: error("DELETED") },
    { op: "patch", ops: [{ op: "replace", path: "/value", value: 7 }], expect: error("DELETED") },
    { op: "create", with_id: "$key", data: b, expect: error("RESOURCE_EXISTS") },
    { op: "get_meta", include_deleted: true, expect: meta(1, 1, { is_deleted: true, ...by(2) }) },
  ],
  "a patch is a revision, unless it changes nothing": [
    create,
    { op: "patch", ops: [{ op: "test", path: "/name", value: "a" }], expect: revision(1, by(1)) },
    { op: "patch", ops: [], expect: revision(1, by(1)) },
    { op: "patch", ops: [{ op: "replace", path: "/value", value: 1 }], expect: revision(1, by(1)) },
    {
      op: "patch",
      ops: [{ op: "replace", path: "/value", value: 5 }],
      expect: revision(2, { parent_revision_id: "$id:1" }),
    },
    { op: "patch", ops: [{ op: "remove", path: "/value" }], expect: revision(3, { status: "stable" }) },
    { op: "get", expect: revision(3, { data: { name: "a", value: 0 } }) },
  ],
  "a patch of a draft is a revision of the default status": [
    draft,
    { op: "patch", ops: [{ op: "replace", path: "/value", value: 5 }], expect: revision(2, { status: "stable" }) },
  ],
  "a patch that fails changes nothing": [
    create,
    { op: "patch", ops: [{ op: "replace", path: "/value", value: "x" }], expect: error("VALIDATION") },
    { op: "patch", ops: [{ op: "add", path: "/nope", value: 1 }], expect: error("VALIDATION") },
    { op: "patch", ops: [{ op: "remove", path: "/nope" }], expect: error("PATCH_FAILED") },
    {
      op: "patch",
      ops: [
        { op: "replace", path: "/value", value: 9 },
        { op: "test", path: "/value", value: 8 },
      ],
      expect: error("PATCH_TEST_FAILED"),
    },
    { op: "get_meta", expect: meta(1, 1, by(1)) },
  ],
  "an upsert updates what is there, by the rules of an update": [
    { ...create, with_id: "k", expect: revision(1) },
    { op: "create_or_update", id: "k", data: a, expect: revision(1, by(1)) },
    {
      op: "create_or_update",
      id: "k",
      data: b,
      expect: revision(2, { parent_revision_id: "$id:1", created_by: "u3" }),
    },
    { op: "get_meta", expect: meta(2, 2, { created_by: "u1", ...by(3) }) },
  ],
  "nothing is left of what is purged": [
    create,
    update,
    { op: "permanently_delete", expect: {} },
    { op: "get", expect: error("NOT_FOUND") },
    { op: "get_meta", include_deleted: true, expect: error("NOT_FOUND") },
    { op: "get_revision", revision: "$id:1", expect: error("NOT_FOUND") },
    { op: "list_revisions", expect: error("NOT_FOUND") },
    { op: "update", data: c, expect: error("NOT_FOUND") },
    { op: "delete", expect: error("NOT_FOUND") },
  ],
};
