/**
 * From a GraphQL selection of data to the codec's `Selection`: fragments, aliases and directives resolved, slices pushed
 * down.
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { ElementSelector, Selection } from "../../../codec/selection.ts";
import { mergeSelections } from "../../../codec/selection-merge.ts";
import { readSelector } from "../../../codec/slice.ts";
import type { ObjectPlan, Plan, StoredField } from "./plan.ts";

/** The parts of `GraphQLResolveInfo` that a selection depends on. */
export interface SelectionSource {
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

export interface DataSelection {
  readonly selection: Selection;
  /** Does it depend on variables? */
  readonly isVariable: boolean;
}

/** Something of an object that is being collected. */
interface Collected {
  readonly fields: Map<string, Selection>;
  isWhole: boolean;
}

interface Reading extends SelectionSource {
  isVariable: boolean;
}

const every: ElementSelector = { step: 1 };

/** What of a document the fields of these nodes, all of the same response key, need. */
export function dataSelection(plan: ObjectPlan, nodes: readonly FieldNode[], source: SelectionSource): DataSelection {
  const { fragments, variableValues } = source;
  const reading: Reading = { fragments, variableValues, isVariable: false };
  const collected: Collected = { fields: new Map(), isWhole: false };
  for (const node of nodes) collect(plan, node.selectionSet, { collected, reading });
  return { selection: selectionOf(collected), isVariable: reading.isVariable };
}

interface Collecting {
  readonly collected: Collected;
  readonly reading: Reading;
}

function collect(plan: Plan, set: SelectionSetNode | undefined, into: Collecting): void {
  for (const selection of set?.selections ?? []) {
    if (!isIncluded(selection, into.reading)) continue;
    if (selection.kind === Kind.FIELD) {
      if (plan.kind === "object") collectField(plan, selection, into);
      continue;
    }
    const isSpread = selection.kind === Kind.FRAGMENT_SPREAD;
    const fragment = isSpread ? into.reading.fragments[selection.name.value] : selection;
    for (const part of partsOf(plan, fragment?.typeCondition?.name.value)) collect(part, fragment?.selectionSet, into);
  }
}

/** What a fragment applies to: of a union one member, or, where it is on an interface, all of them. */
function partsOf(plan: Plan, condition: string | undefined): readonly Plan[] {
  if (plan.kind === "object" || condition === undefined || condition === plan.type.name) return [plan];
  const member = plan.members.find(({ type }) => type.name === condition);
  return member ? [member] : plan.members;
}

function collectField(plan: ObjectPlan, node: FieldNode, { collected, reading }: Collecting): void {
  const name = node.name.value;
  if (name === "__typename") return;
  const stored = plan.stored.get(name);
  const needs = plan.added.get(name);
  if (stored) add(collected.fields, name, storedSelection(stored, node, reading));
  else if (needs === undefined || needs === "all") collected.isWhole = true;
  else for (const [field, below] of needs) add(collected.fields, field, below);
}

function storedSelection({ listDepth, below }: StoredField, node: FieldNode, reading: Reading): Selection {
  let selection = below ? belowSelection(below, node, reading) : "all";
  for (let depth = listDepth; depth > 0; depth--) {
    const selector = depth === 1 ? sliceOf(node, reading) : every;
    if (selector === "invalid") return { kind: "list", parts: [] };
    if (selection === "all" && selector === every) continue;
    selection = { kind: "list", parts: [{ selector, below: selection }] };
  }
  return selection;
}

function belowSelection(plan: Plan, node: FieldNode, reading: Reading): Selection {
  const collected: Collected = { fields: new Map(), isWhole: false };
  // Which member a value is of decides on its type, whatever is selected.
  if (plan.kind === "union") collected.fields.set(plan.type.discriminator, "all");
  collect(plan, node.selectionSet, { collected, reading });
  return selectionOf(collected);
}

function selectionOf({ fields, isWhole }: Collected): Selection {
  return isWhole ? "all" : { kind: "object", fields };
}

function add(fields: Map<string, Selection>, name: string, selection: Selection): void {
  const known = fields.get(name);
  fields.set(name, known === undefined ? selection : mergeSelections(known, selection));
}

/** The `slice` argument. One that is invalid selects nothing: the list's own resolver says so, at its place. */
function sliceOf(node: FieldNode, reading: Reading): ElementSelector | "invalid" {
  const argument = node.arguments?.find(({ name }) => name.value === "slice")?.value;
  if (argument?.kind === Kind.VARIABLE) reading.isVariable = true;
  const text =
    argument?.kind === Kind.VARIABLE
      ? reading.variableValues[argument.name.value]
      : argument?.kind === Kind.STRING
        ? argument.value
        : undefined;
  return typeof text === "string" ? (readSelector(text) ?? "invalid") : every;
}

function isIncluded(node: SelectionNode, reading: Reading): boolean {
  if (!node.directives?.length) return true;
  reading.isVariable = true;
  const { variableValues } = reading;
  if (getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false;
}
