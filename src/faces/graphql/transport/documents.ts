/**
 * Documents: from query text to a checked syntax tree, once per text. The stages are one array, cheapest first, so that a hostile
 * document is refused by the first stage that can tell; what passes all is kept, with its operations looked up.
 */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  type ValidationRule,
  ValuesOfCorrectTypeRule,
  validate,
} from "graphql";
import { WeftError } from "../../../base/errors.ts";
import { documentError, invalidInput, publicError, withoutSuggestion } from "./errors.ts";
import { literalIssues } from "./input-issues.ts";
import { type DocumentLimits, type Exceeded, findExceeded } from "./limits.ts";

/** A document that may be executed against the schema that it was checked with. */
export interface CheckedDocument {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  /** By name; an unnamed one by "". */
  readonly operations: ReadonlyMap<string, OperationDefinitionNode>;
  /** The operation, where there is only one. */
  readonly only: OperationDefinitionNode | undefined;
}

export interface Documents {
  /** The document, or why it is refused. */
  check(query: string): CheckedDocument | readonly GraphQLError[];
}

export interface DocumentsOptions {
  readonly schema: () => GraphQLSchema;
  readonly limits: DocumentLimits;
  readonly introspection: boolean;
}

const maxKept = 1000;
/** Longer texts are checked each time: documents with data written into them would push the common ones out. */
const maxKeptLength = 16_384;
/** Validation stops here; a mistaken client is helped by the first few, and each costs a search for similar names. */
const maxErrors = 10;

/** What a document goes through, for those who keep none. */
export interface DocumentStages {
  parse(query: string): DocumentNode | GraphQLError;
  /** Limits, then rules. @param added to the specification's */
  examine(document: DocumentNode, schema: GraphQLSchema, added?: readonly ValidationRule[]): readonly GraphQLError[];
}

export function createDocumentStages({ limits, introspection }: Omit<DocumentsOptions, "schema">): DocumentStages {
  const rules = introspection ? checkedRules : [NoSchemaIntrospectionCustomRule, ...checkedRules];
  return {
    parse: (query) => parsed(query, limits.maxTokens),
    examine(document, schema, added = []) {
      // Ahead of validation, because some of its rules are quadratic in what this bounds.
      const exceeded = limitErrors(findExceeded(document, limits));
      if (exceeded.length > 0) return exceeded;
      // The specification's rules; values written into the document are checked like variables are.
      const errors = validationErrors(schema, document, added.length > 0 ? [...rules, ...added] : rules);
      return introspection ? errors : errors.map(withoutSuggestion);
    },
  };
}

export function createDocuments({ schema, limits, introspection }: DocumentsOptions): Documents {
  const stages = createDocumentStages({ limits, introspection });
  let kept = new Map<string, CheckedDocument>();
  let keptSchema: GraphQLSchema | undefined;

  return {
    check(query) {
      const current = schema();
      if (current !== keptSchema) {
        kept = new Map();
        keptSchema = current;
      }
      const known = kept.get(query);
      if (known !== undefined) return known;
      const document = stages.parse(query);
      if (document instanceof GraphQLError) return [document];
      const errors = stages.examine(document, current);
      if (errors.length > 0) return errors;
      const checked = checkedDocument(current, document);
      if (query.length <= maxKeptLength) keep(kept, query, checked);
      return checked;
    },
  };
}

/** The oldest goes first: it comes back with its next use, so no order of use is worth its cost on every request. */
function keep<Value>(kept: Map<string, Value>, key: string, value: Value): void {
  kept.set(key, value);
  const oldest = kept.keys().next();
  if (kept.size > maxKept && oldest.done !== true) kept.delete(oldest.value);
}

function parsed(query: string, maxTokens: number): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    // The parser is recursive: a RangeError is a document nested deeper than the stack.
    if (!(error instanceof GraphQLError)) return publicError(new WeftError("LIMIT_EXCEEDED", { limit: "maxDepth" }));
    if (!error.message.includes("Parsing aborted")) return documentError("GRAPHQL_PARSE_FAILED", error);
    return publicError(new WeftError("LIMIT_EXCEEDED", { limit: "maxTokens", max: maxTokens }));
  }
}

function limitErrors(exceeded: Exceeded | undefined): readonly GraphQLError[] {
  if (exceeded === undefined) return [];
  const hint = `The document exceeds ${exceeded.limit} ${exceeded.max}.`;
  return [publicError(new WeftError("LIMIT_EXCEEDED", { hint, ...exceeded }))];
}

/** `ValuesOfCorrectTypeRule`, its errors told from those about the document. */
const literalErrors = new WeakSet<GraphQLError>();
const LiteralsRule: ValidationRule = (context) =>
  ValuesOfCorrectTypeRule(
    Object.create(context, {
      reportError: {
        value(error: GraphQLError) {
          literalErrors.add(error);
          context.reportError(error);
        },
      },
    }),
  );
const checkedRules = specifiedRules.map((rule) => (rule === ValuesOfCorrectTypeRule ? LiteralsRule : rule));

function validationErrors(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
): readonly GraphQLError[] {
  try {
    return validate(schema, document, rules, { maxErrors }).map((error) =>
      literalErrors.has(error)
        ? invalidInput(literalIssues(document, error), error)
        : documentError("GRAPHQL_VALIDATION_FAILED", error),
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [publicError(new WeftError("LIMIT_EXCEEDED", { limit: "maxDepth" }))];
  }
}

export function checkedDocument(schema: GraphQLSchema, document: DocumentNode): CheckedDocument {
  const operations = operationsOf(document);
  const only = operations.size === 1 ? operations.values().next().value : undefined;
  return { schema, document, operations, only };
}

function operationsOf(document: DocumentNode): ReadonlyMap<string, OperationDefinitionNode> {
  const operations = new Map<string, OperationDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.set(definition.name?.value ?? "", definition);
  }
  return operations;
}
