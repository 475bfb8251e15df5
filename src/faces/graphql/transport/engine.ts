/**
 * The engine: one operation from its text to its result, the same for every door. Nothing below this floor of the
 * transport hears of HTTP or websockets, nothing above it of documents.
 *
 * graphql-js executes; subscriptions are driven here rather than by its `subscribe`, because each event wants a context of
 * its own, and because the doors need to know the cursor of the last event whatever the client has selected.
 */

import type { OperationDefinitionNode } from "graphql";
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
} from "graphql";
import type { Logger } from "pino";
import { WeftError } from "../../../base/errors.ts";
import type { Actor } from "../../../resource/actor.ts";
import type { Arrival } from "../context.ts";
import { type Cost, createCosts } from "./cost/cost.ts";
import { type CheckedDocument, createDocuments } from "./documents.ts";
import { documentError, invalidInput, publicError, translate, withoutSuggestion } from "./errors.ts";
import { createEventStream, type EventStream, type EventStreamOptions } from "./event-stream.ts";
import { variableIssues } from "./input-issues.ts";
import type { DocumentLimits } from "./limits.ts";
import type { Persisted } from "./persisted/persisted.ts";
import { type Asking, contextIn, type EnvelopedDocument, executeIn, type Phases, subscribeIn } from "./plugins.ts";
import { createRenewing, isOfService, type Renewing, resumedBefore } from "./renewal.ts";
import type { ResponseCache } from "./response-cache/response-cache.ts";
import { variablesError } from "./variable-limits.ts";
import { createWatch, type OperationEvent } from "./watch.ts";

export interface GraphqlRequest {
  /** Empty where the request names its operation by an id alone. */
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly documentId?: string | undefined;
  /** `extensions.persistedQuery.sha256Hash`. */
  readonly sha256Hash?: string | undefined;
}

