/** Makes the typed manager of a model out of its operations. */
import { invalid } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { selectionFromPaths } from "../codec/partial-path.ts";
import { pick } from "../codec/prune.ts";
import type { Revision, RevisionStatus } from "../model/revision.ts";
import { isQb, type QB } from "../query/qb/builder.ts";
import { contextOf } from "../query/qb/check-search.ts";
import type { ResourceQuery } from "../query/resource-query.ts";
import type { Actor } from "./actor.ts";
import { execute } from "./execute.ts";
import type { DeletePlan, GetOptions, Rehearsal, ResourceChange, ResourceManager } from "./manager.ts";
import { type BlobUrls, blobMethods } from "./manager-blobs.ts";
import { mappedStream } from "./mapped-stream.ts";
import type { Operation, OperationContext } from "./operation.ts";
import { snapshotWith } from "./operations/get.ts";
import type { Referrer, ReferrerEdge, ReferrerPage } from "./referrer.ts";
import { type ManagerScope, type Model, operationOf } from "./registry.ts";
import type { Resource, Snapshot } from "./resource.ts";
import { infoOf, metaOf, shownInfoOf, toResource } from "./resource-of.ts";
import type { Services } from "./services.ts";
import { createSession } from "./session.ts";
import { shownDocument, shownRevision } from "./shown.ts";
import type { ShownChange } from "./shown-changes.ts";
import { verbs } from "./verbs.ts";

interface ManagerOptions {
  readonly model: Model;
  /** Opens the stores on first use. */
  readonly services: () => Promise<Services>;
  /** undefined: the model's default user. */
  readonly actor?: Actor;
  readonly now?: Date;
  /** @default false */
  readonly isRoot?: boolean;
  /** Of one that handlers get. */
  readonly within?: ManagerScope["within"];
  /** For `getBlobUrl`. */
  readonly urls?: BlobUrls;
}

export function createManager<Out, In>(options: ManagerOptions): ResourceManager<Out, In> {
  const { model } = options;

  const open = async (): Promise<OperationContext> => {
    const within = options.within?.();
    const services = await options.services();
    const actor = options.actor === undefined ? model.settings.defaultUser() : options.actor;
    return {
      model,
      services,
      session: createSession(services, { actor, now: options.now, isRoot: options.isRoot ?? false }),
      ...within,
    };
  };
  const openWrite = async (dryRun: boolean | undefined): Promise<OperationContext> =>
    dryRun ? { ...(await open()), isDryRun: true } : await open();
  const run = async <Input extends object, Output>(operation: Operation<Input, Promise<Output>>, input: Input) =>
    await execute(await open(), operation, input);
  /** `dryRun` is no input of an operation: policies, handlers and faces see the same either way. */
  const write = async <Input extends object, Output>(
    operation: Operation<Input, Promise<Output>>,
    { dryRun, ...input }: Input & Rehearsal,
  ) => {
    const context = await openWrite(dryRun);
    return { context, output: await execute(context, operation, input as unknown as Input) };
  };
  const runForResource = async <Input extends object>(
    operation: Operation<Input, Promise<Snapshot>>,
    input: Input & Rehearsal,
  ) => {
    const { context, output } = await write(operation, input);
    return await toResource<Out>(context, output);
  };

  /** What a feature has added. */
  const runAdded = async <Output>(name: string, input: object): Promise<Output> => {
    const context = await open();
    const operation = operationOf(context.model, name) as Operation<object, Promise<Output>> | undefined;
    if (!operation) throw new Error(`the gateway has no ${name}`);
    return execute(context, operation, input);
  };

  return {
    as: (actor, now) => createManager({ ...options, actor, ...(now === undefined ? {} : { now }) }),
    asRoot: () => createManager({ ...options, isRoot: true }),
    create: (data, o = {}) => runForResource(verbs.create, { data, ...withStatus(o) }),
    async get(resourceId, o = {}) {
      const context = await open();
      return await toResource<Out>(context, await execute(context, verbs.get, { resourceId, ...o }));
    },
    getPartial: (resourceId, paths, o: GetOptions = {}) => run(verbs.partial, { resourceId, paths, ...o }),
    async search(query = {}, { partial } = {}) {
      const context = await open();
      const found = await execute(context, verbs.list, { query: plainQuery(context, query) });
      return await Promise.all(
        found.map((snapshot) =>
          partial ? toPartial<Out>(context, snapshot, partial) : toResource<Out>(context, snapshot),
        ),
      );
    },
    async count(query = {}) {
      const context = await open();
      return await execute(context, verbs.count, { query: plainQuery(context, query) });
    },
    async revisions(resourceId, o = {}) {
      const page = await run(verbs.revisions, { resourceId, ...o });
      return { ...page, edges: page.edges.map(({ node, cursor }) => ({ node: shownInfoOf(node), cursor })) };
    },
    async referrers(resourceId, o = {}) {
      const { edges, pageInfo } = await runAdded<ReferrerPage>("referrers", { resourceId, ...o });
      return { pageInfo, edges: edges.map((edge) => ({ node: referrerOf(edge), cursor: edge.cursor() })) };
    },
    diff: (resourceId, from, to) => run(verbs.diff, { resourceId, from, to: to ?? null }),
    ...blobMethods<In>(open, options.urls),
    update: (resourceId, data, o = {}) => runForResource(verbs.update, { resourceId, data, ...withStatus(o) }),
    upsert: (resourceId, data, o = {}) => runForResource(verbs.upsert, { resourceId, data, ...withStatus(o) }),
    patch: (resourceId, patch, o = {}) => runForResource(verbs.patch, { resourceId, patch, ...withStatus(o) }),
    modify: (resourceId, changes, o = {}) => runForResource(verbs.modify, { resourceId, ...withStatus(changes), ...o }),
    switch: (resourceId, revisionId, o = {}) => runForResource(verbs.switch, { resourceId, revisionId, ...o }),
    delete: async (resourceId, o = {}) => metaOf((await write(verbs.delete, { resourceId, ...o })).output),
    restore: async (resourceId, o = {}) => metaOf((await write(verbs.restore, { resourceId, ...o })).output),
    deletePlan: (resourceId) => runAdded<DeletePlan>("deletePlan", { resourceId }),
    purge: async (resourceId, o = {}) => (await write(verbs.purge, { resourceId, ...o })).output,
    changes: (o = {}) =>
      mappedStream(
        async () => await openChanges(await open(), o),
        async (change) => await toChange<Out>(await open(), change),
      ),
  };
}

