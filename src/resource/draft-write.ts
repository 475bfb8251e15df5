/** From a plan to the rows and bytes of one write. */
import { revisionIdOf, uuidv7 } from "../base/ids.ts";
import type { JsonObject } from "../base/json.ts";
import { changedPaths } from "../model/difference.ts";
import { indexSelectionOf } from "../model/index-data.ts";
import type { Head, PayloadPointer } from "../model/resource-meta.ts";
import type { Revision, RevisionStatus } from "../model/revision.ts";
import type { HeadWrite } from "../stores/meta/meta-store.ts";
import type { OperationContext } from "./operation.ts";
import { encodePayload, newPointer } from "./payload.ts";
import type { Plan } from "./plan.ts";

export interface DraftedWrite {
  readonly write: HeadWrite;
  /** Bytes to store before the commit. */
  readonly payload?: { readonly pointer: PayloadPointer; readonly bytes: Uint8Array };
  /** Keys of bytes to remove after it. */
  readonly released: readonly string[];
  /** The content after the write, where it is at hand. */
  readonly document?: JsonObject;
}

interface Authorship {
  readonly actor: string;
  readonly time: Date;
  /** Bytes that an earlier attempt of the same write has stored. */
  readonly stored: PayloadPointer | undefined;
}

export async function draftWrite(context: OperationContext, plan: Plan, by: Authorship): Promise<DraftedWrite> {
  const { step } = plan;
  switch (step.kind) {
    case "revise":
      return await draftContent(context, plan, { document: step.document, status: step.status, edited: null, ...by });
    case "edit":
      if (step.document === undefined)
        return await draftStatus(context, plan, { ...by, current: step.revision, status: step.status });
      return await draftContent(context, plan, {
        ...by,
        document: step.document,
        status: step.status,
        edited: step.revision,
      });
    case "point":
      return await draftPoint(context, plan, { ...by, revision: step.revision, document: step.document });
    case "flag": {
      const previous = await upToDate(context, existing(plan));
      const head = touched(previous, by, { isDeleted: step.isDeleted });
      return {
        write: { head, changedPaths: [], currentRevision: await currentRevision(context, head), ...common(plan) },
        released: [],
      };
    }
    case "purge": {
      const released = await context.services.meta.payloadKeys(plan.resourceId);
      return { write: { head: null, changedPaths: [""], currentRevision: null, ...common(plan) }, released };
    }
  }
}

interface Content extends Authorship {
  readonly document: JsonObject;
  readonly status: RevisionStatus;
  /** The revision that is edited in place; null: a new one is made. */
  readonly edited: Revision | null;
}

async function draftContent(context: OperationContext, plan: Plan, content: Content): Promise<DraftedWrite> {
  const { definition } = context.model;
  const { resourceId, previous } = plan;
  const { document, edited } = content;
  const number = edited ? edited.revisionNumber : (previous?.totalRevisionCount ?? 0) + 1;
  const encoded = encodePayload(document, definition.encoding, definition.shape);
  const pointer =
    content.stored?.hash === encoded.hash
      ? content.stored
      : newPointer({ resourceName: definition.resourceName, resourceId, number, status: content.status }, encoded);
  const revision = revisionOf(context, plan, { content, number, pointer });
  const head: Head = {
    resourceId,
    resourceName: definition.resourceName,
    currentRevisionId: revision.revisionId,
    etag: uuidv7(),
    schemaVersion: definition.schemaVersion,
    totalRevisionCount: edited ? (previous?.totalRevisionCount ?? number) : number,
    createdTime: previous?.createdTime ?? content.time,
    updatedTime: content.time,
    createdBy: previous?.createdBy ?? content.actor,
    updatedBy: content.actor,
    isDeleted: false,
    ...indexOf(context, document),
    payload: pointer,
  };
  const paths = previous ? await pathsSince(context, previous, document) : [""];
  return {
    write: { head, revision, changedPaths: paths, currentRevision: revision, ...common(plan) },
    payload: { pointer, bytes: encoded.bytes },
    released: [],
    document,
  };
}

