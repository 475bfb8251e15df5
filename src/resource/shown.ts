/** What is shown of a resource to the actor whose operation has read it: everything, but for what is hidden. */
import { WeftError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { Selection } from "../codec/selection.ts";
import type { Head } from "../model/resource-meta.ts";
import type { Revision } from "../model/revision.ts";
import { type Hidden, indexedWithout, withoutHidden } from "./hidden-fields.ts";
import type { OperationContext } from "./operation.ts";
import type { Snapshot } from "./resource.ts";

/**
 * The document, as far as it is selected at least.
 * @throws FORBIDDEN where the actor may see that there is such a resource, and nothing of its data; what the reader throws
 */
export async function shownDocument(
  { session }: Pick<OperationContext, "session">,
  { model, payload, document, hidden }: Pick<Snapshot, "model" | "payload" | "document" | "hidden">,
  selection: Selection = "all",
): Promise<JsonObject> {
  if (hidden === "all") throw new WeftError("FORBIDDEN");
  const found = document ?? (await session.reader.document(model, payload, selection));
  return hidden ? withoutHidden(found, hidden) : found;
}

/**
 * The same for resolvers: each hidden field answers FORBIDDEN where it is asked for.
 * @throws FORBIDDEN
 */
export function guardedDocument(document: JsonObject, hidden: Hidden | undefined): JsonObject {
  if (hidden === undefined) return document;
  if (hidden === "all") throw new WeftError("FORBIDDEN");
  return withoutHidden(document, hidden, guard);
}

function guard(copy: JsonObject, name: string): void {
  Object.defineProperty(copy, name, {
    get() {
      throw new WeftError("FORBIDDEN", { hint: `The actor may not see ${name}.` });
    },
  });
}

export function shownHead(head: Head, hidden: Hidden | undefined): Head {
  if (hidden === undefined) return head;
  return { ...head, indexedData: hidden === "all" ? {} : indexedWithout(head.indexedData, hidden) };
}

/** The hash of the whole would let hidden values be guessed. */
export function shownRevision<R extends Pick<Revision, "dataHash">>(revision: R, hidden: Hidden | undefined): R {
  return hidden === undefined ? revision : { ...revision, dataHash: "" };
}
