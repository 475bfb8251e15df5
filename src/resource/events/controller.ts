/** Request hooks: an operation's input in the form of a request, and back. */
import type { ControllerContext, ControllerHandlers, ControllerRequest } from "../event.ts";
import type { Operation, OperationContext } from "../operation.ts";
import { shownOf } from "./result.ts";

export interface Requested<Input, Output> {
  readonly operation: Operation<Input & object, Promise<Output>>;
  readonly request: ControllerRequest;
  readonly handlers: ControllerHandlers;
}

/**
 * @param run the operation, with its events
 * @throws what a hook before it throws, and what it throws itself
 */
export async function runRequested<Input extends object, Output>(
  context: OperationContext,
  { operation, request, handlers, input }: Requested<Input, Output> & { readonly input: Input },
  run: (input: Input) => Promise<Output>,
): Promise<Output> {
  const form = formOf(operation);
  const own = { ...input } as Record<string, unknown>;
  const about = {
    action: operation.action,
    model: context.model.definition.modelName,
    actor: context.session.actor,
  };
  const before: ControllerContext = { ...about, ...form.split(own) };
  for (const hook of handlers.before) await hook(request, before);
  const output = await run(form.join(before, own) as Input);
  if (handlers.after.length === 0) return output;
  const shown = shownOf(context, operation.output, output);
  const after: ControllerContext = Object.defineProperty({ ...about, data: undefined, meta: before.meta }, "data", {
    get: () => shown.result(),
    enumerable: true,
  });
  for (const hook of handlers.after) {
    try {
      await hook(request, after);
    } catch (error) {
      context.services.report(error, `afterController hook of ${about.action} ${about.model}`);
    }
  }
  return shown.output();
}

/** How an input is told apart into `data` and `meta`. */
interface Form {
  split(input: Record<string, unknown>): Pick<ControllerContext, "data" | "meta">;
  join(context: Pick<ControllerContext, "data" | "meta">, input: Record<string, unknown>): Record<string, unknown>;
}

function formOf({ input, kind }: Pick<Operation, "input" | "kind">): Form {
  if (Object.hasOwn(input, "data") || Object.hasOwn(input, "patch")) return bodyForm;
  return kind === "write" && Object.hasOwn(input, "resourceId") ? idForm : argumentsForm;
}

const bodyForm: Form = {
  split(input) {
    const { data, patch, ...rest } = input;
    return { data: isPatch(input) ? patch : data, meta: withId(rest) };
  },
  join: ({ data, meta }, input) => ({ ...withResourceId(meta), [isPatch(input) ? "patch" : "data"]: data }),
};

const idForm: Form = {
  split: ({ resourceId, ...rest }) => ({ data: resourceId, meta: rest }),
  join: ({ data, meta }) => ({ ...meta, resourceId: data }),
};

const argumentsForm: Form = {
  split: (input) => ({ data: withId(input), meta: {} }),
  join: ({ data }) => withResourceId(data as Record<string, unknown>),
};

/** A modification is of either, or of the status alone. */
function isPatch({ data, patch }: Record<string, unknown>): boolean {
  return patch !== undefined && patch !== null && (data === undefined || data === null);
}

function withId(input: Record<string, unknown>): Record<string, unknown> {
  if (!Object.hasOwn(input, "resourceId")) return { ...input };
  const { resourceId, ...rest } = input;
  return { id: resourceId, ...rest };
}

function withResourceId(input: Record<string, unknown>): Record<string, unknown> {
  if (!Object.hasOwn(input, "id")) return { ...input };
  const { id, ...rest } = input;
  return { resourceId: id, ...rest };
}
