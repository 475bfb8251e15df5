/** Heads, revisions and writes for tests of meta stores: what the resource floor would plan, without that floor. */

import { revisionIdOf } from "../../src/base/ids.ts";
import type { JsonObject } from "../../src/base/json.ts";
import type { ResourceAction } from "../../src/model/change.ts";
import type { Head, PayloadPointer } from "../../src/model/resource-meta.ts";
import type { Revision, RevisionStatus } from "../../src/model/revision.ts";
import type { Commit, HeadWrite, MetaStore } from "../../src/stores/meta/meta-store.ts";

let counter = 0;

/** A name that no other test of the process uses, and no earlier run on the same store. */
export function uniqueName(prefix: string): string {
  counter += 1;
  return `${prefix}-${process.pid}-${Date.now().toString(36)}-${counter}`;
}

/** `minute` minutes after noon of the first day of 2024. */
export function minute(minute: number): Date {
  return new Date(Date.UTC(2024, 0, 1, 12, minute));
}

let payloads = 0;

export function payloadOf(resourceName: string, resourceId: string, revisionNumber: number): PayloadPointer {
  payloads += 1;
  const hash = `sha256:${uniqueName("hash").padEnd(64, "0").slice(0, 64)}`;
  return {
    key: `${resourceName}/${resourceId}/${revisionNumber}/${uniqueName("write")}`,
    hash,
    size: 42,
    encoding: "msgpack",
    // Each second payload is a large one, which has it.
    ...(payloads % 2 === 0 ? { offsets: uniqueName("offsets") } : {}),
  };
}

/** A resource as a test knows it: what the next write stands on. */
export interface Known {
  readonly head: Head;
  readonly revision: Revision;
}

export interface Content {
  readonly indexedData?: JsonObject;
  /** @default another one for each write that has content, so that a store that keeps an old one is found out */
  readonly indexFingerprint?: string;
  readonly by?: string;
  readonly at?: Date;
  readonly status?: RevisionStatus;
  readonly schemaVersion?: string | null;
  /** @default a new one */
  readonly payload?: PayloadPointer;
}

/** A write and the state that it leaves. */
export interface Written extends Known {
  readonly write: HeadWrite;
}

export function createWrite(resourceName: string, resourceId: string, content: Content = {}): Written {
  const { indexedData = {}, by = "ada", at = minute(0), status = "stable", schemaVersion = null } = content;
  const { indexFingerprint = uniqueName("index") } = content;
  const { payload = payloadOf(resourceName, resourceId, 1) } = content;
  const revision: Revision = {
    revisionId: revisionIdOf(resourceId, 1),
    resourceId,
    revisionNumber: 1,
    parentRevisionId: null,
    schemaVersion,
    parentSchemaVersion: null,
    dataHash: payload.hash,
    status,
    createdTime: at,
    updatedTime: at,
    createdBy: by,
    updatedBy: by,
    payload,
  };
  const head: Head = {
    resourceId,
    resourceName,
    currentRevisionId: revision.revisionId,
    etag: uniqueName("etag"),
    schemaVersion,
    totalRevisionCount: 1,
    createdTime: at,
    updatedTime: at,
    createdBy: by,
    updatedBy: by,
    isDeleted: false,
    indexedData,
    indexFingerprint,
    payload,
  };
  return written("create", null, { head, revision }, { changedPaths: [""], revision });
}

/** A new revision, child of the current one. */
export function updateWrite(known: Known, content: Content = {}, action: ResourceAction = "update"): Written {
  const { head: old, revision: parent } = known;
  const revisionNumber = old.totalRevisionCount + 1;
  const { by = "bob", at = minute(revisionNumber), status = "stable", indexedData = old.indexedData } = content;
  const { indexFingerprint = uniqueName("index") } = content;
  const schemaVersion = content.schemaVersion === undefined ? parent.schemaVersion : content.schemaVersion;
  const { payload = payloadOf(old.resourceName, old.resourceId, revisionNumber) } = content;
  const revision: Revision = {
    ...parent,
    revisionId: revisionIdOf(old.resourceId, revisionNumber),
    revisionNumber,
    parentRevisionId: parent.revisionId,
    schemaVersion,
    parentSchemaVersion: parent.schemaVersion,
    dataHash: payload.hash,
    status,
    createdTime: at,
    updatedTime: at,
    createdBy: by,
    updatedBy: by,
    payload,
  };
  const head: Head = {
    ...old,
    ...{ schemaVersion, indexedData, indexFingerprint, payload, updatedTime: at, updatedBy: by },
    currentRevisionId: revision.revisionId,
    totalRevisionCount: revisionNumber,
    etag: uniqueName("etag"),
  };
  return written(action, old, { head, revision }, { changedPaths: ["/title"], revision });
}

