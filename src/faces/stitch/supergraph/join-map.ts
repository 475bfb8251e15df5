/** What the join directives of a supergraph say of types, fields and unions, by subgraph (the names of the enum `join__Graph`). */
import type { ConstDirectiveNode, DocumentNode, FieldDefinitionNode, ObjectTypeDefinitionNode } from "graphql";

export interface JoinMap {
  /** Subgraphs that resolve a field of an object type. */
  owners(type: string, field: string): readonly string[];
  /** Whether a subgraph finds objects of a type by a key. */
  findsByKey(type: string, subgraph: string): boolean;
  /** Names of the members of a union in a subgraph, sorted, with blanks between. */
  members(union: string, subgraph: string): string;
}

export function readJoinMap(document: DocumentNode): JoinMap {
  const owners = new Map<string, readonly string[]>();
  const finders = new Set<string>();
  const members = new Map<string, string>();
  for (const definition of document.definitions) {
    if (definition.kind === "ObjectTypeDefinition") readType(definition, owners, finders);
    if (definition.kind !== "UnionTypeDefinition") continue;
    const union = definition.name.value;
    for (const { graph, member } of directivesOf(definition, "join__unionMember")) {
      const known = members.get(`${union}@${graph}`)?.split(" ") ?? [];
      members.set(`${union}@${graph}`, [...known, String(member)].sort().join(" "));
    }
  }
  return {
    owners: (type, field) => owners.get(`${type}.${field}`) ?? [],
    findsByKey: (type, subgraph) => finders.has(`${type}@${subgraph}`),
    members: (union, subgraph) => members.get(`${union}@${subgraph}`) ?? "",
  };
}

function readType(
  definition: ObjectTypeDefinitionNode,
  owners: Map<string, readonly string[]>,
  finders: Set<string>,
): void {
  const type = definition.name.value;
  const joined = directivesOf(definition, "join__type");
  for (const { graph, key, resolvable } of joined)
    if (key !== undefined && resolvable !== false) finders.add(`${type}@${graph}`);
  const all = [...new Set(joined.map(({ graph }) => String(graph)))];
  for (const field of definition.fields ?? []) owners.set(`${type}.${field.name.value}`, ownersOf(field, all));
}

/** A field without `join__field` is resolved by all subgraphs of its type. */
function ownersOf(field: FieldDefinitionNode, all: readonly string[]): readonly string[] {
  const joined = directivesOf(field, "join__field");
  if (joined.length === 0) return all;
  return joined
    .filter(
      ({ graph, external, usedOverridden }) => graph !== undefined && external !== true && usedOverridden !== true,
    )
    .map(({ graph }) => String(graph));
}

function directivesOf(
  node: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
  name: string,
): readonly Readonly<Record<string, string | boolean | undefined>>[] {
  return (node.directives ?? []).filter((directive) => directive.name.value === name).map(argumentsOf);
}

function argumentsOf(directive: ConstDirectiveNode): Readonly<Record<string, string | boolean | undefined>> {
  return Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, "value" in value ? value.value : undefined]),
  );
}
