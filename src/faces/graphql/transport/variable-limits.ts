/**
 * graphql-js coerces variables recursively, and input objects at a cost: what is nested too deep for the stack, or filters by too
 * much, is refused before it gets there. Iterative, and takes no step where all variables are scalars.
 */
import type { OperationDefinitionNode, TypeNode } from "graphql";
import { WeftError } from "../../../base/errors.ts";
import type { DocumentLimits } from "./limits.ts";

/** Far above what conditions and data may nest, whose own limits say what is wrong. */
const maxVariableDepth = 500;

type Variables = Readonly<Record<string, unknown>>;

/** LIMIT_EXCEEDED where a variable is nested too deep, or those of filters and queries are too large. */
export function variablesError(
  operation: OperationDefinitionNode,
  variables: Variables,
  { maxFilterObjects }: Pick<DocumentLimits, "maxFilterObjects">,
): WeftError | undefined {
  if (objectsIn(variables).length === 0) return undefined;
  const filters = (operation.variableDefinitions ?? [])
    .filter(({ type }) => filterType.test(nameOf(type)))
    .map(({ variable }) => variables[variable.name.value]);
  if (isLarger(filters, maxFilterObjects)) {
    const hint = `Filters and queries hold at most ${maxFilterObjects} objects and lists.`;
    return new WeftError("LIMIT_EXCEEDED", { hint, limit: "maxFilterObjects", max: maxFilterObjects });
  }
  if (isDeeper(variables, maxVariableDepth)) {
    const hint = `Variables nest at most ${maxVariableDepth} deep.`;
    return new WeftError("LIMIT_EXCEEDED", { hint, limit: "maxVariableDepth", max: maxVariableDepth });
  }
  return undefined;
}

/** Names of a model's own input types end in Input. */
const filterType = /^(ResourceQuery|Search[A-Z][a-z]+|.*Where)$/;

function nameOf(type: TypeNode): string {
  return type.kind === "NamedType" ? type.name.value : nameOf(type.type);
}

function isDeeper(root: object, max: number): boolean {
  let level = objectsIn(root);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > max) return true;
    level = level.flatMap(objectsIn);
  }
  return false;
}

function isLarger(root: object, max: number): boolean {
  const found = objectsIn(root);
  for (const object of found) {
    if (found.length > max) return true;
    for (const inner of objectsIn(object)) found.push(inner);
  }
  return found.length > max;
}

function objectsIn(value: object): object[] {
  const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
  return members.filter((member) => typeof member === "object" && member !== null) as object[];
}
