/** The events of a write: `before` in the midst of its stages, the others when its unit is decided. */
import type { JsonObject } from "../../base/json.ts";
import { changedPaths } from "../../model/difference.ts";
import { copyOf } from "../authorize.ts";
import type { Current } from "../current.ts";
import type { DraftedWrite } from "../draft-write.ts";
import type { ActionHandlers, Phase, ResourceEvent } from "../event.ts";
import type { OperationContext } from "../operation.ts";
import type { Plan } from "../plan.ts";
import type { Resource, Snapshot } from "../resource.ts";
import { toResource } from "../resource-of.ts";
import { seen } from "../sight.ts";
import type { Unit } from "../unit.ts";
import type { WriteInput, WriteVerb } from "../write-verb.ts";
import { type EventScene, eventOf, undecided, withFixedId } from "./event-scene.ts";
import { fireBefore, fireDecided } from "./fire.ts";
import { type Shown, shownOf } from "./result.ts";

/** One attempt of a write, as its stages leave it. */
export interface WriteAttempt {
  readonly context: OperationContext;
  readonly verb: WriteVerb<WriteInput>;
  readonly resourceId: string;
  readonly unit: Unit;
  input: WriteInput;
  document: JsonObject | undefined;
  readonly time: Date;
  readonly current: Current | null;
  readonly plan: Plan | "nothing" | undefined;
  readonly drafted: DraftedWrite | undefined;
}

export interface WriteEvents {
  /** Whether handlers have let something join the unit, or may have. */
  readonly hasWritten: boolean;
  /** Changes the attempt's input and document where handlers have run. @throws what one throws, and VALIDATION_FAILED for what they have made of the input */
  before(): Promise<void>;
  /** It is planned, or has failed. What follows waits for the unit. */
  planned(outcome: { readonly snapshot: Snapshot } | { readonly error: unknown }): Promise<void>;
}

/** Undefined where nobody listens. */
export function writeEventsOf(attempt: WriteAttempt): WriteEvents | undefined {
  const { byAction } = attempt.context.model.events;
  if (byAction.size === 0) return undefined;
  const handlers = byAction.get(attempt.verb.action(attempt.current));
  return handlers && createWriteEvents(attempt, handlers);
}

function createWriteEvents(attempt: WriteAttempt, handlers: ActionHandlers): WriteEvents {
  const { context, unit } = attempt;
  const scene = sceneOf(attempt);
  const joined = { unit, hasWritten: false };
  return {
    get hasWritten() {
      return joined.hasWritten;
    },
    async before() {
      if (handlers.before.length === 0) return;
      await fireBefore(handlers.before, eventOf(scene, "before", undecided, joined), context.nesting ?? 0);
      attempt.input = { ...scene.input };
      attempt.document = attempt.verb.validate?.(context, attempt.input);
    },
    async planned(outcome) {
      const failure = "error" in outcome ? { error: outcome.error } : undefined;
      // What a purge removes cannot be read behind it.
      if (!failure && scene.action === "purge") await scene.old().catch(() => undefined);
      unit.whenDecided({
        snapshot: "snapshot" in outcome ? outcome.snapshot : undefined,
        async decide(ofUnit) {
          const failed = failure ?? ofUnit;
          if (failed !== undefined || !("snapshot" in outcome)) return fireFailed(attempt, { scene, handlers }, failed);
          return fireSucceeded(attempt, { scene, handlers }, outcome.snapshot);
        },
      });
    },
  };
}

interface Heard {
  readonly scene: EventScene;
  readonly handlers: ActionHandlers;
}

async function fireFailed(
  { context }: WriteAttempt,
  { scene, handlers }: Heard,
  failure: { readonly error: unknown } | undefined,
) {
  const outcome = { error: failure?.error, result: undecided.result };
  const eventAt = (phase: Phase) => eventOf(scene, phase, outcome);
  await fireDecided({ handlers, services: context.services, eventAt }, "onFailure");
  return undefined;
}

async function fireSucceeded(attempt: WriteAttempt, { scene, handlers }: Heard, snapshot: Snapshot): Promise<Snapshot> {
  const { context, resourceId } = attempt;
  const shown = (): Shown<Snapshot> => {
    if (scene.action !== "purge") return shownWritten(context, snapshot);
    return { result: async () => ({ resourceId }), output: () => snapshot };
  };
  const own = shown();
  const eventAt = (phase: Phase, isBackground: boolean) => eventOf(scene, phase, isBackground ? shown() : own);
  await fireDecided({ handlers, services: context.services, eventAt }, "onSuccess");
  return own.output();
}

/** As the actor may see it; found out where somebody asks. */
function shownWritten(context: OperationContext, snapshot: Snapshot): Shown<Snapshot> {
  let shown: Shown<Snapshot> | undefined;
  const seeing = async () => {
    shown ??= shownOf(context, "resource", await seen(context, snapshot));
    return shown.result();
  };
  let result: Promise<unknown> | undefined;
  return { result: () => (result ??= seeing()), output: () => shown?.output() ?? snapshot };
}

function sceneOf(attempt: WriteAttempt): EventScene {
  const { context, unit, resourceId, input, document, current, verb, time } = attempt;
  const { model } = context;
  const own = copyOf(input) as Record<string, unknown>;
  // The document stays as it is: where the write is planned anew, handlers begin from it again.
  if (document !== undefined) own.data = model.definition.revive(copyOf(document) as JsonObject);
  const scene: EventScene = {
    context,
    action: verb.action(current),
    resourceId,
    now: time,
    attempt: unit.attemptNumber,
    input: withFixedId(own, resourceId),
    old: oldOf(attempt),
    changedPaths: () => changedPathsOf(attempt, scene.input),
  };
  return scene;
}

/** Read once, whoever asks. */
function oldOf({ context, current }: WriteAttempt): ResourceEvent["old"] {
  let old: Promise<Resource<unknown> | null> | undefined;
  const read = async () => {
    if (current === null) return null;
    const { head } = current;
    const [revision, document] = await Promise.all([current.revision(), current.document()]);
    const { model } = context;
    return await toResource<unknown>(context, {
      model,
      head,
      revisionId: head.currentRevisionId,
      payload: head.payload,
      revision,
      document: copyOf(document) as JsonObject,
    });
  };
  return () => (old ??= read());
}

async function changedPathsOf(attempt: WriteAttempt, input: Record<string, unknown>): Promise<readonly string[]> {
  const { plan, drafted, verb, context, current, resourceId } = attempt;
  if (plan === "nothing") return [];
  if (drafted !== undefined) return drafted.write.changedPaths;
  if (current === null && verb.requires !== "absent" && verb.requires !== "absentOrLiving") return [];
  // As the plan will be made, but for the storing of what it needs.
  const dry = { ...context, isDryRun: true };
  const document = verb.validate?.(dry, input);
  const step = await verb.plan(dry, { input, resourceId, current, document });
  if (step === "nothing" || step.kind === "flag") return [];
  if (current === null || step.kind === "purge") return [""];
  return step.document === undefined ? [] : changedPaths(await current.document(), step.document);
}