function revisionOf(
  { model }: OperationContext,
  { resourceId, previous }: Plan,
  made: { content: Content; number: number; pointer: PayloadPointer },
): Revision {
  const { content, number, pointer } = made;
  const { edited, actor, time, status } = content;
  return {
    resourceId,
    revisionNumber: number,
    revisionId: revisionIdOf(resourceId, number),
    parentRevisionId: edited ? edited.parentRevisionId : (previous?.currentRevisionId ?? null),
    schemaVersion: model.definition.schemaVersion,
    parentSchemaVersion: edited ? edited.parentSchemaVersion : (previous?.schemaVersion ?? null),
    dataHash: pointer.hash,
    status,
    createdTime: edited?.createdTime ?? time,
    updatedTime: time,
    createdBy: edited?.createdBy ?? actor,
    updatedBy: actor,
    payload: pointer,
  };
}

async function draftStatus(
  context: OperationContext,
  plan: Plan,
  by: Authorship & { current: Revision; status: RevisionStatus },
): Promise<DraftedWrite> {
  const revision: Revision = { ...by.current, status: by.status, updatedTime: by.time, updatedBy: by.actor };
  const head = touched(await upToDate(context, existing(plan)), by, {});
  return { write: { head, revision, changedPaths: [], currentRevision: revision, ...common(plan) }, released: [] };
}

async function draftPoint(
  context: OperationContext,
  plan: Plan,
  by: Authorship & { revision: Revision; document: JsonObject },
): Promise<DraftedWrite> {
  const previous = existing(plan);
  const { revision, document } = by;
  const head = touched(previous, by, {
    currentRevisionId: revision.revisionId,
    schemaVersion: revision.schemaVersion,
    ...indexOf(context, document),
    payload: revision.payload,
  });
  const paths = await pathsSince(context, previous, document);
  return { write: { head, changedPaths: paths, currentRevision: revision, ...common(plan) }, released: [], document };
}

function indexOf({ model }: OperationContext, document: JsonObject): Pick<Head, "indexedData" | "indexFingerprint"> {
  const { definition } = model;
  return { indexedData: definition.indexedData(document), indexFingerprint: definition.indexFingerprint };
}

/**
 * The head with indexed data as the model makes them now, where its content stays: a write that was planned before a reindexing
 * and commits behind it must not bring back old ones. Where the content cannot be read, they stay.
 */
async function upToDate(context: OperationContext, head: Head): Promise<Head> {
  const { model, session } = context;
  if (head.indexFingerprint === model.definition.indexFingerprint) return head;
  try {
    const selection = indexSelectionOf(model.definition.indexedFields.values());
    return { ...head, ...indexOf(context, await session.reader.document(model, head.payload, selection)) };
  } catch {
    return head;
  }
}

function common({
  action,
  resourceId,
  previous,
}: Plan): Pick<HeadWrite, "resourceName" | "resourceId" | "previous" | "action"> {
  return { resourceName: resourceId.slice(0, resourceId.indexOf(":")), resourceId, previous, action };
}

function existing({ previous, action }: Plan): Head {
  if (previous) return previous;
  throw new Error(`${action} needs a resource that exists`);
}

function touched(head: Head, by: Authorship, changes: Partial<Head>): Head {
  return { ...head, ...changes, etag: uuidv7(), updatedTime: by.time, updatedBy: by.actor };
}

async function currentRevision({ session }: OperationContext, head: Head): Promise<Revision | null> {
  return (await session.reader.revision(head.currentRevisionId)) ?? null;
}

/** What differs from the content before. Where that cannot be read, everything may: damage must not block its own repair. */
async function pathsSince(
  { model, session }: OperationContext,
  previous: Head,
  document: JsonObject,
): Promise<string[]> {
  try {
    return changedPaths(await session.reader.document(model, previous.payload, "all"), document);
  } catch {
    return [""];
  }
}
