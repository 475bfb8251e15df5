/** Runs an operation of a user's own, and shows what it gives back. */

import { WeftError } from "../../base/errors.ts";
import { checkResourceId } from "../../base/ids.ts";
import { isJsonObject } from "../../base/json.ts";
import { createManager } from "../../resource/create-manager.ts";
import { executeWithin } from "../../resource/execute.ts";
import { isGranted } from "../../resource/granted.ts";
import { checkTarget } from "../../resource/granted-write.ts";
import type { OperationContext } from "../../resource/operation.ts";
import { get } from "../../resource/operations/get.ts";
import type { Model } from "../../resource/registry.ts";
import type { Snapshot } from "../../resource/resource.ts";
import type { CustomCall, UntypedManager } from "./custom-operation.ts";
import type { CustomInput, ReadOperation } from "./read-operations.ts";

/** @returns what is shown; of a stream, an iterable of what `shownResult` shows */
export async function runCustom(
  context: OperationContext,
  operation: ReadOperation,
  given: CustomInput,
): Promise<unknown> {
  const { custom, input } = operation;
  const { resourceId: place, ...own } = given;
  const isAtResource = custom.place === "resource";
  const parsed = input.revive(input.parse(isAtResource ? own : given)) as Record<string, unknown>;
  const named = isAtResource ? place : parsed.resourceId;
  if (typeof named === "string") await checkResource(context, operation, named);
  const resourceId = isAtResource && typeof place === "string" ? place : undefined;
  const result = await custom.resolve({ ...callOf(context, operation), input: parsed, resourceId });
  return custom.kind === "stream" ? result : shownResult(context, operation, result);
}

async function checkResource(context: OperationContext, { custom }: ReadOperation, resourceId: string): Promise<void> {
  checkResourceId(resourceId);
  const head = await context.session.reader.head(resourceId);
  if (head?.resourceName !== context.model.definition.resourceName)
    throw new WeftError("RESOURCE_NOT_FOUND", { resourceId });
  if (custom.kind === "write") await checkTarget(context, head);
  else if (!(await isGranted(context, head))) throw new WeftError("RESOURCE_NOT_FOUND", { resourceId });
}

function callOf(
  { model, services, session }: OperationContext,
  { custom }: ReadOperation,
): Pick<CustomCall<unknown>, "actor" | "now" | "manager" | "resource"> {
  const { actor, isRoot } = session;
  const now = session.now ?? model.settings.defaultNow();
  // A stream lives on: its managers ask the clock.
  const time = custom.kind === "stream" ? session.now : now;
  const managerOf = (of: Model): UntypedManager =>
    createManager({ model: of, services: async () => services, actor, isRoot, ...(time && { now: time }) });
  return {
    ...{ actor, now },
    manager: managerOf(model),
    resource(modelName) {
      const named = model.modelNamed(modelName);
      if (named === undefined) throw new Error(`There is no model ${modelName}`);
      return managerOf(named);
    },
  };
}

/** What `resolve` gave, or one event of it, as the actor of the context may see it. */
export async function shownResult(
  { model, services, session }: OperationContext,
  { custom, output }: ReadOperation,
  value: unknown,
): Promise<unknown> {
  if (typeof output !== "string") return shownValue(custom.name, () => output.parse({ result: value }).result ?? null);
  const context = { model, services, session };
  if (output === "resource") return shownResource(context, value);
  if (!Array.isArray(value)) throw new Error(`The operation ${custom.name} returned no list of resources`);
  const shown = await Promise.all(value.map((one) => shownResource(context, one)));
  return shown.filter((one) => one !== null);
}

/** What does not fit its schema is a fault of the gateway, not of its caller. */
function shownValue(name: string, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    throw new Error(`The operation ${name} returned what its output does not allow`, { cause: error });
  }
}

async function shownResource(context: OperationContext, value: unknown): Promise<Snapshot | null> {
  if (value === null || value === undefined) return null;
  const { resourceId, revisionId } = identityOf(value);
  const head = await context.session.reader.head(resourceId);
  const isCurrent = revisionId === undefined || revisionId === head?.currentRevisionId;
  const input = { resourceId, includeDeleted: true, ...(isCurrent ? {} : { revisionId }) };
  try {
    return await executeWithin(context, get, input);
  } catch (error) {
    const isUnseen = error instanceof WeftError && ["RESOURCE_NOT_FOUND", "FORBIDDEN"].includes(error.code);
    if (isUnseen) return null;
    throw error;
  }
}

function identityOf(value: unknown): { readonly resourceId: string; readonly revisionId?: string } {
  if (typeof value === "string") return { resourceId: value };
  const { meta, revision } = isJsonObject(value) ? (value as Record<string, unknown>) : {};
  const resourceId = isJsonObject(meta) ? meta.resourceId : undefined;
  const revisionId = isJsonObject(revision) ? revision.revisionId : undefined;
  if (typeof resourceId !== "string") throw new Error("An operation returned what is no resource");
  return { resourceId, ...(typeof revisionId === "string" && { revisionId }) };
}
