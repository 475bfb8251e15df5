/**
 * Plugins of the user's own: Yoga's and envelop's. Those hooks of theirs that are about operations (`onParse`, `onValidate`, `onContextBuilding`, `onExecute`, `onSubscribe`, …)
 * run in the engine, so that every door has them, websockets too; those about HTTP (`onRequest`, `onRequestParse`, `onParams`, `onResultProcess`, `onResponse`, …) in Yoga, through which
 * every HTTP request goes where there are plugins.
 *
 * What a plugin wraps is what the engine does without: documents are limited and validated, contexts made and results translated as ever, unless a plugin puts something else in its place.
 */
import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLSchema, ValidationRule } from "graphql";
import { createSourceEventStream, execute, GraphQLError, specifiedRules } from "graphql";
import { envelop, type Plugin } from "graphql-yoga";
import { ConfigurationError } from "../../../base/errors.ts";
import { type CheckedDocument, checkedDocument, type DocumentStages } from "./documents.ts";
import { type ErrorScope, translate } from "./errors.ts";
import { seqOf } from "./event-stream.ts";

/** A plugin of Yoga (https://the-guild.dev/graphql/yoga-server/docs/features/envelop-plugins) or of envelop. */
export type GatewayPlugin = Plugin | object;

/** Who asks, for plugins. */
export interface Asking {
  readonly requestId: string;
  /** What plugins get as their context, and may extend: `params`, `request`, and over a websocket `connectionParams`. */
  readonly context: object;
}

type Enveloped = ReturnType<ReturnType<typeof envelop>>;

/** A document that passed the plugins, with the rest of their phases. */
export interface EnvelopedDocument extends CheckedDocument {
  readonly enveloped: Enveloped;
  /** What the gateway served by then; plugins may have put another schema in its place. */
  readonly served: GraphQLSchema;
}

export interface Phases {
  /** Those hooks of the plugins that Yoga calls. */
  readonly http: readonly Plugin[];
  check(query: string, asking: Asking): EnvelopedDocument | readonly GraphQLError[];
}

export interface PhasesOptions {
  readonly plugins: readonly GatewayPlugin[];
  readonly schema: () => GraphQLSchema;
  readonly stages: DocumentStages;
  readonly log: ErrorScope["log"];
}

/** @throws ConfigurationError for what is no plugin, and what one throws when it is made ready */
export function createPhases({ plugins, schema, stages, log }: PhasesOptions): Phases {
  for (const plugin of plugins) {
    if (typeof plugin !== "object" || plugin === null)
      throw new ConfigurationError("plugins must be a list of objects: plugins of Yoga or of envelop.");
  }
  let served = schema();
  const current = (): GraphQLSchema => {
    served = schema();
    return served;
  };
  const getEnveloped = envelop({ plugins: [engineOf(current, stages), ...(plugins as Plugin[])] });
  return {
    http: (getEnveloped._plugins as unknown as Plugin[]).slice(1).map(httpPart),
    check(query, { requestId, context }) {
      try {
        const enveloped = getEnveloped(context);
        const document: DocumentNode = enveloped.parse(query);
        const errors: readonly GraphQLError[] = enveloped.validate(enveloped.schema, document);
        if (errors.length > 0) return errors;
        return { ...checkedDocument(enveloped.schema, document), enveloped, served };
      } catch (error) {
        return error instanceof RefusedDocument ? [error.reason] : translate(error, { requestId, log });
      }
    },
  };
}

/** `parse` can only throw; what it throws here is translated already. */
class RefusedDocument extends Error {
  readonly reason: GraphQLError;
  constructor(reason: GraphQLError) {
    super(reason.message);
    this.reason = reason;
  }
}

/** The plugin that is behind all others. */
function engineOf(schema: () => GraphQLSchema, { parse, examine }: DocumentStages): Plugin {
  const ofSpecification = new Set<ValidationRule>(specifiedRules);
  let told: GraphQLSchema | undefined;
  /** Once for each: plugins that make another of it are asked again where it has changed. */
  const tell = ({ setSchema }: { readonly setSchema: (schema: GraphQLSchema) => void }) => {
    const current = schema();
    if (current === told) return;
    told = current;
    setSchema(current);
  };
  return {
    onPluginInit: tell,
    onEnveloped: tell,
    onParse: ({ setParseFn }) =>
      setParseFn((source: string | { body: string }) => {
        const document = parse(typeof source === "string" ? source : source.body);
        if (document instanceof GraphQLError) throw new RefusedDocument(document);
        return document;
      }),
    onValidate: ({ setValidationFn }) =>
      setValidationFn((current: GraphQLSchema, document: DocumentNode, rules: readonly ValidationRule[] = []) =>
        examine(
          document,
          current,
          rules.filter((rule) => !ofSpecification.has(rule)),
        ),
      ),
    onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribeAs),
  } as Plugin;
}

/** How the engine makes the context of each event, and what it learns of their cursors; kept with the context of the operation. */
const driving = Symbol("weft.driving");

export interface Driving {
  /** Anew for each event, so that nothing read for one is shown to another. */
  readonly eventContext: () => object;
  readonly onCursor: (cursor: string | undefined) => void;
}

type DrivenContext = object & { readonly [driving]: Driving };

/** Builds the context that resolvers get: the plugins' extensions under what is the engine's own. */
export async function contextIn({ enveloped }: EnvelopedDocument, own: object): Promise<object> {
  const context: object = await enveloped.contextFactory({ ...own });
  return Object.assign(context, own);
}

export async function executeIn({ enveloped }: EnvelopedDocument, args: ExecutionArgs): Promise<unknown> {
  return await enveloped.execute(args);
}

/** @returns a stream of results, or one result where it could not begin */
export async function subscribeIn(
  { enveloped }: EnvelopedDocument,
  args: ExecutionArgs,
  how: Driving,
): Promise<AsyncIterable<unknown> | ExecutionResult> {
  const contextValue = Object.assign(args.contextValue as object, { [driving]: how });
  return (await enveloped.subscribe({ ...args, contextValue })) as AsyncIterable<unknown> | ExecutionResult;
}

async function subscribeAs(args: ExecutionArgs): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
  const context = args.contextValue as DrivenContext;
  const { eventContext, onCursor } = context[driving];
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  // By hand: an async generator that waits could not be returned.
  const results: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const { done, value } = await events.next();
      if (done === true) return { done: true, value: undefined };
      const contextValue = { ...context, ...eventContext() };
      const result = await execute({ ...args, contextValue, rootValue: value });
      onCursor(seqOf(value));
      return { done: false, value: result };
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}

/** What Yoga is to call of a plugin; the rest runs in the engine. */
const httpHooks = [
  "onYogaInit",
  "onRequest",
  "onRequestParse",
  "onParams",
  "onExecutionResult",
  "onResultProcess",
  "onResponse",
  "instrumentation",
  "onDispose",
  Symbol.dispose,
  Symbol.asyncDispose,
] as const;

function httpPart(plugin: Plugin): Plugin {
  const part: Record<string | symbol, unknown> = {};
  for (const name of httpHooks) {
    // A symbol that this Node does not know.
    if (name === undefined) continue;
    const hook: unknown = Reflect.get(plugin, name);
    if (hook !== undefined) part[name] = typeof hook === "function" ? hook.bind(plugin) : hook;
  }
  return part;
}
