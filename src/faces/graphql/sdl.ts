import { type GraphQLSchema, printSchema } from "graphql";

/** The schema in its definition language, in the order in which it was built, with a newline at its end. */
export function sdlOf(schema: GraphQLSchema): string {
  return `${printSchema(schema)}\n`;
}
