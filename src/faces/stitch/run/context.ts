/** What the gateway gives to resolvers of services' fields, with the context of an operation. */
import type { GraphQLResolveInfo, GraphQLSchema, VariableDefinitionNode } from "graphql";
import {
  type GraphQLInputType,
  getNullableType,
  isInputObjectType,
  isListType,
  isSpecifiedScalarType,
  typeFromAST,
} from "graphql";
import { isByteSource } from "../../../model/byte-source.ts";
import type { RemoteCaller } from "../remote/remote.ts";
import type { Call } from "./call.ts";
import type { OperationScope } from "./request.ts";
import type { PlannedRequest } from "./shown-plan.ts";

/** The slot of an operation's context; one per operation, and per event of a subscription. */
export interface RemoteContext {
  /** On whose behalf services are asked; asked for once, when the first is. */
  readonly remoteCaller: () => RemoteCaller;
  /** Where requests are written down, for who may see them. */
  readonly remotePlan?: PlannedRequest[] | undefined;
  /** Where the requests of this operation are kept together. */
  remoteCall?: Call;
}

type Coerced = GraphQLResolveInfo["variableValues"];

/** The client's variables as it sent them: resolvers get them as the gateway's own types mean them. */
export function operationScopes(
  schema: GraphQLSchema,
): (info: Pick<GraphQLResolveInfo, "operation" | "variableValues">) => OperationScope {
  const scopes = new WeakMap<Coerced, OperationScope>();
  return ({ operation, variableValues }) => {
    const known = scopes.get(variableValues);
    if (known !== undefined) return known;
    const definitions = operation.variableDefinitions ?? [];
    const values = definitions.length === 0 ? {} : asSent(definitions, variableValues, schema);
    const scope = { definition: operation, values };
    scopes.set(variableValues, scope);
    return scope;
  };
}

function asSent(
  definitions: readonly VariableDefinitionNode[],
  coerced: Coerced,
  schema: GraphQLSchema,
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const { variable, type } of definitions) {
    const name = variable.name.value;
    if (!Object.hasOwn(coerced, name)) continue;
    values[name] = sent(coerced[name], typeFromAST(schema, type as never) as GraphQLInputType | undefined);
  }
  return values;
}

function sent(value: unknown, type: GraphQLInputType | undefined): unknown {
  if (value === null || value === undefined || type === undefined || isByteSource(value)) return value;
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    return Array.isArray(value) ? value.map((item) => sent(item, nullable.ofType)) : sent(value, nullable.ofType);
  }
  if (isInputObjectType(nullable)) {
    const fields = nullable.getFields();
    return Object.fromEntries(
      Object.entries(value as object).map(([name, one]) => [name, sent(one, fields[name]?.type)]),
    );
  }
  return isSpecifiedScalarType(nullable) ? value : nullable.serialize(value);
}
