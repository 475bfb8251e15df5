/** graphql-js coerces variables recursively: what is nested too deep for the stack is refused before it gets there. */
import { WeftError } from "../../../base/errors.ts";

/** Far above what conditions and data may nest, whose own limits say what is wrong. */
const maxVariableDepth = 500;

/** LIMIT_EXCEEDED where a variable is nested too deep. Iterative, and takes no step where all of them are scalars. */
export function depthError(variables: object): WeftError | undefined {
  let level = objectsIn(variables);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > maxVariableDepth) {
      const hint = `Variables nest at most ${maxVariableDepth} deep.`;
      return new WeftError("LIMIT_EXCEEDED", { hint, limit: "maxVariableDepth", max: maxVariableDepth });
    }
    level = level.flatMap(objectsIn);
  }
  return undefined;
}

function objectsIn(value: object): object[] {
  const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
  return members.filter((member) => typeof member === "object" && member !== null) as object[];
}