/** An operation that was found in a checked document. */
export interface Operation {
  readonly checked: CheckedDocument | EnvelopedDocument;
  readonly definition: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

export type Found = Operation | readonly GraphQLError[];

/** A refused operation has errors and no `data` key (GraphQL specification §7.1.2: a request error). */
export type Outcome = ExecutionResult | EventStream;

export interface Caller extends Arrival {
  /** Read when an operation begins, and for every event of a subscription. */
  readonly actor: Actor;
  readonly requestId: string;
  /** Hears of the stream of a subscription; the result is called when it has ended. */
  readonly watch?: (stream: EventStream) => () => void;
}

export interface Engine {
  /**
   * The operation that a request means, or why there is none to run; a promise only where it names the operation by an id.
   * @param asking for plugins
   */
  find(request: GraphqlRequest, asking: () => Asking): Found | Promise<Found>;
  /** What it may cost, of how much; undefined where that is nobody's business, as the schema is. */
  costOf(operation: Operation): (Cost & { readonly max: number }) | undefined;
  /** Runs it. Never rejects: what fails is in the result, translated. */
  run(operation: Operation, caller: Caller): Promise<Outcome>;
  /** What clients get of an error that a stream of this engine ended with. */
  translate(error: unknown, requestId: string): readonly GraphQLError[];
  /** Ends with SHUTTING_DOWN every stream that still runs by this schema and cannot go on by another. */
  retire(schema: GraphQLSchema): void;
  /** Refuses operations from now on, and ends with SHUTTING_DOWN every stream that does not end by itself. */
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly schema: () => GraphQLSchema;
  readonly createContext: (actor: Actor | (() => Actor), signal?: AbortSignal, arrival?: Arrival) => object;
  readonly limits: DocumentLimits;
  readonly introspection: boolean;
  readonly log: Logger;
  /** Hears of each operation, for metrics. */
  readonly onOperation?: ((event: OperationEvent) => void) | undefined;
  /** May the caller see how its operation is spread over other services? It asks to, then. @default nobody */
  readonly showsPlan?: ((caller: Caller) => boolean) | undefined;
  /** Of plugins. */
  readonly phases?: Phases | undefined;
  /** @default every query is executed */
  readonly cache?: ResponseCache | undefined;
  /** @default every operation brings its text */
  readonly persisted?: Persisted | undefined;
}

const noVariables = {};
/** How long sources that were closed before us may take to say so: they know the cursor of a stream without events. */
const endingMs = 50;

export function createEngine(options: EngineOptions): Engine {
  const { createContext, log, phases, persisted, cache } = options;
  const watch = createWatch(options.onOperation);
  const documents = createDocuments(options);
  const costs = createCosts(options.limits);
  const streams = new Map<EventStream, Runs>();
  let isClosed = false;
  let onLastEnd = () => {};

  const allEnded = () =>
    new Promise<void>((resolve) => {
      onLastEnd = resolve;
      setTimeout(resolve, endingMs).unref();
    });

  const finished = (result: ExecutionResult, operation: Operation, requestId: string): ExecutionResult => {
    if (result.errors === undefined) return result;
    if (!("data" in result)) {
      const errors = requestErrors(result.errors, operation, { requestId, log });
      return { errors: options.introspection ? errors : errors.map(withoutSuggestion) };
    }
    const errors = result.errors.flatMap((error) => translate(error, { requestId, log }));
    // Found while running, as a supergraph's planner does, it is a fault of the document all the same: a request error, without data.
    return errors.some(isDocumentFault) ? { errors } : { ...result, errors };
  };

  /** A stream of what the source gives, which the engine ends when it closes. */
  const tracked = (
    caller: Caller,
    { ended, runs }: { readonly ended: AbortController; readonly runs: Runs },
    parts: Omit<EventStreamOptions, "onEnd">,
  ): EventStream => {
    let unwatch: (() => void) | undefined;
    const stream = createEventStream({
      ...parts,
      onEnd() {
        ended.abort();
        unwatch?.();
        streams.delete(stream);
        if (streams.size === 0) onLastEnd();
      },
    });
    streams.set(stream, runs);
    unwatch = caller.watch?.(stream);
    if (isClosed) stream.fail("SHUTTING_DOWN");
    return stream;
  };

  const executeOnce = async (operation: Operation, caller: Caller): Promise<ExecutionResult> => {
    const result = execute(executionArgs(operation, createContext(caller.actor, undefined, caller)));
    return finished(
      result instanceof Promise ? await result : (result as ExecutionResult),
      operation,
      caller.requestId,
    );
  };

  const subscribe = async (operation: PlainOperation, caller: Caller): Promise<Outcome> => {
    const { requestId, origin, headers } = caller;
    const ended = new AbortController();
    // Whoever the caller is by then decides on each event.
    const context = createContext(() => caller.actor, ended.signal, caller);
    const source = await createSourceEventStream(executionArgs(operation, context));
    if (!(Symbol.asyncIterator in source)) return finished(source, operation, requestId);
    const renewing = createRenewing(operation, { schema: options.schema, documents });
    return tracked(
      caller,
      { ended, runs: renewing },
      {
        source: source[Symbol.asyncIterator](),
        async onEvent(event) {
          const current = renewing.operation(event);
          const args = executionArgs(
            current,
            createContext(caller.actor, undefined, { origin, headers, gone: () => ended.signal }),
          );
          return finished(await execute({ ...args, rootValue: event }), current, requestId);
        },
      },
    );
  };

  /** The same by the plugins' phases: what comes of an event is theirs to see, and to change. */
  const runEnveloped = async (operation: EnvelopedOperation, caller: Caller): Promise<Outcome> => {
    const { checked } = operation;
    const { requestId, origin, headers } = caller;
    const ended = new AbortController();
    const isSubscription = operation.definition.operation === "subscription";
    const own = isSubscription
      ? createContext(() => caller.actor, ended.signal, caller)
      : createContext(caller.actor, undefined, caller);
    const args = executionArgs(operation, await contextIn(checked, own));
    let cursor: string | undefined;
    let isReleased = false;
    const result = isSubscription
      ? await subscribeIn(checked, args, {
          eventContext: () => createContext(caller.actor, undefined, { origin, headers, gone: () => ended.signal }),
          onCursor(next) {
            cursor = next;
          },
        })
      : await executeIn(checked, args);
    if (!isStream(result)) return finished(result as ExecutionResult, operation, requestId);
    const release = () => {
      isReleased = true;
    };
    return tracked(
      caller,
      { ended, runs: { schema: checked.served, isBound: isOfService(operation), release } },
      {
        source: result[Symbol.asyncIterator](),
        async onEvent(event) {
          // Plugins keep the schema that they have seen. Its reader is told with the next event, by which it knows where to go on.
          if (isReleased) throw new WeftError("SHUTTING_DOWN", resumedBefore(cursor));
          return finished(event as ExecutionResult, operation, requestId);
        },
        cursorOf: () => cursor,
      },
    );
  };

  const findById = async (request: GraphqlRequest, asking: () => Asking, known: Persisted): Promise<Found> => {
    try {
      const resolved = await known.resolve(request);
      const found = findByText(resolved, asking);
      if ("definition" in found) known.keep(resolved);
      return found;
    } catch (error) {
      if (error instanceof WeftError) return [publicError(error)];
      throw error;
    }
  };

  const findByText = (request: GraphqlRequest, asking: () => Asking): Found => {
    const checked = phases ? phases.check(request.query, asking()) : documents.check(request.query);
    if (!("document" in checked)) return checked;
    const definition = definitionIn(checked, request.operationName);
    if (definition instanceof GraphQLError) return [definition];
    const variables = request.variables ?? noVariables;
    const tooMuch =
      variablesError(definition, variables, options.limits) ?? costs.error(checked, definition, variables);
    if (tooMuch !== undefined) return [publicError(tooMuch)];
    return { checked, definition, variables };
  };

  const runOperation = async (operation: Operation, caller: Caller): Promise<Outcome> => {
    try {
      if (isEnveloped(operation)) return await runEnveloped(operation, caller);
      if (operation.definition.operation === "subscription")
        return await subscribe(operation as PlainOperation, caller);
      if (options.showsPlan?.(caller)) {
        const plan: unknown[] = [];
        const result = await executeOnce(operation, { ...caller, plan });
        return { ...result, extensions: { ...result.extensions, plan } };
      }
      if (cache === undefined || operation.definition.operation !== "query")
        return await executeOnce(operation, caller);
      const { headers } = caller;
      return await cache.serve({ ...operation, actor: caller.actor, headers }, (notes) =>
        executeOnce(operation, notes === undefined ? caller : { ...caller, notes }),
      );
    } catch (error) {
      return { errors: translate(error, { requestId: caller.requestId, log }) };
    }
  };

  return {
    find(request, asking) {
      if (isClosed) return [publicError(new WeftError("SHUTTING_DOWN"))];
      return persisted?.concerns(request) ? findById(request, asking, persisted) : findByText(request, asking);
    },
    costOf({ checked, definition, variables }) {
      if (!options.introspection) return undefined;
      return { ...costs.of(checked, definition, variables), max: options.limits.maxCost };
    },
    run: (operation, caller) => watch(operation, caller, () => runOperation(operation, caller)),
    translate: (error, requestId) => translate(error, { requestId, log }),
    retire(schema) {
      for (const [stream, runs] of [...streams]) {
        if (runs.schema !== schema) continue;
        if (runs.isBound) stream.fail("SHUTTING_DOWN");
        else runs.release();
      }
    },
    async close() {
      isClosed = true;
      if (streams.size > 0) await allEnded();
      for (const stream of [...streams.keys()]) stream.fail("SHUTTING_DOWN");
    },
  };
}

/** By which schema a stream runs. */
type Runs = Pick<Renewing, "schema" | "isBound" | "release">;

type PlainOperation = Operation & { readonly checked: CheckedDocument };

type EnvelopedOperation = Operation & { readonly checked: EnvelopedDocument };

function isEnveloped(operation: Operation): operation is EnvelopedOperation {
  return "enveloped" in operation.checked;
}

function isDocumentFault({ extensions }: GraphQLError): boolean {
  return extensions.code === "GRAPHQL_VALIDATION_FAILED";
}

function isStream(result: unknown): result is AsyncIterable<unknown> {
  return typeof result === "object" && result !== null && Symbol.asyncIterator in result;
}

function executionArgs(operation: Operation, contextValue: object): ExecutionArgs {
  const { checked, definition, variables } = operation;
  const { schema, document } = checked;
  return { schema, document, contextValue, variableValues: variables, operationName: definition.name?.value };
}

function definitionIn(
  checked: CheckedDocument,
  name: string | null | undefined,
): OperationDefinitionNode | GraphQLError {
  const { operations, only } = checked;
  const found = name ? operations.get(name) : only;
  if (found !== undefined) return found;
  const message = name
    ? `Unknown operation named ${JSON.stringify(name)}.`
    : operations.size > 1
      ? "Must provide operationName: the document has several operations."
      : "The document has no operation.";
  return documentError("GRAPHQL_VALIDATION_FAILED", new GraphQLError(message));
}

/** Without data nothing was executed: the variables do not fit, or a subscription could not begin. */
function requestErrors(
  errors: readonly GraphQLError[],
  operation: Operation,
  scope: { readonly requestId: string; readonly log: Logger },
): readonly GraphQLError[] {
  if (errors.some((error) => error.path !== undefined)) return errors.flatMap((error) => translate(error, scope));
  const issues = variableIssues(operation.checked.schema, operation.definition, operation.variables);
  return issues.length > 0 ? [invalidInput(issues, errors[0])] : errors.flatMap((error) => translate(error, scope));
}
