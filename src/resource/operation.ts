/**
 * Operations are data. A verb is one `Operation`: its name, what a policy sees, what goes in, what comes out, and `run`.
 * The resource floor brings the CRUD and revision verbs, features add theirs, and faces walk `Model.operations`: `read`
 * becomes a Query field and a GET, `write` a Mutation and a POST, `stream` a Subscription. No face knows a verb by name,
 * except where its protocol has an idiom of its own.
 *
 * `run` is the only implementation of the verb. It gets checked values of the kinds that `input` states: the face
 * has parsed text into them and checked nothing else. It throws WeftError.
 */
import type { Json } from "../base/json.ts";
import type { ResourceAction } from "../model/change.ts";
import type { Field, ObjectType } from "../model/field.ts";
import type { Grant } from "./grant.ts";
import type { Model } from "./registry.ts";
import type { Services } from "./services.ts";
import type { Session } from "./session.ts";
import type { Unit } from "./unit.ts";

/** What a policy sees: the log's actions, and the ways of reading. */
export type Action = ResourceAction | "getOne" | "getMany" | "getRevision" | "listRevisions" | "subscribe";

export interface OperationContext {
  readonly model: Model;
  readonly services: Services;
  readonly session: Session;
  /** What the policies leave of the operation. @default everything */
  readonly grant?: Grant;
  /** Of a write that is under way: what is written in this context becomes part of its commit. */
  readonly unit?: Unit;
  /** Of a write that begins a unit: everything happens but the storing. @default false */
  readonly isDryRun?: boolean;
  /** How many handlers of events are above it. @default 0 */
  readonly nesting?: number;
}

/** `Operation` without arguments is any verb: what faces walk. */
export interface Operation<Input extends object = never, Output = unknown> {
  /** A verb, one word, the same on every floor: `switch`. */
  readonly name: string;
  readonly kind: "read" | "write" | "stream";
  readonly action: Action;
  /** The actions whose policies guard it, where these are others than `action` alone. */
  actions?(input: [Input] extends [never] ? object : Input): readonly Action[];
  /** Is it a field of the API's root (`root`), or of a resource that was read already (`resource`: revisions, diff, partial)? */
  readonly place: "root" | "resource";
  readonly description: string;
  readonly input: [Input] extends [never]
    ? Readonly<Record<string, InputField>>
    : { readonly [Name in keyof Input]-?: InputField };
  readonly output: OutputKind;
  /** Of `typed` output: what it takes besides `input`, each field an argument, and what it gives back. */
  readonly typed?: TypedOperation;
  run(context: OperationContext, input: Input): Output;
}

/** An operation that says by types what it takes and gives back. */
export interface TypedOperation {
  readonly input: ObjectType;
  readonly output: Field | "resource" | "resources";
  /** Of a stream: what its reader sees of an event, a document or snapshots. */
  show(context: OperationContext, event: unknown): Promise<unknown>;
}

export interface InputField {
  readonly kind: InputKind;
  /** @default false */
  readonly isRequired?: boolean;
  readonly defaultValue?: Json;
  readonly description?: string;
}

/** The kinds of values that an operation takes. A face maps each to a type of its own once. */
export type InputKind =
  | "resourceId" // string
  | "revisionId" // string
  | "data" // what `ModelDefinition.parse` takes
  | "relations" // RelationInputs; a typed face takes them out of the data
  | "patch" // RFC 6902 document, unchecked
  | "status" // RevisionStatus
  | "etag" // string
  | "query" // ResourceQuery
  | "qb" // string, a QB expression
  | "where" // Where
  | "order" // Order[]
  | "boolean"
  | "int"
  | "cursor" // string
  | "text" // string
  | "paths"; // string[]

/** What comes back, by what a face shows it as. */
export type OutputKind =
  | "resource" // Snapshot
  | "resources" // Snapshot[]
  | "count" // number
  | "resourcePage" // ResourcePage
  | "referrerPage" // ReferrerPage
  | "revisionPage" // Page<Revision>
  | "patch" // Operation[] of RFC 6902
  | "json" // Json
  | "purged" // { resourceId }
  | "deletePlan" // DeletePlan
  | "typed" // as `Operation.typed` says; of a stream, an iterable of what its `show` takes
  | "changes"; // AsyncIterable<Change>
