/**
 * The life of a write: `writeStages`, in order. Reading the array is reading what happens.
 *
 * Bytes are stored before the commit that points to them, so no pointer ever dangles; a crash between the two leaves
 * an orphan payload, which gc collects. The stages from `load` to `commit` run again on the new state
 * where another process has changed the resource in between: nobody's write is lost, and none is written over.
 */
import { WeftError } from "../base/errors.ts";
import { checkResourceId, uuidv7 } from "../base/ids.ts";
import type { JsonObject } from "../base/json.ts";
import type { Change } from "../model/change.ts";
import type { Head, PayloadPointer } from "../model/resource-meta.ts";
import { actorId } from "./actor.ts";
import { storeFiles } from "./binaries.ts";
import { type Current, currentOf } from "./current.ts";
import { type DraftedWrite, draftWrite } from "./draft-write.ts";
import type { OperationContext } from "./operation.ts";
import type { Plan } from "./plan.ts";
import type { Snapshot } from "./resource.ts";
import type { WriteInput, WriteVerb } from "./write-verb.ts";

interface WriteState<Input extends WriteInput = WriteInput> {
  readonly context: OperationContext;
  readonly verb: WriteVerb<Input>;
  readonly input: Input;
  readonly resourceId: string;
  readonly commitId: string;
  actor: string;
  time: Date;
  document: JsonObject | undefined;
  /** undefined: not read yet; a lost commit leaves the head that won. */
  head: Head | null | undefined;
  current: Current | null;
  plan: Plan | "nothing" | undefined;
  drafted: DraftedWrite | undefined;
  /** Bytes this write has stored, reused where it is planned again with equal content. */
  stored: PayloadPointer | undefined;
  changes: readonly Change[];
}

type StageResult = "lost" | undefined;

interface Stage {
  readonly name: string;
  /** Part of what is repeated when a commit is lost. */
  readonly isRepeated?: true;
  run(state: WriteState): StageResult | Promise<StageResult>;
}

export const writeStages: readonly Stage[] = [
  { name: "admit", run: admit }, // nobody writes anonymously unless the gateway names a default user
  { name: "validate", run: validate }, // before anything is read: bad input must cost nothing. Then files come in, however slowly
  { name: "load", isRepeated: true, run: load }, // fresh from the store, never from a request's cache
  { name: "precondition", isRepeated: true, run: checkPrecondition }, // before planning: a stale ifMatch must win over "nothing to do"
  { name: "plan", isRepeated: true, run: makePlan },
  { name: "before hooks", isRepeated: true, run: runBeforeHooks }, // on a valid plan, with nothing stored yet
  { name: "payload", isRepeated: true, run: storePayload }, // durable before the pointer
  { name: "commit", isRepeated: true, run: commit }, // head, revision and log in one atomic write
  { name: "after hooks", run: runAfterHooks }, // cannot undo: a failure is reported, the write stands
  { name: "feed", run: feed }, // last, so that whoever is woken finds everything done
];

/** Lost commits in a row after which a write gives up: somebody else is writing this one resource without pause. */
const maxAttempts = 200;

/** Carries out a write verb on one resource. Writers of one resource in this process take turns. */
export function write<Input extends WriteInput>(
  context: OperationContext,
  verb: WriteVerb<Input>,
  target: { readonly resourceId: string; readonly input: Input },
): Promise<Snapshot> {
  const state = {
    context,
    verb,
    ...target,
    commitId: uuidv7(),
    actor: "",
    time: new Date(0),
    document: undefined,
    head: undefined,
    current: null,
    plan: undefined,
    drafted: undefined,
    stored: undefined,
    changes: [],
  } as unknown as WriteState;
  return begin(state).then(() =>
    context.services.turns.take(target.resourceId, async () => {
      try {
        await runStages(state);
      } finally {
        await dropUnused(state);
      }
      return resultOf(state);
    }),
  );
}

const firstRepeated = writeStages.findIndex((stage) => stage.isRepeated);

/** What needs no turn: nobody waits for a sender who takes their time. */
async function begin(state: WriteState): Promise<void> {
  for (const stage of writeStages.slice(0, firstRepeated)) await stage.run(state);
}

async function runStages(state: WriteState): Promise<void> {
  let attempts = 1;
  for (let index = firstRepeated; index < writeStages.length; index++) {
    const result = await writeStages[index]?.run(state);
    if (result !== "lost") continue;
    if (++attempts > maxAttempts)
      throw new WeftError("STORE_UNAVAILABLE", { hint: "The resource is written to without pause." });
    index = firstRepeated - 1;
  }
}

function admit(state: WriteState): undefined {
  const { session, model } = state.context;
  const actor = actorId(session.actor);
  if (actor === null) throw new WeftError("UNAUTHENTICATED");
  state.actor = actor;
  state.time = session.now ?? model.settings.defaultNow();
}

function validate(state: WriteState): undefined | Promise<undefined> {
  const { verb, context } = state;
  if (verb.requires !== "absent") checkResourceId(state.resourceId);
  state.document = verb.validate?.(context, state.input);
  return state.document && storeFiles(context, state.document);
}

