/**
 * Unions whose members differ by subgraph. Where several subgraphs may answer a field, what it answers must not depend on which of them
 * is asked: only members that all of them know are resolved, of others there is the `__typename` and nothing else. That is what Apollo's
 * planner does; graphql-tools resolves whatever the subgraph that it happens to ask knows.
 *
 * Which subgraphs may answer a field depends on the way to it: those that define it, and are on the way already or find objects of its type
 * by key. Only fields are wrapped whose unions differ at all.
 */
import {
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  isUnionType,
  type ResponsePath,
  type SelectionNode,
} from "graphql";
import type { JoinMap } from "./join-map.ts";

/** Changes the resolvers of the schema, which nobody else uses yet. */
export function withCommonMembers(schema: GraphQLSchema, joins: JoinMap): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const union = getNamedType(field.type);
      if (!isUnionType(union) || field.resolve === undefined) continue;
      const owners = joins.owners(type.name, field.name);
      if (owners.some((owner) => joins.members(union.name, owner) !== joins.members(union.name, owners[0] ?? "")))
        field.resolve = limited(field.resolve, union.name, joins);
    }
  }
  return schema;
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

function limited(resolve: Resolver, union: string, joins: JoinMap): Resolver {
  return async (source, args, context, info) => {
    const value = await resolve(source, args, context, info);
    const known = [...subgraphsAt(info, joins)].map((subgraph) => new Set(joins.members(union, subgraph).split(" ")));
    const isCommon = (member: string) => known.every((members) => members.has(member));
    return withoutOthers(value, isCommon);
  };
}

function withoutOthers(value: unknown, isCommon: (member: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutOthers(item, isCommon));
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Promise) return value.then((resolved) => withoutOthers(resolved, isCommon));
  const { __typename: member } = value as { readonly __typename?: unknown };
  return typeof member !== "string" || isCommon(member) ? value : { __typename: member };
}

/** The subgraphs that may answer the field at which a resolver is. */
function subgraphsAt(info: GraphQLResolveInfo, joins: JoinMap): ReadonlySet<string> {
  let selections: readonly SelectionNode[] = info.operation.selectionSet.selections;
  let reached: ReadonlySet<string> | undefined;
  for (const { typename, key } of stepsOf(info.path)) {
    const nodes = [...fieldsAt(selections, { info, typename, key })];
    const name = nodes[0]?.name.value ?? "";
    const before = reached;
    const onTheWay = (subgraph: string) => before?.has(subgraph) ?? true;
    const owners = joins.owners(typename, name);
    reached = new Set(owners.filter((owner) => onTheWay(owner) || joins.findsByKey(typename, owner)));
    selections = nodes.flatMap((node) => node.selectionSet?.selections ?? []);
  }
  return reached ?? new Set();
}

interface Step {
  readonly typename: string;
  /** An alias, or the name of the field. */
  readonly key: string;
}

/** From the root; list indexes have no type. */
function stepsOf(path: ResponsePath): readonly Step[] {
  const steps: Step[] = [];
  for (let at: ResponsePath | undefined = path; at; at = at.prev)
    if (at.typename !== undefined) steps.unshift({ typename: at.typename, key: String(at.key) });
  return steps;
}

function* fieldsAt(
  selections: readonly SelectionNode[],
  at: Step & { readonly info: GraphQLResolveInfo },
): Generator<FieldNode> {
  for (const selection of selections) {
    if (selection.kind === "Field") {
      if ((selection.alias ?? selection.name).value === at.key) yield selection;
      continue;
    }
    const fragment = selection.kind === "FragmentSpread" ? at.info.fragments[selection.name.value] : selection;
    if (fragment && isOf(at.info.schema, at.typename, fragment.typeCondition?.name.value))
      yield* fieldsAt(fragment.selectionSet.selections, at);
  }
}

function isOf(schema: GraphQLSchema, typename: string, condition: string | undefined): boolean {
  if (condition === undefined || condition === typename) return true;
  const abstract = schema.getType(condition);
  const type = schema.getType(typename);
  return isAbstractType(abstract) && isObjectType(type) && schema.isSubType(abstract, type);
}
