/** Whether one field alone of an operation reads payloads, so that no other wish for the same bytes can turn up beside it. */
import { type GraphQLResolveInfo, Kind, type OperationDefinitionNode, type SelectionSetNode } from "graphql";

type Operation = Pick<GraphQLResolveInfo, "operation" | "fragments">;

/** The fields of `…Resource` and `…Revision` that read payloads. A field of a model may have such a name: it only counts too much. */
const readers: ReadonlySet<string> = new Set(["data", "partial", "diff"]);

const known = new WeakMap<OperationDefinitionNode, boolean>();

export function isSoleReader({ operation, fragments }: Operation): boolean {
  let isSole = known.get(operation);
  if (isSole === undefined) {
    isSole = readersIn(operation.selectionSet, fragments, new Map()) <= 1;
    known.set(operation, isSole);
  }
  return isSole;
}

/** How many such fields, each counted as often as its fragment is spread. */
function readersIn(set: SelectionSetNode, fragments: Operation["fragments"], countOf: Map<string, number>): number {
  let count = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const name = selection.name.value;
      const fragment = fragments[name];
      const inFragment = countOf.get(name) ?? (fragment ? readersIn(fragment.selectionSet, fragments, countOf) : 0);
      countOf.set(name, inFragment);
      count += inFragment;
      continue;
    }
    if (selection.kind === Kind.FIELD && readers.has(selection.name.value)) count += 1;
    if (selection.selectionSet) count += readersIn(selection.selectionSet, fragments, countOf);
  }
  return count;
}