/** The current revision edited in place: same number, other content. */
export function modifyWrite(known: Known, content: Content = {}): Written {
  const { head: old, revision: current } = known;
  const { by = "cyd", at = minute(30), status = "draft", indexedData = old.indexedData } = content;
  const { indexFingerprint = uniqueName("index") } = content;
  const { payload = payloadOf(old.resourceName, old.resourceId, current.revisionNumber) } = content;
  const revision: Revision = { ...current, status, payload, dataHash: payload.hash, updatedTime: at, updatedBy: by };
  const change = { indexedData, indexFingerprint, payload, updatedTime: at, updatedBy: by };
  const head: Head = { ...old, ...change, etag: uniqueName("etag") };
  return written("modify", old, { head, revision }, { changedPaths: ["/title"], revision });
}

/** The head points to another revision. */
export function switchWrite(known: Known, revision: Revision, content: Content = {}): Written {
  const { by = "dee", at = minute(40), indexedData = known.head.indexedData } = content;
  const { indexFingerprint = uniqueName("index") } = content;
  const { payload, schemaVersion, revisionId: currentRevisionId } = revision;
  const change = {
    indexedData,
    indexFingerprint,
    payload,
    schemaVersion,
    currentRevisionId,
    updatedTime: at,
    updatedBy: by,
  };
  const head: Head = { ...known.head, ...change, etag: uniqueName("etag") };
  return written("switch", known.head, { head, revision }, { changedPaths: ["/title"] });
}

/** A delete or a restore. */
export function flagWrite(known: Known, isDeleted: boolean, content: Content = {}): Written {
  const { by = "eve", at = minute(50) } = content;
  const head: Head = { ...known.head, isDeleted, updatedTime: at, updatedBy: by, etag: uniqueName("etag") };
  return written(
    isDeleted ? "delete" : "restore",
    known.head,
    { head, revision: known.revision },
    { changedPaths: [] },
  );
}

export function purgeWrite({ head }: { readonly head: Head }): HeadWrite {
  const { resourceName, resourceId } = head;
  return {
    resourceName,
    resourceId,
    previous: head,
    head: null,
    action: "purge",
    changedPaths: [""],
    currentRevision: null,
  };
}

interface WriteParts {
  readonly changedPaths: readonly string[];
  readonly revision?: Revision;
}

function written(action: ResourceAction, previous: Head | null, known: Known, parts: WriteParts): Written {
  const { resourceName, resourceId } = known.head;
  const write = {
    resourceName,
    resourceId,
    previous,
    head: known.head,
    action,
    currentRevision: known.revision,
    ...parts,
  };
  return { ...known, write };
}

export function commitOf(...writes: readonly HeadWrite[]): Commit {
  return { commitId: uniqueName("commit"), actor: "ada", time: minute(0), writes };
}

/** Commits writes that must not meet a conflict. */
export async function commitAll(store: MetaStore, ...writes: readonly HeadWrite[]): Promise<void> {
  const outcome = await store.commit(commitOf(...writes));
  if (!outcome.isCommitted) throw new Error(`Conflict on ${[...outcome.conflicts.keys()].join(", ")}`);
}

/** Creates one resource per content, `<name>:0000`, `<name>:0001`, …, in one commit. */
export async function seed(store: MetaStore, resourceName: string, contents: readonly Content[]): Promise<Known[]> {
  const created = contents.map((content, i) =>
    createWrite(resourceName, `${resourceName}:${String(i).padStart(4, "0")}`, content),
  );
  await commitAll(store, ...created.map(({ write }) => write));
  return created.map(({ head, revision }) => ({ head, revision }));
}
