/**
 * Validators: checks of a model's content that its schema cannot make, because they look at the old content, the actor, or other resources.
 *
 * They run whenever a write makes content (create, update, upsert, patch, modify), when it is known what the content will be and it is valid by the
 * schema; nothing is stored then. They may run again where the write is planned anew. All of them run, and all their issues are told.
 */
import { type Issue, WeftError } from "../base/errors.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import type { ResourceAction } from "../model/change.ts";
import type { Actor } from "./actor.ts";
import type { Current } from "./current.ts";
import type { OperationContext } from "./operation.ts";

export interface Validation<Out = unknown> {
  readonly action: ResourceAction;
  readonly actor: Actor;
  readonly now: Date;
  readonly resourceId: string;
  /** The content before; null where there was none. */
  readonly old: Out | null;
}

/**
 * @param data the content as it will be, as managers return it; not to be changed
 * @returns what is wrong: issues with paths, or one sentence about the whole; nothing where it is right. What it throws is VALIDATION_FAILED with the
 * error's message, or its issues (Zod's); a WeftError is thrown on, and so is what is a bug (TypeError, ReferenceError, RangeError), as INTERNAL
 */
export type Validator<Out = unknown> = Check<Out>["validate"];

/** As a method, so that a model's own type of data may stand for any. */
interface Check<Out> {
  validate(data: Out, context: Validation<Out>): Verdict | Promise<Verdict>;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a function without return, sync or async, complains of nothing
type Verdict = Complaint | undefined | void;

export type Complaint = string | readonly Issue[];

export interface Draft {
  readonly document: JsonObject;
  readonly action: ResourceAction;
  readonly resourceId: string;
  readonly current: Current | null;
  readonly now: Date;
}

/** @throws VALIDATION_FAILED with every issue found */
export async function runValidators({ model, session }: OperationContext, draft: Draft): Promise<void> {
  const { validators = [], definition } = model;
  if (validators.length === 0) return;
  const { document, current, ...shared } = draft;
  const data = definition.revive(document);
  const old = current && definition.revive(await current.document());
  const issues: Issue[] = [];
  for (const validate of validators) {
    try {
      issues.push(...issuesOf(await validate(data, { ...shared, actor: session.actor, old })));
    } catch (error) {
      issues.push(...issuesOfError(error));
    }
  }
  if (issues.length > 0) throw new WeftError("VALIDATION_FAILED", { issues });
}

function issuesOf(complaint: Verdict): readonly Issue[] {
  if (!complaint) return [];
  return typeof complaint === "string" ? [{ path: [], message: complaint }] : complaint.map(plainIssue);
}

function issuesOfError(error: unknown): readonly Issue[] {
  const isBug = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  if (!(error instanceof Error) || error instanceof WeftError || isBug) throw error;
  if ("issues" in error && Array.isArray(error.issues)) return error.issues.filter(isJsonObject).map(plainIssue);
  return [{ path: [], message: error.message }];
}

/** Without what Zod's issues hold besides. */
function plainIssue({ path, message }: { readonly path?: unknown; readonly message?: unknown }): Issue {
  const segments = Array.isArray(path) ? path : [];
  return {
    path: segments.map((segment) => (typeof segment === "number" ? segment : String(segment))),
    message: String(message),
  };
}
