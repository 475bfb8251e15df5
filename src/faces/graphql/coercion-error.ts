/**
 * Refusals of values, before any resolver runs. They carry code and issues themselves, since GraphQL reports them without
 * a resolver's error to translate.
 */
import { GraphQLError } from "graphql";

/** What a scalar throws on a value that is not its own. GraphQL says in the message where the value stands. */
export function refused(message: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: "VALIDATION_FAILED", issues: [{ path: [], message }] },
  });
}
