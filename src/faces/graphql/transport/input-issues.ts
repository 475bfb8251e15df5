/** Where and why values could not be coerced to their input types: graphql-js says so in prose only. */
import {
  type ASTNode,
  BREAK,
  coerceInputValue,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  typeFromAST,
  visit,
} from "graphql";
import { type Issue, WeftError } from "../../../base/errors.ts";

type Path = Issue["path"];

/** As many as graphql-js itself would tell. */
const maxIssues = 50;

/** The complaints about the variables of an operation; the path begins with the variable's name. */
export function variableIssues(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Issue[] {
  const issues: Issue[] = [];
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type)) continue;
    if (Object.hasOwn(variables, name)) {
      coerceInputValue(variables[name], type, (path, _value, error) => {
        if (issues.length < maxIssues) issues.push(...issuesOf(error, [name, ...path]));
      });
    } else if (definition.defaultValue === undefined && isNonNullType(type)) {
      issues.push({ path: [name], message: `A value of type ${String(type)} is required` });
    }
  }
  return issues.slice(0, maxIssues);
}

/** The complaint about a value written into the document; the path begins with the argument's name. */
export function literalIssues(document: DocumentNode, error: GraphQLError): Issue[] {
  const node = error.nodes?.[0];
  return issuesOf(error, node === undefined ? [] : literalPath(document, node));
}

/** A scalar of weft's refuses with issues of its own, which lie below the place of the scalar. */
function issuesOf(error: GraphQLError, path: Path): Issue[] {
  const { originalError } = error;
  const own = originalError instanceof WeftError ? originalError.details.issues : error.extensions.issues;
  if (Array.isArray(own)) {
    return (own as readonly Issue[]).map((issue) => ({ path: [...path, ...issue.path], message: issue.message }));
  }
  return [{ path, message: originalError instanceof WeftError ? originalError.message : error.message }];
}

function literalPath(document: DocumentNode, target: ASTNode): Path {
  let found: Path = [];
  visit(document, {
    enter(node, _key, parent, _path, ancestors) {
      if (node !== target) return undefined;
      found = namesOf([...ancestors, ...(parent === undefined ? [] : [parent]), node]);
      return BREAK;
    },
  });
  return found;
}

/** Arguments and object fields by name, list items by index; nodes on the way alternate with the arrays that hold them. */
function namesOf(ancestors: readonly (ASTNode | readonly ASTNode[])[]): Path {
  const path: (string | number)[] = [];
  for (const [depth, ancestor] of ancestors.entries()) {
    if (isNodes(ancestor)) continue;
    if (ancestor.kind === Kind.ARGUMENT || ancestor.kind === Kind.OBJECT_FIELD) path.push(ancestor.name.value);
    const holder = ancestors[depth - 1];
    const list = ancestors[depth - 2];
    if (holder === undefined || list === undefined || !isNodes(holder) || isNodes(list)) continue;
    if (list.kind === Kind.LIST) path.push(holder.indexOf(ancestor));
  }
  return path;
}

function isNodes(ancestor: ASTNode | readonly ASTNode[]): ancestor is readonly ASTNode[] {
  return Array.isArray(ancestor);
}
