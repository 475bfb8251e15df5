/**
 * A unit: writes that become one commit, all or none. An operation that writes begins one. What a hook or a feature writes besides, by `execute` in a
 * context that has the unit, joins it: under the policies and hooks of its own model, by the same stages.
 *
 * Where the commit is lost, because another process has changed one of the resources in the meantime, what joined is forgotten and the first write is planned anew: hooks run
 * again then, and let join what they want. Nobody's write is lost, and none is half made.
 */
import { WeftError } from "../base/errors.ts";
import { uuidv7 } from "../base/ids.ts";
import type { Change } from "../model/change.ts";
import type { Head, PayloadPointer } from "../model/resource-meta.ts";
import type { Commit, CommitOutcome, Proviso } from "../stores/meta/meta-store.ts";
import { refusalOfRehearsal } from "../stores/meta/rehearsal.ts";
import type { DraftedWrite } from "./draft-write.ts";
import type { OperationContext } from "./operation.ts";
import type { Plan } from "./plan.ts";
import type { Reader } from "./reader.ts";
import type { Snapshot } from "./resource.ts";
import type { Services } from "./services.ts";

/** A write as it will be committed. */
export interface PlannedWrite {
  readonly context: OperationContext;
  readonly plan: Plan;
  readonly drafted: DraftedWrite;
}

/** Hears what becomes of a write when its unit is decided. */
export interface Decision {
  /** What the write has answered; undefined where it has failed by itself. */
  readonly snapshot: Snapshot | undefined;
  /**
   * Never rejects.
   * @param failure of the whole unit
   * @returns what is to be shown instead
   */
  decide(failure: { readonly error: unknown } | undefined): Promise<Snapshot | undefined>;
}

export interface Unit {
  readonly services: Services;
  readonly commitId: string;
  readonly actor: string;
  readonly time: Date;
  /** Another object each time that the unit is planned: for what is known of one attempt only. */
  readonly attempt: object;
  /** 1 at first. */
  readonly attemptNumber: number;
  /** Nothing is stored, and nobody hears of it; all else is done. */
  readonly isDryRun: boolean;
  /** By resource, in the order in which the log will show them. */
  readonly writes: ReadonlyMap<string, PlannedWrite>;
  /** A resource's head as the store has it; null where there is none. Fresh, never from a request's cache. */
  head(resourceId: string): Promise<Head | null>;
  /** The same where it is known already: undefined otherwise. */
  knownHead(resourceId: string): Head | null | undefined;
  /** Heads that were read just now: they need not be read again. */
  learn(heads: readonly Head[]): void;
  /** Takes the place of what is planned for the resource already, or comes last. */
  add(write: PlannedWrite): void;
  /**
   * The commit happens only where this is so.
   * @param onViolated what is said where other heads violate it. @default the unit is planned anew, on the state that has them
   */
  provide(proviso: Proviso, onViolated?: (resourceIds: readonly string[]) => Error | Promise<Error>): void;
  /** Bytes that this unit has stored for the resource, in an earlier attempt too. */
  stored(resourceId: string): PayloadPointer | undefined;
  /** Stores bytes; those that it stored for the resource before are removed. */
  store(resourceId: string, payload: NonNullable<DraftedWrite["payload"]>): Promise<void>;
  /** A write that joined has failed when part of what it does was planned already: the whole fails with it, whoever has caught the error. */
  spoil(error: unknown): void;
  /** Of this attempt. In the order in which they were planned. */
  whenDecided(decision: Decision): void;
  /** For the unit's own stages. */
  readonly state: UnitState;
}

export interface UnitState {
  readonly reader: UnitOptions["reader"];
  attempt: object;
  attemptNumber: number;
  spoiled: { readonly error: unknown } | undefined;
  readonly decisions: Decision[];
  readonly writes: Map<string, PlannedWrite>;
  readonly provisos: {
    readonly proviso: Proviso;
    readonly onViolated: ((resourceIds: readonly string[]) => Error | Promise<Error>) | undefined;
  }[];
  readonly stored: Map<string, PayloadPointer>;
  /** Heads as they were read for this attempt, or won over the one before. */
  known: Map<string, Head | null>;
  changes: readonly Change[];
}

export interface UnitOptions {
  readonly services: Services;
  /** Of who has begun it, and goes on to read what others have written into it. */
  readonly reader: Pick<Reader, "forget">;
  readonly actor: string;
  readonly time: Date;
  /** @default false */
  readonly isDryRun?: boolean | undefined;
}

export type StageResult = "lost" | undefined;

/** Lost commits in a row after which a unit gives up: somebody else is writing these resources without pause. */
const maxAttempts = 200;

export function createUnit({ services, reader, actor, time, isDryRun = false }: UnitOptions): Unit {
  const state: UnitState = {
    reader,
    attempt: {},
    attemptNumber: 0,
    spoiled: undefined,
    decisions: [],
    writes: new Map(),
    provisos: [],
    stored: new Map(),
    known: new Map(),
    changes: [],
  };
  return {
    services,
    commitId: uuidv7(),
    actor,
    time,
    get attempt() {
      return state.attempt;
    },
    get attemptNumber() {
      return state.attemptNumber;
    },
    isDryRun,
    writes: state.writes,
    knownHead: (resourceId) => state.known.get(resourceId),
    async head(resourceId) {
      const known = state.known.get(resourceId);
      return known === undefined ? ((await services.meta.heads([resourceId]))[0] ?? null) : known;
    },
    learn(heads) {
      for (const head of heads) if (!state.known.has(head.resourceId)) state.known.set(head.resourceId, head);
    },
    add(write) {
      state.writes.set(write.plan.resourceId, write);
    },
    provide(proviso, onViolated) {
      state.provisos.push({ proviso, onViolated });
    },
    stored: (resourceId) => state.stored.get(resourceId),
    async store(resourceId, { pointer, bytes }) {
      if (isDryRun) return;
      await dropStored(services, state, resourceId);
      await services.payload.put(pointer.key, bytes);
      state.stored.set(resourceId, pointer);
    },
    spoil(error) {
      state.spoiled ??= { error };
    },
    whenDecided(decision) {
      state.decisions.push(decision);
    },
    state,
  };
}

