/**
 * Operations of a user's own on a model: a name, schemas, and a function. Each is a field of the API like weft's own, `archiveTodoItem`, and runs
 * under the model's policies: `universal`, then those of its action.
 *
 * Where its input names a resource of the model (`resourceId`), or its place is one, the policies' conditions hold of that resource before `resolve` is called: one that the
 * actor may not see is RESOURCE_NOT_FOUND, one that it may see and not write is FORBIDDEN. Whatever `resolve` reads and writes by the managers it is given runs under their own
 * policies, as the same actor. Each write by them is a commit of its own.
 *
 * It fires no events of its own; what it does by its managers fires theirs.
 *
 * What `resolve` throws is the operation's error: a WeftError as it is, anything else as INTERNAL.
 */
import type { z } from "zod";
import type { ModelSchema } from "../../model/definition.ts";
import type { Actor } from "../../resource/actor.ts";
import type { ResourceManager } from "../../resource/manager.ts";
import type { Action } from "../../resource/operation.ts";

export interface CustomOperation<Input = unknown> {
  /** A verb: the field is called this and the model, `archive` → `archiveTodoItem`; at a resource, this alone. None of weft's own. */
  readonly name: string;
  /** A query, a mutation or a subscription. */
  readonly kind: "read" | "write" | "stream";
  /** `resource`: a field of the resource type, of what was read already; for `read` only. @default "root" */
  readonly place?: "root" | "resource";
  readonly description?: string;
  /** What it takes: its fields are the arguments. Validated as a model's data are, after policies have had it. @default nothing */
  readonly input?: z.ZodObject & z.ZodType<Input>;
  /**
   * What `resolve` gives, or of a stream each event: a schema, or `resource`: a resource of this model, as a manager returns it, or its id, or null; `resources`: a list of
   * such. These are read as the actor may see them: one that it may not is null, and left out of a list.
   */
  readonly output: z.ZodType | "resource" | "resources";
  /** Whose policies guard it. @default "getOne" to read, "update" to write, "subscribe" to stream */
  readonly action?: Action;
  /** Of a stream, whose policies are asked when it begins: gives an async iterable, which is returned when the subscriber goes. */
  resolve(call: CustomCall<Input>): unknown;
}

export interface CustomCall<Input> {
  /** As the schema's output type says. */
  readonly input: Input;
  /** Of a field of a resource: which one. */
  readonly resourceId: string | undefined;
  readonly actor: Actor;
  readonly now: Date;
  /** Of this model. */
  readonly manager: UntypedManager;
  /** Of any model of the gateway. @throws Error where there is none of this name */
  resource(modelName: string): UntypedManager;
}

export type UntypedManager = ResourceManager<z.output<ModelSchema>, z.input<ModelSchema>>;

/** The same, with `resolve` typed by the input's schema: for lists of operations. */
export function operation<Input>(custom: CustomOperation<Input>): CustomOperation {
  return custom as CustomOperation;
}
