import { GraphQLSchema, isObjectType, validateSchema } from "graphql";
import { ConfigurationError } from "../../base/errors.ts";
import type { GraphqlBuilder } from "./builder.ts";
import { addNeeds } from "./data/needs.ts";
import type { ObjectPlan } from "./data/plan.ts";
import { printUnsetEnums } from "./inputs/unset-default.ts";

/** @throws ConfigurationError with whatever is wrong with types and fields that users have added */
export function buildSchema(builder: GraphqlBuilder, plans: readonly ObjectPlan[]): GraphQLSchema {
  const schema = withoutEmptyMutation(build(builder));
  const errors = validateSchema(schema);
  if (errors.length > 0)
    throw new ConfigurationError(`The GraphQL schema is not valid: ${errors.map(({ message }) => message).join(" ")}`);
  for (const plan of plans) addNeeds(plan, schema);
  printUnsetEnums(schema);
  return schema;
}

function build(builder: GraphqlBuilder): GraphQLSchema {
  try {
    return builder.toSchema({ sortSchema: false });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`The GraphQL schema cannot be built: ${reason}`, { cause: error });
  }
}

/** A gateway without models has nothing to mutate, and GraphQL knows no type without fields. */
function withoutEmptyMutation(schema: GraphQLSchema): GraphQLSchema {
  const mutation = schema.getMutationType();
  if (!isObjectType(mutation) || Object.keys(mutation.getFields()).length > 0) return schema;
  const config = schema.toConfig();
  return new GraphQLSchema({ ...config, mutation: null, types: config.types.filter((type) => type !== mutation) });
}