/**
 * Plans the first write and what joins it, and carries out the stages of the unit; again where they are lost.
 * @param plan called once an attempt
 */
export async function runUnit<Result>(
  unit: Unit,
  plan: () => Promise<Result>,
  stages: readonly { run(unit: Unit): StageResult | Promise<StageResult> }[],
): Promise<Result> {
  const { services, state } = unit;
  try {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      state.attempt = {};
      state.attemptNumber = attempt + 1;
      state.spoiled = undefined;
      state.decisions.length = 0;
      state.writes.clear();
      state.provisos.length = 0;
      const result = await plan();
      if (state.spoiled) throw (state.spoiled as { readonly error: unknown }).error;
      if (!(await isLost(unit, stages))) return result;
    }
    throw new WeftError("STORE_UNAVAILABLE", { hint: "The resource is written to without pause." });
  } finally {
    // What is begun in it and not awaited finds it over.
    state.attempt = {};
    for (const resourceId of [...state.stored.keys()]) await dropStored(services, state, resourceId);
  }
}

/**
 * Tells those who wait for it what became of the unit.
 * @returns what is to be shown instead of `snapshot`
 */
export async function decideUnit(
  { state }: Unit,
  outcome: { readonly snapshot: Snapshot } | { readonly error: unknown },
): Promise<Snapshot | undefined> {
  const failure = "error" in outcome ? outcome : undefined;
  let shown = "snapshot" in outcome ? outcome.snapshot : undefined;
  for (const { snapshot, decide } of state.decisions.splice(0)) {
    const instead = await decide(failure);
    if (instead && "snapshot" in outcome && snapshot === outcome.snapshot) shown = instead;
  }
  return shown;
}

async function isLost(
  unit: Unit,
  stages: readonly { run(unit: Unit): StageResult | Promise<StageResult> }[],
): Promise<boolean> {
  for (const stage of stages) if ((await stage.run(unit)) === "lost") return true;
  return false;
}

/** Removes bytes that were stored and will not be pointed to. */
async function dropStored(services: Services, { stored }: UnitState, resourceId: string): Promise<void> {
  const pointer = stored.get(resourceId);
  if (pointer === undefined) return;
  stored.delete(resourceId);
  await services.payload.delete([pointer.key]).catch((error) => services.report(error, "removing an unused payload"));
}

export async function commitUnit(unit: Unit): Promise<StageResult> {
  const { services, state, commitId, actor, time } = unit;
  const { reader } = state;
  const planned = [...state.writes.values()];
  if (planned.length === 0) return;
  const writes = planned.map(({ drafted }) => drafted.write);
  const provisos = state.provisos.map(({ proviso }) => proviso);
  const commit = { commitId, actor, time, writes, ...(provisos.length > 0 && { provisos }) };
  const outcome = unit.isDryRun ? await rehearse(unit, commit) : await commitTo(unit, commit);
  if (!outcome.isCommitted) {
    for (const [place, resourceIds] of outcome.violations) {
      const error = await state.provisos[place]?.onViolated?.(resourceIds);
      if (error) throw error;
    }
    state.known = new Map(outcome.conflicts);
    return "lost";
  }
  if (unit.isDryRun) return;
  state.changes = outcome.changes;
  state.stored.clear();
  for (const { context, plan, drafted } of planned) {
    context.session.reader.forget(plan.resourceId);
    reader.forget(plan.resourceId);
    if (drafted.payload) services.payloadCache.set(drafted.payload.pointer.key, drafted.payload.bytes);
  }
  await release(
    services,
    planned.flatMap(({ drafted }) => drafted.released),
  );
  return;
}

async function commitTo({ services, state }: Unit, commit: Commit): Promise<CommitOutcome> {
  return await services.meta.commit(commit).catch((error) => {
    // Whether it happened is unknown, so the bytes stay: a commit that did happen points to them.
    state.stored.clear();
    throw error;
  });
}

async function rehearse({ services }: Unit, commit: Commit): Promise<CommitOutcome> {
  return (await refusalOfRehearsal(services.meta, commit)) ?? { isCommitted: true, changes: [] };
}

async function release(services: Services, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  services.payloadCache.forget(keys);
  await services.payload.delete(keys).catch((error) => services.report(error, "purge: removing payloads"));
}

/** In a context without the unit, which is over: what they write is a commit of its own. */
export async function runAfterHooks({ services, state }: Unit): Promise<undefined> {
  for (const change of state.changes) {
    const planned = state.writes.get(change.resourceId);
    if (planned === undefined) continue;
    const { unit: _over, ...context } = planned.context;
    for (const hook of context.model.hooks) {
      try {
        await hook.after?.(context, change);
      } catch (error) {
        services.report(error, `after hook ${hook.name}`);
      }
    }
  }
}

export function feedUnit({ services, state }: Unit): undefined {
  if (state.changes.length === 0) return;
  // The log forgets what a purge removed; filters of those who listen now may still see what it was.
  services.onCommit(
    state.changes.map((change) => {
      const head = change.action === "purge" && state.writes.get(change.resourceId)?.plan.previous;
      return head ? { ...change, previousHead: head } : change;
    }),
  );
}
