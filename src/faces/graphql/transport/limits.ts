/**
 * What a document may ask for before it is looked at any closer. Counted in one walk over the syntax tree, ahead of
 * validation, some of whose rules are quadratic or worse. Linear and iterative: each fragment is counted once and its
 * numbers are added wherever it is spread, so that fragments which spread each other twice, thirty levels deep, cost
 * thirty steps and not a billion. Cycles are left to validation, which refuses them.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from "graphql";

export interface DocumentLimits {
  /** Tokens of a document; parsing stops there. @default 10000 */
  readonly maxTokens: number;
  /** Nesting of fields, those below `__schema` and `__type` apart. @default 20 */
  readonly maxDepth: number;
  /** Fields and spreads of one operation, its fragments expanded. @default 1000 */
  readonly maxSelections: number;
  /** Aliases of one operation, its fragments expanded. @default 100 */
  readonly maxAliases: number;
  /** How often one selection set may select the same name. @default 50 */
  readonly maxDuplicates: number;
  /** Directives on one field, fragment or operation. @default 5 */
  readonly maxDirectives: number;
  /** `fields`, `inputFields`, `interfaces` and `possibleTypes` inside each other below `__schema` and `__type`. @default 2 */
  readonly maxIntrospectionLists: number;
  /** Objects and lists in the variables of filters and queries, together: to coerce one takes 5 µs. Not of data. @default 4000 */
  readonly maxFilterObjects: number;
  /** Root fields of one operation, its fragments expanded: each starts work of its own. @default 100 */
  readonly maxRootFields: number;
  /** Of one operation, by the cost directives of IBM (`cost/cost.ts`): resources, documents and calls of fields. @default 20000 */
  readonly maxCost: number;
}

export const defaultDocumentLimits: DocumentLimits = {
  maxTokens: 10_000,
  maxDepth: 20,
  maxSelections: 1000,
  maxAliases: 100,
  maxDuplicates: 50,
  maxDirectives: 5,
  maxIntrospectionLists: 2,
  maxFilterObjects: 4000,
  maxRootFields: 100,
  maxCost: 20_000,
};

export interface Exceeded {
  readonly limit: keyof DocumentLimits;
  readonly max: number;
}

interface Counts {
  maxDepth: number;
  maxSelections: number;
  maxAliases: number;
  maxDuplicates: number;
  maxDirectives: number;
  maxIntrospectionLists: number;
  maxRootFields: number;
}

type Definition = OperationDefinitionNode | FragmentDefinitionNode;

/** The first limit that the document exceeds; undefined where there is none. Tokens are the parser's. */
export function findExceeded(document: DocumentNode, limits: DocumentLimits): Exceeded | undefined {
  const known = new Map<string, Counts>();
  for (const definition of inOrderOfUse(document)) {
    const counts = count(definition, known);
    for (const limit of Object.keys(counts) as (keyof Counts)[]) {
      // Of a fragment they are fields of its type, root or not.
      if (limit === "maxRootFields" && isFragment(definition)) continue;
      if (counts[limit] > limits[limit]) return { limit, max: limits[limit] };
    }
    if (isFragment(definition)) known.set(definition.name.value, counts);
  }
  return undefined;
}

/** One selection set, or inline fragment of it, that is still to be walked. */
interface Place {
  readonly selections: readonly SelectionNode[];
  readonly depth: number;
  readonly lists: number;
  readonly isRoot: boolean;
  readonly isIntrospection: boolean;
  /** How often the set selects each name, its inline fragments included. */
  readonly names: Map<string, number>;
}

const introspectionLists = new Set(["fields", "interfaces", "possibleTypes", "inputFields"]);

