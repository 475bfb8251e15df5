/** What the resource floor gives back: to faces as it lies (`Snapshot`), to TypeScript users typed (`Resource`). */
import type { JsonObject } from "../base/json.ts";
import type { Head, PayloadPointer, ResourceMeta } from "../model/resource-meta.ts";
import type { Revision, RevisionInfo } from "../model/revision.ts";
import type { Hidden } from "./hidden-fields.ts";
import type { Model } from "./registry.ts";

/** A resource as one revision shows it, read only as far as the operation had to. */
export interface Snapshot {
  readonly model: Model;
  readonly head: Head;
  readonly revisionId: string;
  readonly payload: PayloadPointer;
  /** Where the operation has read or written it; else `session.reader.revision(revisionId)`. */
  readonly revision?: Revision;
  /** The whole document, where the operation has it at hand; else `session.reader.document(...)`. What the actor sees of it: `shown.ts`. */
  readonly document?: JsonObject;
  /** From whoever has asked for it. */
  readonly hidden?: Hidden;
}

/** A resource with its data, as `ResourceManager` returns it. `data` is `z.output` of the model's schema. */
export interface Resource<Out> {
  readonly meta: ResourceMeta;
  readonly revision: RevisionInfo;
  readonly data: Out;
}

/** One page of a Relay connection (https://relay.dev/graphql/connections.htm). */
export interface Page<Node> {
  readonly edges: readonly { readonly node: Node; readonly cursor: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** Arguments of a page: `first` with `after`, or `last` with `before`; neither gives the first 10. */
export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}
