/** Runs the handlers of one event, phase by phase. */
import { WeftError } from "../../base/errors.ts";
import type { ActionHandlers, Handle, Phase, ResourceEvent } from "../event.ts";
import type { Services } from "../services.ts";

/** How deep handlers may call operations whose handlers call operations, and so on. */
const maxNesting = 20;

/** @throws what a handler throws; LIMIT_EXCEEDED where handlers call each other without end */
export async function fireBefore(handlers: readonly Handle[], event: ResourceEvent, nesting: number): Promise<void> {
  if (nesting > maxNesting) {
    const hint = `Handlers call operations whose handlers call operations, ${maxNesting} deep.`;
    throw new WeftError("LIMIT_EXCEEDED", { hint });
  }
  for (const handle of handlers) await handle(event);
}

/** What an event is in one phase. Those in the background get objects of their own. */
export type EventAt = (phase: Phase, isBackground: boolean) => ResourceEvent;

interface Scope {
  readonly handlers: ActionHandlers;
  readonly services: Pick<Services, "background" | "report">;
  readonly eventAt: EventAt;
}

/** `onSuccess` or `onFailure`, then `after`, then those in the background. Never rejects. */
export async function fireDecided(scope: Scope, outcome: "onSuccess" | "onFailure"): Promise<void> {
  await fireReported(scope, outcome);
  await fireReported(scope, "after");
  startBackground(scope, outcome);
  startBackground(scope, "after");
}

async function fireReported({ handlers, services, eventAt }: Scope, phase: Phase): Promise<void> {
  if (handlers[phase].length === 0) return;
  const event = eventAt(phase, false);
  for (const handle of handlers[phase]) {
    try {
      await handle(event);
    } catch (error) {
      services.report(error, whereOf(event));
    }
  }
}

function startBackground({ handlers, services, eventAt }: Scope, phase: Exclude<Phase, "before">): void {
  for (const handle of handlers.background[phase]) {
    const event = eventAt(phase, true);
    services.background.start(() => handle(event), `background ${whereOf(event)}`);
  }
}

function whereOf({ phase, action, model, resourceId }: ResourceEvent): string {
  return `${phase} handler of ${action} ${model}${resourceId === undefined ? "" : ` ${resourceId}`}`;
}
