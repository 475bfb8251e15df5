/** From what the resource floor has at hand of a resource to what TypeScript users get, without what is hidden from them. */
import type { JsonObject } from "../base/json.ts";
import type { ResourceMeta } from "../model/resource-meta.ts";
import type { Revision, RevisionInfo } from "../model/revision.ts";
import type { Hidden } from "./hidden-fields.ts";
import type { OperationContext } from "./operation.ts";
import type { Resource, Snapshot } from "./resource.ts";
import { shownDocument, shownHead, shownRevision } from "./shown.ts";

type Context = Pick<OperationContext, "model" | "session">;

export async function toResource<Out>(context: Context, snapshot: Snapshot): Promise<Resource<Out>> {
  const [revision, document] = await Promise.all([
    snapshot.revision ?? context.session.reader.revision(snapshot.revisionId),
    dataOf(context, snapshot),
  ]);
  return {
    meta: metaOf(snapshot),
    revision: infoOf(shownRevision(revision as Revision, snapshot.hidden)),
    data: context.model.definition.revive(document) as Out,
  };
}

/** Of what the actor has written and may not read: nothing. */
export async function dataOf(context: Context, snapshot: Snapshot): Promise<JsonObject> {
  return snapshot.hidden === "all" ? {} : await shownDocument(context, snapshot);
}

export function metaOf({ head, hidden }: Snapshot): ResourceMeta {
  const { payload: _payload, indexFingerprint: _fingerprint, ...meta } = shownHead(head, hidden);
  return meta;
}

export function shownInfoOf({ hidden, ...row }: Revision & { readonly hidden?: Hidden }): RevisionInfo {
  return infoOf(shownRevision(row, hidden));
}

export function infoOf(row: Revision): RevisionInfo {
  const { payload: _payload, resourceId: _resourceId, revisionNumber: _number, ...info } = row;
  return info;
}
