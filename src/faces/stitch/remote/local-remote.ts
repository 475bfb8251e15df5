/**
 * A remote in this process: an executable schema, asked as a service would be. Its resolvers get the caller as their context. Faults
 * of the schema are GraphQL errors of its answer. Leaf values are what its scalars make of them: JSON, or what `JSON.stringify` takes.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  parse,
  subscribe,
  validate,
} from "graphql";
import { LRUCache } from "lru-cache";
import { abortFailure, type Failure, pastDeadline, unavailable } from "./failure.ts";
import { leavableStream } from "./leavable-stream.ts";
import { onAbort } from "./on-abort.ts";
import type { Remote, RemoteCaller, RemoteObserver, RemoteResult } from "./remote.ts";

const documentsKept = 1_000;
const closed: Failure = { reason: "closed" };

export function createLocalRemote(
  name: string,
  schema: GraphQLSchema,
  { observer }: { readonly observer?: RemoteObserver | undefined } = {},
): Remote {
  const documents = new LRUCache<string, DocumentNode | readonly GraphQLError[]>({ max: documentsKept });
  const closing = new AbortController();

  const documentOf = (text: string): DocumentNode | readonly GraphQLError[] => {
    const known = documents.get(text);
    if (known !== undefined) return known;
    const document = checkedDocument(schema, text);
    documents.set(text, document);
    return document;
  };

  return {
    name,
    async execute(request, caller) {
      const startedAt = performance.now();
      const outcome = await untilLeft(caller, async () => {
        const document = documentOf(request.query);
        if (isRefusal(document)) return shown({ errors: document });
        return shown(await execute({ schema, document, contextValue: caller, variableValues: request.variables }));
      });
      const isGone = "reason" in outcome;
      observer?.requested?.({
        service: name,
        kind: request.kind === "mutation" ? "mutation" : "query",
        durationMs: performance.now() - startedAt,
        outcome: isGone ? outcome.reason : outcome.errors ? "errors" : "ok",
        retry: 0,
        batchSize: request.batchSize ?? 1,
      });
      if (isGone) throw unavailable(name, outcome);
      return outcome;
    },
    subscribe(request, caller) {
      const open = async (): Promise<AsyncIterator<RemoteResult>> => {
        const document = documentOf(request.query);
        if (isRefusal(document)) return once(shown({ errors: document }));
        const { variables } = request;
        const stream = await subscribe({ schema, document, contextValue: caller, variableValues: variables });
        return Symbol.asyncIterator in stream ? mapped(stream[Symbol.asyncIterator]()) : once(shown(stream));
      };
      return leavableStream(open, (left) => {
        const leave = (failure: Failure) => left(unavailable(name, failure));
        return onLeaving([closing.signal, caller.signal], leave);
      });
    },
    async close() {
      closing.abort();
    },
  };

  /** Calls back where one of them aborts, at once where one has. @returns what takes the listeners away */
  function onLeaving(signals: readonly (AbortSignal | undefined)[], leave: (failure: Failure) => void): () => void {
    const listeners = signals.flatMap((signal) => {
      if (signal === undefined) return [];
      const listener = () => leave(signal === closing.signal ? closed : abortFailure(signal));
      if (!signal.aborted) return [onAbort(signal, listener)];
      listener();
      return [];
    });
    return () => {
      for (const remove of listeners) remove();
    };
  }

  /** graphql-js cannot be stopped: who leaves does not wait for it. */
  function untilLeft<Result>(
    { signal, deadline }: RemoteCaller,
    work: () => Promise<Result>,
  ): Promise<Result | Failure> {
    return new Promise((resolve, reject) => {
      const remove = onLeaving([closing.signal, signal], resolve);
      if (closing.signal.aborted || signal?.aborted) return remove();
      const remainingMs = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - performance.now();
      if (remainingMs <= 0) {
        remove();
        return resolve(pastDeadline());
      }
      const timer = deadline === undefined ? undefined : setTimeout(() => resolve(pastDeadline()), remainingMs);
      work()
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
          remove();
        });
    });
  }
}

function checkedDocument(schema: GraphQLSchema, text: string): DocumentNode | readonly GraphQLError[] {
  try {
    const document = parse(text, { noLocation: true });
    const errors = validate(schema, document, undefined, { maxErrors: 10 });
    return errors.length > 0 ? errors : document;
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

function isRefusal(document: DocumentNode | readonly GraphQLError[]): document is readonly GraphQLError[] {
  return Array.isArray(document);
}

function shown({ data, errors }: ExecutionResult): RemoteResult {
  const shape = data === undefined ? {} : { data: data as RemoteResult["data"] & {} };
  if (!errors?.length) return shape;
  return {
    errors: errors.map(({ message, path, extensions }) => ({ message, ...(path ? { path } : {}), extensions })),
    ...shape,
  };
}

async function* once(result: RemoteResult): AsyncGenerator<RemoteResult> {
  yield result;
}

function mapped(source: AsyncIterator<ExecutionResult>): AsyncIterator<RemoteResult> {
  return {
    async next() {
      const { done, value } = await source.next();
      return done ? { done, value: undefined } : { done: false, value: shown(value) };
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
}
