/** Services in this process, woven into one schema, with every request that they get written down. */
import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  parse,
  validate,
} from "graphql";
import { compose } from "../../../src/faces/stitch/compose/compose.ts";
import type { AddedField, Composition, LocalLookUp } from "../../../src/faces/stitch/compose/composition.ts";
import type { RemoteOptions } from "../../../src/faces/stitch/options.ts";
import { createLocalRemote } from "../../../src/faces/stitch/remote/local-remote.ts";
import type { RemoteRequest, RemoteResult } from "../../../src/faces/stitch/remote/remote.ts";
import { createResolvers } from "../../../src/faces/stitch/run/resolvers.ts";
import { createService } from "../../../src/faces/stitch/service/create-service.ts";
import { schemaOfSdl } from "../../../src/faces/stitch/service/sdl.ts";

export interface ServiceUnderTest extends Omit<RemoteOptions, "schema" | "sdl"> {
  readonly schema: GraphQLSchema;
  /** As the service tells it: with directives. @default the schema's own */
  readonly told?: string;
  readonly isSubgraph?: boolean;
  /** What it answers in place of what its schema would. */
  readonly answers?: (request: RemoteRequest) => unknown;
}

export interface Asked extends RemoteRequest {
  readonly service: string;
}

export interface Woven {
  readonly schema: GraphQLSchema;
  /** Requests since the last question. */
  readonly asked: Asked[];
  ask(query: string, variables?: Readonly<Record<string, unknown>>): Promise<ExecutionResult>;
}

export interface WeaveOptions {
  readonly local?: GraphQLSchema;
  readonly added?: readonly AddedField[];
  readonly localLookUps?: ReadonlyMap<string, LocalLookUp>;
}

export function weave(services: readonly ServiceUnderTest[], options: WeaveOptions = {}): Woven {
  const asked: Asked[] = [];
  const made = services.map(({ schema, told, isSubgraph = false, answers, ...rest }) => {
    const inner = createLocalRemote(rest.name, schema);
    const remote = {
      ...inner,
      execute(request: RemoteRequest, caller: Parameters<typeof inner.execute>[1]) {
        const invalid = validate(schema, parse(request.query));
        if (invalid.length > 0) throw new Error(`${rest.name} was asked ${request.query}: ${invalid.join(" ")}`);
        asked.push({ ...request, service: rest.name });
        return answers ? Promise.resolve(answers(request) as RemoteResult) : inner.execute(request, caller);
      },
    };
    const known = told === undefined ? schema : schemaOfSdl(told);
    return createService({ options: { ...rest, schema }, remote, schema: known, isSubgraph });
  });
  let composition: Composition | undefined;
  const resolvers = createResolvers({
    composition() {
      if (composition === undefined) throw new Error("Nothing is composed yet.");
      return composition;
    },
    onUnavailable(_service, error) {
      lastUnavailable = error;
    },
  });
  let lastUnavailable: unknown;
  const { local = buildSchema("type Query { here: String }"), added = [], localLookUps = new Map() } = options;
  composition = compose({ local, services: made, added, localLookUps, resolvers });
  const { schema } = composition;
  return {
    schema,
    asked,
    async ask(query, variableValues) {
      asked.length = 0;
      const document = parse(query);
      const invalid = validate(schema, document);
      if (invalid.length > 0) throw new Error(invalid.map(({ message }) => message).join(" "));
      const contextValue = { remoteCaller: () => ({ actor: null, headers: {} }) };
      const result = await execute({ schema, document, contextValue, ...(variableValues && { variableValues }) });
      if (lastUnavailable instanceof Error && lastUnavailable.message.includes("was asked")) throw lastUnavailable;
      return JSON.parse(JSON.stringify(parted(result))) as ExecutionResult;
    },
  };
}

/** Several errors of one field, one by one: what the gateway's transport makes of them. */
function parted({ errors, ...result }: ExecutionResult): ExecutionResult {
  if (errors === undefined) return result;
  const parts = errors.flatMap((error) => {
    const { originalError } = error;
    return originalError instanceof AggregateError ? (originalError.errors as GraphQLError[]) : [error];
  });
  return { ...result, errors: parts };
}

/** An executable schema of SDL and root values: resolvers by "Type.field", default ones elsewhere. */
export function service(
  sdl: string,
  resolvers: Readonly<Record<string, (parent: never, args: never, context: never) => unknown>>,
): GraphQLSchema {
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  for (const [place, resolve] of Object.entries(resolvers)) {
    const [typeName = "", fieldName = ""] = place.split(".");
    const type = schema.getType(typeName);
    const field = type && "getFields" in type ? type.getFields()[fieldName] : undefined;
    if (field === undefined || !("args" in field)) throw new Error(`The schema has no ${place}.`);
    if (typeName === "Subscription") field.subscribe = resolve as never;
    else field.resolve = resolve as never;
  }
  return schema;
}
