/** The state of a resource as a write finds it: the head, and on demand what it points to. Each is read at most once. */
import { WeftError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { Head } from "../model/resource-meta.ts";
import type { Revision } from "../model/revision.ts";
import type { OperationContext } from "./operation.ts";
import { encodePayload } from "./payload.ts";
import type { PlannedWrite } from "./unit.ts";

export interface Current {
  readonly head: Head;
  revision(): Promise<Revision>;
  document(): Promise<JsonObject>;
  /** Whether a document is, byte for byte, what the current revision holds. Reads nothing. */
  holds(document: JsonObject): boolean;
}

export function currentOf({ model, session }: OperationContext, head: Head): Current {
  let revision: Promise<Revision> | undefined;
  let document: Promise<JsonObject> | undefined;
  const readRevision = async () => {
    const found = await session.reader.revision(head.currentRevisionId);
    if (found) return found;
    throw new WeftError("REVISION_NOT_FOUND", { revisionId: head.currentRevisionId });
  };
  return {
    head,
    revision: () => (revision ??= readRevision()),
    document: () => (document ??= session.reader.document(model, head.payload, "all")),
    holds: (other) => encodePayload(other, head.payload.encoding, model.definition.shape).hash === head.payload.hash,
  };
}

/** The state that an earlier write of the same unit will leave; null where that removes it. */
export function plannedCurrent(context: OperationContext, { drafted }: PlannedWrite): Current | null {
  const { head, currentRevision } = drafted.write;
  if (head === null) return null;
  const current = currentOf(context, head);
  const { document } = drafted;
  return {
    ...current,
    ...(currentRevision && { revision: async () => currentRevision }),
    ...(document && { document: async () => document }),
  };
}
