/**
 * The life of a write: `writeStages`, in order. Reading the array is reading what happens.
 *
 * Bytes are stored before the commit that points to them, so no pointer ever dangles; a crash between the two leaves
 * an orphan payload, which gc collects. Several writes may become one commit (`unit.ts`): the stages of a resource then run once for each.
 */
import { WeftError } from "../base/errors.ts";
import { checkResourceId } from "../base/ids.ts";
import type { JsonObject } from "../base/json.ts";
import type { Head } from "../model/resource-meta.ts";
import { actorId } from "./actor.ts";
import { storeFiles } from "./binaries.ts";
import { type Current, currentOf, plannedCurrent } from "./current.ts";
import { type DraftedWrite, draftWrite } from "./draft-write.ts";
import { type WriteEvents, writeEventsOf } from "./events/write-events.ts";
import { checkGiven, checkOutcome, checkTarget, completed, isIncomplete } from "./granted-write.ts";
import type { OperationContext } from "./operation.ts";
import { withOwnReferences } from "./own-references.ts";
import { mergePlans, type Plan } from "./plan.ts";
import { settingRelation } from "./relation-hooks.ts";
import { type RelationWork, relationWork } from "./relation-input.ts";
import type { Snapshot } from "./resource.ts";
import { commitUnit, createUnit, decideUnit, feedUnit, runAfterHooks, runUnit, type Unit } from "./unit.ts";
import { runValidators } from "./validator.ts";
import type { WriteInput, WriteVerb } from "./write-verb.ts";

/** What was asked for, checked. */
interface Request<Input extends WriteInput = WriteInput> {
  readonly context: OperationContext;
  readonly verb: WriteVerb<Input>;
  input: Input;
  readonly resourceId: string;
  actor: string;
  time: Date;
  document: JsonObject | undefined;
  works: readonly RelationWork[];
}

/** One attempt to plan it. */
interface WriteState extends Request {
  readonly unit: Unit;
  head: Head | null;
  current: Current | null;
  plan: Plan | "nothing" | undefined;
  drafted: DraftedWrite | undefined;
  events: WriteEvents | undefined;
}

interface Stage<State> {
  readonly name: string;
  run(state: State): undefined | Promise<undefined>;
}

const requestStages: readonly Stage<Request>[] = [
  { name: "admit", run: admit }, // nobody writes anonymously unless the gateway names a default user
  { name: "validate", run: validate }, // before anything is read: bad input must cost nothing. Then files come in, however slowly
];

const resourceStages: readonly Stage<WriteState>[] = [
  { name: "load", run: load }, // fresh from the store, never from a request's cache; policies' conditions hold of it
  { name: "complete", run: complete }, // what was given, with what the actor may neither see nor write, and the ids of relations
  { name: "before handlers", run: runBeforeHandlers }, // of the application: whatever the state is. What they make of the input is validated again
  { name: "state", run: checkState },
  { name: "precondition", run: checkPrecondition }, // before planning: a stale ifMatch must win over "nothing to do"
  { name: "plan", run: makePlan },
  { name: "referred", run: writeReferred }, // by its relations: they join the unit before it
  { name: "before hooks", run: runBeforeHooks }, // on a valid plan, with nothing stored yet; what they write besides joins the unit
  { name: "payload", run: storePayload }, // durable before the pointer
  { name: "referring", run: writeReferring }, // by its relations: they join the unit behind it
];

const unitStages = [
  { name: "commit", run: commitUnit }, // heads, revisions and log in one atomic write; where it is lost, back to load
  { name: "after hooks", run: runAfterHooks }, // cannot undo: a failure is reported, the write stands
  { name: "feed", run: feedUnit }, // whoever is woken finds everything done
] as const;

/** Outside the resource's turn, so that they may write it again; `write` runs it behind failures too. */
const decided = { name: "other handlers", run: decideUnit } as const;

export const writeStages = [...requestStages, ...resourceStages, ...unitStages, decided] as const;

/** How long one write of a resource may hold up the others: a handler that waits for one of them would do so for ever. */
const patienceMs = 30_000;

/**
 * Carries out a write verb on one resource: as a unit of its own, or in the context's. Writers of one resource in this process take turns.
 * @returns the resource as it is then; in a unit that is not committed yet, as it will be
 */
export async function write<Input extends WriteInput>(
  context: OperationContext,
  verb: WriteVerb<Input>,
  target: { readonly resourceId: string; readonly input: Input },
): Promise<Snapshot> {
  const unchecked = { actor: "", time: new Date(0), document: undefined, works: [] };
  const request = { context, verb, ...target, ...unchecked } as unknown as Request;
  for (const stage of requestStages) await stage.run(request);
  // A rehearsal amid what is done becomes no part of it.
  if (context.unit && context.unit.isDryRun === (context.isDryRun ?? false)) return planWrite(request, context.unit);
  const { services, isDryRun } = context;
  const unit = createUnit({
    services,
    reader: context.session.reader,
    actor: request.actor,
    time: request.time,
    isDryRun,
  });
  const joined = { ...request, context: { ...context, unit } };
  const patience = context.model.events.hasBefore ? patienceMs : undefined;
  const run = () => runUnit(unit, () => planWrite(joined, unit), unitStages);
  try {
    const snapshot = await (isDryRun ? run() : services.turns.take(target.resourceId, run, patience));
    return (await decided.run(unit, { snapshot })) ?? snapshot;
  } catch (error) {
    await decided.run(unit, { error });
    throw error;
  }
}

