/**
 * ResourceManager: a model's verbs as typed methods. `Out` is `z.output`, `In` is `z.input` of the model's schema: writes
 * take the input type (defaults may be left out), reads return the output. Every method runs the same operation as the
 * faces do, under the same policies, as the actor and at the time of `as()`, else the model's default user and clock.
 */
import type { BinaryValue } from "../model/binary.ts";
import type { ResourceAction } from "../model/change.ts";
import type { PatchOperation } from "../model/patch.ts";
import type { ResourceMeta } from "../model/resource-meta.ts";
import type { RevisionInfo, RevisionStatus } from "../model/revision.ts";
import type { QB } from "../query/qb/builder-types.ts";
import type { ResourceQuery, Where } from "../query/resource-query.ts";
import type { Actor } from "./actor.ts";
import type { Referrer } from "./referrer.ts";
import type { RelationInputs } from "./relation-input.ts";
import type { Page, PageArguments, Resource } from "./resource.ts";

/** Errors of every method: STORE_UNAVAILABLE, FORBIDDEN; of every write: UNAUTHENTICATED. Writes take `dryRun` (see `Rehearsal`). */
export interface ResourceManager<Out, In = Out> {
  /** The same manager acting as somebody, at a time. @default now: the model's clock, at each call */
  as(actor: Actor, now?: Date): ResourceManager<Out, In>;

  /** The same manager going past all policies; what it writes is the actor's still, of "root" where there is none. */
  asRoot(): ResourceManager<Out, In>;

  /** @throws VALIDATION_FAILED, RESOURCE_EXISTS */
  create(data: In, options?: CreateOptions): Promise<Resource<Out>>;
  /**
   * `revisionId`: as that revision shows it; history can be read after a deletion too, unless `includeDeleted: false`.
   * @throws RESOURCE_NOT_FOUND, RESOURCE_DELETED, REVISION_NOT_FOUND, PAYLOAD_CORRUPT
   */
  get(resourceId: string, options?: GetOptions): Promise<Resource<Out>>;
  /** Parts of the data, as JSON (CONTRACT §5). @throws as `get`, and PARTIAL_PATH_INVALID */
  getPartial(resourceId: string, paths: readonly string[], options?: GetOptions): Promise<unknown>;
  /**
   * `partial`: `data` holds only these paths, as JSON.
   * @throws QUERY_INVALID, FIELD_NOT_INDEXED, LIMIT_EXCEEDED
   */
  search(query?: ResourceQuery | QB, options?: { partial?: readonly string[] }): Promise<Resource<Out>[]>;
  /** @throws QUERY_INVALID, FIELD_NOT_INDEXED */
  count(query?: ResourceQuery | QB): Promise<number>;
  /**
   * What refers to it, reference by reference in the order of the registry; deleted ones left out, and those that the actor may not list.
   * @throws RESOURCE_NOT_FOUND, CURSOR_INVALID, QUERY_INVALID where no such resource or field refers to it, FORBIDDEN where one that is named may not be listed
   */
  referrers(resourceId: string, options?: ReferrersOptions): Promise<Page<Referrer>>;
  /** Newest first. @throws RESOURCE_NOT_FOUND, CURSOR_INVALID, QUERY_INVALID */
  revisions(resourceId: string, options?: PageArguments): Promise<Page<RevisionInfo>>;
  /** RFC 6902, from one revision's data to another's (default: the current one's). @throws REVISION_NOT_FOUND */
  diff(resourceId: string, from: string, to?: string): Promise<PatchOperation[]>;

  /**
   * The content of a `binary()` field, as a stream; `fileId` as the data hold it. `revisionId`: where an earlier revision holds it.
   * @throws BLOB_NOT_FOUND, also where the resource is missing, hidden or deleted
   */
  getBlob(resourceId: string, fileId: string, options?: BlobOptions): Promise<BlobContent>;
  /**
   * A URL that answers GET for an hour at least, for whoever has it: the store's own where it has presigned ones, else the gateway's: absolute once
   * it listens or where `publicUrl` is set. @throws as `getBlob`
   */
  getBlobUrl(resourceId: string, fileId: string, options?: BlobUrlOptions): Promise<string>;
  /**
   * The data as an input that carries its content, every `binary()` value in base64: to create it again, here or elsewhere.
   * @throws as `get`, and LIMIT_EXCEEDED beyond 64 MiB
   */
  restoreBinary(resourceId: string, options?: BlobOptions): Promise<In>;