async function load(state: WriteState): Promise<undefined> {
  const { services, session, model } = state.context;
  session.reader.forget(state.resourceId);
  if (state.head === undefined) {
    // A new id is assumed to be unused: the commit checks it anyway, and a create then costs one statement.
    state.head = state.verb.requires === "absent" ? null : ((await services.meta.heads([state.resourceId]))[0] ?? null);
  }
  const isOurs = state.head?.resourceName === model.definition.resourceName;
  state.current = state.head && isOurs ? currentOf(state.context, state.head) : null;
  checkState(state);
}

function checkState({ verb, current, resourceId, head }: WriteState): void {
  const { requires } = verb;
  if (requires === "absent") {
    if (head) throw new WeftError("RESOURCE_EXISTS", { resourceId });
    return;
  }
  if (!current) {
    if (requires === "absentOrLiving") return;
    throw new WeftError("RESOURCE_NOT_FOUND", { resourceId });
  }
  if (current.head.isDeleted && requires !== "present") throw new WeftError("RESOURCE_DELETED", { resourceId });
}

function checkPrecondition({ input, current }: WriteState): undefined {
  if (input.ifMatch === undefined || input.ifMatch === null || input.ifMatch === current?.head.etag) return;
  throw new WeftError("PRECONDITION_FAILED", {
    currentRevisionId: current?.head.currentRevisionId ?? null,
    etag: current?.head.etag ?? null,
  });
}

async function makePlan(state: WriteState): Promise<undefined> {
  const { verb, context, input, current, document, resourceId } = state;
  const step = await verb.plan(context, { input, resourceId, current, document });
  if (step === "nothing") state.plan = "nothing";
  else state.plan = { action: verb.action(current), resourceId, previous: current?.head ?? null, step };
}

async function runBeforeHooks({ context, plan }: WriteState): Promise<undefined> {
  if (plan === undefined || plan === "nothing") return;
  for (const hook of context.model.hooks) await hook.before?.(context, plan);
}

async function storePayload(state: WriteState): Promise<undefined> {
  const { plan, context } = state;
  if (plan === undefined || plan === "nothing") return;
  const drafted = await draftWrite(context, plan, { actor: state.actor, time: state.time, stored: state.stored });
  state.drafted = drafted;
  if (!drafted.payload || drafted.payload.pointer === state.stored) return;
  await dropUnused(state);
  await context.services.payload.put(drafted.payload.pointer.key, drafted.payload.bytes);
  state.stored = drafted.payload.pointer;
}

async function commit(state: WriteState): Promise<StageResult> {
  const { drafted, context, commitId, actor, time } = state;
  if (!drafted || state.plan === "nothing") return;
  const outcome = await context.services.meta
    .commit({ commitId, actor, time, writes: [drafted.write] })
    .catch((error) => {
      // Whether it happened is unknown, so its bytes stay: a commit that did happen points to them.
      state.stored = undefined;
      throw error;
    });
  if (!outcome.isCommitted) {
    state.head = outcome.conflicts.get(state.resourceId) ?? null;
    return "lost";
  }
  state.changes = outcome.changes;
  state.stored = undefined;
  context.session.reader.forget(state.resourceId);
  const { payload, released } = drafted;
  if (payload) context.services.payloadCache.set(payload.pointer.key, payload.bytes);
  if (released.length > 0) {
    context.services.payloadCache.forget(released);
    await context.services.payload
      .delete(released)
      .catch((error) => context.services.report(error, "purge: removing payloads"));
  }
  return;
}

async function runAfterHooks({ context, changes }: WriteState): Promise<undefined> {
  for (const change of changes) {
    for (const hook of context.model.hooks) {
      try {
        await hook.after?.(context, change);
      } catch (error) {
        context.services.report(error, `after hook ${hook.name}`);
      }
    }
  }
}

function feed({ context, changes, head }: WriteState): undefined {
  if (changes.length === 0) return;
  // The log forgets what a purge removed; filters of those who listen now may still see what it was.
  context.services.onCommit(
    changes.map((change) => (change.action === "purge" ? { ...change, previousHead: head } : change)),
  );
}

/** Removes bytes that this write stored and will not point to. */
async function dropUnused(state: WriteState): Promise<void> {
  const { stored, context } = state;
  if (!stored) return;
  state.stored = undefined;
  await context.services.payload
    .delete([stored.key])
    .catch((error) => context.services.report(error, "removing an unused payload"));
}

async function resultOf({ context, plan, drafted, current }: WriteState): Promise<Snapshot> {
  const { model } = context;
  const head = plan === "nothing" ? current?.head : (drafted?.write.head ?? current?.head);
  if (!head) throw new WeftError("INTERNAL");
  const snapshot = { model, head, revisionId: head.currentRevisionId, payload: head.payload };
  if (plan === "nothing" || !drafted) return snapshot;
  return {
    ...snapshot,
    ...(drafted.write.currentRevision ? { revision: drafted.write.currentRevision } : {}),
    ...(drafted.document ? { document: drafted.document } : {}),
  };
}