function count(definition: Definition, known: ReadonlyMap<string, Counts>): Counts {
  const counts: Counts = {
    maxDepth: 0,
    maxSelections: 0,
    maxAliases: 0,
    maxDuplicates: 0,
    maxDirectives: definition.directives?.length ?? 0,
    maxIntrospectionLists: 0,
    maxRootFields: 0,
  };
  const isIntrospection = isFragment(definition) && definition.typeCondition.name.value.startsWith("__");
  const { selections } = definition.selectionSet;
  const places: Place[] = [{ selections, depth: 0, lists: 0, isRoot: true, isIntrospection, names: new Map() }];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    for (const selection of place.selections) {
      const next = countSelection(selection, place, counts, known);
      if (next !== undefined) places.push(next);
    }
  }
  return counts;
}

/** Adds one selection to the counts; returns the place below it. */
function countSelection(
  selection: SelectionNode,
  place: Place,
  counts: Counts,
  known: ReadonlyMap<string, Counts>,
): Place | undefined {
  counts.maxSelections += 1;
  raise(counts, "maxDirectives", (selection.directives as readonly DirectiveNode[] | undefined)?.length ?? 0);
  if (selection.kind === Kind.INLINE_FRAGMENT) return { ...place, selections: selection.selectionSet.selections };
  const name = selection.name.value;
  const alias = selection.kind === Kind.FIELD ? selection.alias?.value : undefined;
  const shown = selection.kind === Kind.FIELD ? (alias ?? name) : `...${name}`;
  const times = (place.names.get(shown) ?? 0) + 1;
  place.names.set(shown, times);
  raise(counts, "maxDuplicates", times);
  if (alias !== undefined) counts.maxAliases += 1;
  if (selection.kind === Kind.FRAGMENT_SPREAD) {
    addSpread(counts, place, known.get(name));
    return undefined;
  }
  const depth = place.depth + (place.isIntrospection ? 0 : 1);
  const lists = place.lists + (place.isIntrospection && introspectionLists.has(name) ? 1 : 0);
  if (place.isRoot) counts.maxRootFields += 1;
  raise(counts, "maxDepth", depth);
  raise(counts, "maxIntrospectionLists", lists);
  if (selection.selectionSet === undefined) return undefined;
  const isIntrospection = place.isIntrospection || name === "__schema" || name === "__type";
  const { selections } = selection.selectionSet;
  return { selections, depth, lists, isRoot: false, isIntrospection, names: new Map() };
}

function addSpread(counts: Counts, place: Place, fragment: Counts | undefined): void {
  if (fragment === undefined) return;
  counts.maxSelections += fragment.maxSelections;
  counts.maxAliases += fragment.maxAliases;
  if (place.isRoot) counts.maxRootFields += fragment.maxRootFields;
  raise(counts, "maxDepth", place.depth + fragment.maxDepth);
  raise(counts, "maxIntrospectionLists", place.lists + fragment.maxIntrospectionLists);
}

function raise(counts: Counts, key: keyof Counts, to: number): void {
  if (to > counts[key]) counts[key] = to;
}

function isFragment(definition: Definition): definition is FragmentDefinitionNode {
  return definition.kind === Kind.FRAGMENT_DEFINITION;
}

/** Definitions, each behind the fragments that it spreads. */
function inOrderOfUse(document: DocumentNode): Definition[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const ordered: Definition[] = [];
  const seen = new Set<string>();
  for (const root of [...fragments.values(), ...operations]) {
    if (isFragment(root) && seen.has(root.name.value)) continue;
    if (isFragment(root)) seen.add(root.name.value);
    const path = [{ definition: root as Definition, spreads: spreadsOf(root) }];
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const name = last.spreads.pop();
      if (name === undefined) {
        ordered.push(last.definition);
        path.pop();
        continue;
      }
      const fragment = fragments.get(name);
      if (fragment === undefined || seen.has(name)) continue;
      seen.add(name);
      path.push({ definition: fragment, spreads: spreadsOf(fragment) });
    }
  }
  return ordered;
}

function spreadsOf(definition: Definition): string[] {
  const names: string[] = [];
  const sets = [definition.selectionSet];
  for (let set = sets.pop(); set !== undefined; set = sets.pop()) {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) names.push(selection.name.value);
      else if (selection.selectionSet !== undefined) sets.push(selection.selectionSet);
    }
  }
  return names;
}
