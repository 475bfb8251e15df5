/**
 * What an operation may cost, told before it runs: the static analysis of IBM's "GraphQL Cost Directives"
 * (https://ibm.github.io/graphql-specs/cost-spec.html), its `@cost` and `@listSize`.
 *
 * Two numbers. `fieldCost` counts resolver calls: 1 for a field of objects, 0 for one of scalars and enums, or its `@cost`. `typeCost` counts
 * objects: 1 for each, 0 for scalars and enums, or the type's `@cost`. What lies in a list counts as often as the list is long: by its slicing
 * argument, else as its `@listSize` assumes, else ten. `@skip` and `@include` with variables count as included; of an abstract type, the dearest of
 * those members counts that the fragments tell apart.
 *
 * An operation is compiled once, to a constant or to a function of its variables; these matter for the sizes of lists only.
 */
import type { GraphQLSchema, OperationDefinitionNode } from "graphql";
import { WeftError } from "../../../../base/errors.ts";
import type { CheckedDocument } from "../documents.ts";
import { type CostOf, compileCost } from "./compile.ts";

export interface Cost {
  readonly typeCost: number;
  readonly fieldCost: number;
}

type Variables = Readonly<Record<string, unknown>>;

export interface Costs {
  /** @throws WeftError LIMIT_EXCEEDED where a list that wants one slicing argument gets none, or several */
  of(checked: CheckedDocument, definition: OperationDefinitionNode, variables: Variables): Cost;
  /** LIMIT_EXCEEDED where it costs too much. */
  error(checked: CheckedDocument, definition: OperationDefinitionNode, variables: Variables): WeftError | undefined;
}

interface Compiled {
  readonly schema: GraphQLSchema;
  readonly costOf: CostOf;
}

export function createCosts({ maxCost }: { readonly maxCost: number }): Costs {
  /** By definition, which lives as long as its document is kept. */
  const compiled = new WeakMap<OperationDefinitionNode, Compiled>();

  const costOf = ({ schema, document }: CheckedDocument, definition: OperationDefinitionNode): CostOf => {
    const known = compiled.get(definition);
    if (known?.schema === schema) return known.costOf;
    const made = { schema, costOf: compileCost(schema, document, definition) };
    compiled.set(definition, made);
    return made.costOf;
  };

  const of: Costs["of"] = (checked, definition, variables) => costOf(checked, definition)(variables);

  return {
    of,
    error(checked, definition, variables) {
      try {
        const { typeCost, fieldCost } = of(checked, definition, variables);
        const cost = Math.max(typeCost, fieldCost);
        if (cost <= maxCost) return undefined;
        const hint = `The operation may cost ${shown(cost)}, of at most ${maxCost}: ask for shorter lists, or for fewer of them inside each other.`;
        return new WeftError("LIMIT_EXCEEDED", { hint, limit: "maxCost", max: maxCost, cost, typeCost, fieldCost });
      } catch (error) {
        if (error instanceof WeftError) return error;
        throw error;
      }
    },
  };
}

function shown(cost: number): string {
  return Number.isFinite(cost) ? String(Math.ceil(cost)) : "more than can be told";
}
