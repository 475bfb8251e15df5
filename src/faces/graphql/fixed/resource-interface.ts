import type { OutputRef } from "@pothos/core";
import { WeftError } from "../../../base/errors.ts";
import { typeNamesOf } from "../../../model/derived-names.ts";
import type { ResourceMeta } from "../../../model/resource-meta.ts";
import type { RevisionInfo } from "../../../model/revision.ts";
import type { Snapshot } from "../../../resource/resource.ts";
import { shownHead, shownRevision } from "../../../resource/shown.ts";
import type { GraphqlBuilder } from "../builder.ts";
import type { GraphqlContext } from "../context.ts";
import { encodeGlobalId } from "../global-id.ts";
import { resolveNodeType } from "../resource/resolve-type.ts";

interface Parts {
  readonly meta: OutputRef<ResourceMeta>;
  readonly revision: OutputRef<RevisionInfo>;
}

/** `Resource`: what every resource has, of whatever model. */
export function addResourceInterface(builder: GraphqlBuilder, { meta, revision }: Parts) {
  return builder.interfaceRef<Snapshot>("Resource").implement({
    description: "A versioned resource of any model.",
    resolveType: resolveNodeType,
    fields: (t) => ({
      id: t.id({
        nullable: false,
        description: "Unique in the whole API. Opaque; meta.resourceId is the id for arguments.",
        resolve: globalIdOf,
      }),
      meta: t.field({ type: meta, nullable: false, resolve: ({ head, hidden }) => shownHead(head, hidden) }),
      revision: t.field({
        type: revision,
        nullable: false,
        description: "Of the revision that data shows.",
        resolve: (snapshot, _args, context) =>
          snapshot.revision ? shownRevision(snapshot.revision, snapshot.hidden) : readRevision(snapshot, context),
      }),
    }),
  });
}

function globalIdOf({ model, head }: Snapshot): string {
  return encodeGlobalId(typeNamesOf(model.definition.graphqlName).resource, head.resourceId);
}

async function readRevision({ revisionId, hidden }: Snapshot, { session }: GraphqlContext): Promise<RevisionInfo> {
  const revision = await session.reader.revision(revisionId);
  if (revision) return shownRevision(revision, hidden);
  throw new WeftError("REVISION_NOT_FOUND", { revisionId });
}