/** Relative dates of the builder are those of the operation's time. */
function plainQuery({ model, session }: OperationContext, query: ResourceQuery | QB): ResourceQuery {
  if (!isQb(query)) return query;
  return query.toQuery(contextOf(model.definition, session.now ?? model.settings.defaultNow()));
}

/** The stream operation a feature has added: the log is not this floor's. */
async function openChanges(context: OperationContext, input: object): Promise<AsyncIterator<ShownChange>> {
  const operation = operationOf(context.model, "changes") as
    | Operation<object, Promise<AsyncIterable<ShownChange>>>
    | undefined;
  if (!operation) throw new Error("the gateway has no feed");
  return (await execute(context, operation, input))[Symbol.asyncIterator]();
}

/** Each change is read in a session of its own, so that nothing read for one is shown to another. */
async function toChange<Out>(context: OperationContext, change: ShownChange): Promise<ResourceChange<Out>> {
  const { seq, head, revision, hidden, previousHead: _previous, commitId: _commit, ...shown } = change;
  const resource =
    head && revision ? await toResource<Out>(context, snapshotWith(context.model, head, { revision, hidden })) : null;
  return { cursor: String(seq), ...shown, resource };
}

async function toPartial<Out>(
  context: OperationContext,
  snapshot: Snapshot,
  paths: readonly string[],
): Promise<Resource<Out>> {
  const { reader } = context.session;
  const selection = selectionFromPaths(paths, context.model.definition.shape);
  const [revision, document] = await Promise.all([
    reader.revision(snapshot.revisionId),
    shownDocument(context, snapshot, selection),
  ]);
  const data: Json = pick(document, selection);
  const info = infoOf(shownRevision(revision as Revision, snapshot.hidden));
  return { meta: metaOf(snapshot), revision: info, data: data as Out };
}

function referrerOf({ node, relation }: ReferrerEdge): Referrer {
  const { path: field, onDelete } = relation.reference;
  return { resourceName: relation.resourceName, resourceId: node.head.resourceId, field, onDelete };
}

const statuses: Readonly<Record<string, RevisionStatus>> = {
  stable: "stable",
  STABLE: "stable",
  draft: "draft",
  DRAFT: "draft",
};

function withStatus<O extends { readonly status?: string }>(
  options: O,
): Omit<O, "status"> & { status?: RevisionStatus } {
  const { status, ...rest } = options;
  if (status === undefined || status === null) return rest;
  const known = statuses[status];
  if (!known) throw invalid(["status"], 'Must be "stable" or "draft"');
  return { ...rest, status: known };
}