async function planWrite(request: Request, unit: Unit): Promise<Snapshot> {
  const state: WriteState = {
    ...request,
    unit,
    head: null,
    current: null,
    plan: undefined,
    drafted: undefined,
    events: undefined,
  };
  try {
    for (const stage of resourceStages) await stage.run(state);
  } catch (error) {
    if (state.plan !== undefined || state.events?.hasWritten) unit.spoil(error);
    await state.events?.planned({ error });
    throw error;
  }
  const snapshot = resultOf(state);
  if (state.events) await state.events.planned({ snapshot });
  return snapshot;
}

function admit(request: Request): undefined {
  const { session, model, unit } = request.context;
  const actor = unit?.actor ?? actorId(session.actor) ?? (session.isRoot ? "root" : null);
  if (actor === null) throw new WeftError("UNAUTHENTICATED");
  request.actor = actor;
  request.time = unit?.time ?? session.now ?? model.settings.defaultNow();
}

function validate(request: Request): undefined | Promise<undefined> {
  const { verb, context } = request;
  if (verb.requires !== "absent") checkResourceId(request.resourceId);
  checkGiven(context, request.input);
  const isNew = verb.requires === "absent";
  request.works = relationWork(context, request.input.relations, isNew);
  if (request.works.length > 0 || (!isNew && isIncomplete(context, request.input))) return;
  request.document = verb.validate?.(context, request.input);
  return request.document && storeFiles(context, request.document);
}

async function load(state: WriteState): Promise<undefined> {
  const { context, unit, resourceId, verb } = state;
  context.session.reader.forget(resourceId);
  const planned = unit.writes.get(resourceId);
  if (planned) {
    state.head = planned.drafted.write.head;
    state.current = plannedCurrent(context, planned);
  } else {
    // A new id is assumed to be unused: the commit checks it anyway, and a create then costs one statement.
    state.head = verb.requires === "absent" ? (unit.knownHead(resourceId) ?? null) : await unit.head(resourceId);
    const isOurs = state.head?.resourceName === context.model.definition.resourceName;
    state.current = state.head && isOurs ? currentOf(context, state.head) : null;
  }
  if (state.current && verb.requires !== "absent") await checkTarget(context, state.current.head);
}

async function runBeforeHandlers(state: WriteState): Promise<undefined> {
  state.events = writeEventsOf(state);
  if (state.events === undefined) return;
  await state.events.before();
  if (state.document) await storeFiles(state.context, state.document);
}

function checkState({ verb, current, resourceId, head }: WriteState): undefined {
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

async function complete(state: WriteState): Promise<undefined> {
  const { verb, context, input, current, works } = state;
  const isPartial = verb.requires !== "absent" && isIncomplete(context, input);
  if (!isPartial && works.length === 0) return;
  // It is missing, which its state will tell of.
  if (current === null && verb.requires !== "absent" && verb.requires !== "absentOrLiving") return;
  const held = current && (await current.document());
  const given = held && isPartial ? completed(context, input.data, held) : input.data;
  state.works = await settledOwn(state);
  state.input = { ...input, data: withOwnReferences(given, state.works, held) };
  state.document = verb.validate?.(context, state.input);
  if (state.document) await storeFiles(context, state.document);
}

/** What its hooks have made of the relations that its own data hold. */
async function settledOwn({ context, works, resourceId }: WriteState): Promise<RelationWork[]> {
  const settled: RelationWork[] = [];
  const set = async (work: RelationWork) => {
    settled.push(work);
    return 1;
  };
  for (const work of works) {
    if (work.relation.kind === "reverse") settled.push(work);
    else await settingRelation(context, { work, resourceId }, set);
  }
  return settled;
}

async function makePlan(state: WriteState): Promise<undefined> {
  const { verb, context, input, current, document, resourceId } = state;
  const step = await verb.plan(context, { input, resourceId, current, document });
  if (step === "nothing") {
    state.plan = "nothing";
    return;
  }
  const action = verb.action(current);
  const content = step.kind === "revise" || step.kind === "edit" ? step.document : undefined;
  if (content && context.model.validators?.length)
    await runValidators(context, { document: content, action, resourceId, current, now: state.time });
  state.plan = { action, resourceId, previous: current?.head ?? null, step };
}

async function runBeforeHooks({ context, plan }: WriteState): Promise<undefined> {
  if (plan === undefined || plan === "nothing") return;
  for (const hook of context.model.hooks) await hook.before?.(context, plan);
}

async function writeReferred({ context, works }: WriteState): Promise<undefined> {
  if (works.length > 0) for (const hook of context.model.hooks) await hook.writeReferred?.(context, works);
}

async function writeReferring({ context, works, resourceId }: WriteState): Promise<undefined> {
  if (works.length > 0) for (const hook of context.model.hooks) await hook.writeReferring?.(context, works, resourceId);
}

async function storePayload(state: WriteState): Promise<undefined> {
  const { plan, context, unit, resourceId, actor, time } = state;
  if (plan === undefined || plan === "nothing") return;
  const earlier = unit.writes.get(resourceId)?.plan;
  const whole = earlier ? mergePlans(earlier, plan) : plan;
  const stored = unit.stored(resourceId);
  const drafted = await draftWrite(context, whole, { actor, time, stored });
  state.drafted = drafted;
  await checkOutcome(context, whole, drafted);
  if (drafted.payload && drafted.payload.pointer !== stored) await unit.store(resourceId, drafted.payload);
  unit.add({ context, plan: whole, drafted });
}

function resultOf({ context, plan, drafted, current }: WriteState): Snapshot {
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