  /** @throws VALIDATION_FAILED, RESOURCE_NOT_FOUND, RESOURCE_DELETED, PRECONDITION_FAILED */
  update(resourceId: string, data: In, options?: WriteOptions): Promise<Resource<Out>>;
  /** Creates under that id, or updates. @throws VALIDATION_FAILED, RESOURCE_DELETED, PRECONDITION_FAILED */
  upsert(resourceId: string, data: In, options?: WriteOptions): Promise<Resource<Out>>;
  /** @param operations RFC 6902, on the document as JSON. @throws as `update`, and PATCH_FAILED, LIMIT_EXCEEDED */
  patch(resourceId: string, operations: readonly PatchOperation[], options?: WriteOptions): Promise<Resource<Out>>;
  /** Edits the current revision in place. @throws as `patch`, and STABLE_REVISION_IMMUTABLE */
  modify(resourceId: string, changes: Modification<In>, options?: ExistingOptions): Promise<Resource<Out>>;
  /** @throws REVISION_NOT_FOUND, RESOURCE_NOT_FOUND, RESOURCE_DELETED, PRECONDITION_FAILED */
  switch(resourceId: string, revisionId: string, options?: ExistingOptions): Promise<Resource<Out>>;
  /** @throws RESOURCE_NOT_FOUND, RESOURCE_DELETED, PRECONDITION_FAILED */
  delete(resourceId: string, options?: ExistingOptions): Promise<ResourceMeta>;
  /**
   * @param options `cascade`: what its deletion had deleted besides too, as far as nobody has touched it since. @default false
   * @throws RESOURCE_NOT_FOUND, PRECONDITION_FAILED
   */
  restore(resourceId: string, options?: ExistingOptions & { cascade?: boolean }): Promise<ResourceMeta>;
  /** What deleting it would do to those that refer to it. Nothing happens. @throws RESOURCE_NOT_FOUND, RESOURCE_DELETED, LIMIT_EXCEEDED */
  deletePlan(resourceId: string): Promise<DeletePlan>;
  /** Removes it for good. @throws RESOURCE_NOT_FOUND, PRECONDITION_FAILED */
  purge(resourceId: string, options?: ExistingOptions): Promise<{ readonly resourceId: string }>;

  /**
   * The change log of this model behind `after` ("0": from the beginning; default: from now), then live, until the
   * reader stops. @throws CURSOR_INVALID, and SHUTTING_DOWN (with `details.cursor`) when the gateway closes
   */
  changes(options?: { after?: string; resourceId?: string; where?: Where }): AsyncIterable<ResourceChange<Out>>;
}

/** `stable` and `draft`; GraphQL's upper-case names are taken too. */
export type StatusName = RevisionStatus | Uppercase<RevisionStatus>;

export interface ReferrersOptions extends PageArguments {
  /** Only of this resource name. */
  readonly resource?: string;
  /** Only by this field: a dotted path. */
  readonly field?: string;
}

export interface GetOptions {
  readonly revisionId?: string;
  readonly includeDeleted?: boolean;
}

export interface BlobOptions {
  /** @default the current revision */
  readonly revisionId?: string;
}

export type BlobUrlOptions = BlobOptions;

export interface BlobContent extends BinaryValue {
  /** To be read once; opened when the first chunk is asked for. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface Rehearsal {
  /**
   * Everything happens but the storing: policies, validation, handlers, cascades, the checks of unique values and references. It answers what would be, with ids and
   * etags that will be others when it is done; nothing is written, and nobody hears of it. Another write may come in between. @default false
   */
  readonly dryRun?: boolean;
}

export interface CreateOptions extends Rehearsal {
  /** What becomes of its relations, in the same commit. */
  readonly relations?: RelationInputs;
  /** @default the model's `defaultStatus` */
  readonly status?: StatusName;
  /** @default a generated one */
  readonly resourceId?: string;
}

/** Of what is there already. */
export interface ExistingOptions extends Rehearsal {
  /** An etag: the write happens only if the resource still has it. */
  readonly ifMatch?: string;
}

export interface WriteOptions extends ExistingOptions {
  /** What becomes of its relations, in the same commit. */
  readonly relations?: RelationInputs;
  /** @default the model's `defaultStatus` */
  readonly status?: StatusName;
}

/** At most one of `data` and `patch`; at least one of the three. */
export interface Modification<In> {
  readonly data?: In;
  /** With `data` only. */
  readonly relations?: RelationInputs;
  readonly patch?: readonly PatchOperation[];
  readonly status?: StatusName;
}

/** A change of the log with the state it left; `resource` is null once purged. */
export interface ResourceChange<Out> {
  readonly cursor: string;
  readonly action: ResourceAction;
  readonly resourceName: string;
  readonly resourceId: string;
  readonly revisionId: string;
  readonly previousRevisionId: string | null;
  readonly actor: string;
  readonly time: Date;
  readonly changedPaths: readonly string[];
  readonly resource: Resource<Out> | null;
}

/** Resource ids. */
export interface DeletePlan {
  /** What would be deleted too. */
  readonly cascades: readonly string[];
  /** What would lose references and stay. */
  readonly setNulls: readonly string[];
  /** What stays and forbids the deletion; empty where it may go ahead. At most 1000. */
  readonly restrictedBy: readonly string[];
}
