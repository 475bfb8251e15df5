/**
 * `node` and `nodes` (https://relay.dev/graphql/objectidentification.htm): any resource, and users' own nodes, by global
 * id.
 */
import { resolveNodes } from "@pothos/plugin-relay";
import type { GraphQLResolveInfo } from "graphql";
import type { GraphqlBuilder } from "../builder.ts";
import type { GraphqlContext } from "../context.ts";
import { decodeGlobalId } from "../global-id.ts";

/** @param isSwitchedOff whether resources of a type cannot be read one by one */
export function addNodeFields(builder: GraphqlBuilder, isSwitchedOff: (typeName: string) => boolean): void {
  const parts = { builder, isSwitchedOff };
  const node = builder.nodeInterfaceRef();
  builder.queryFields((t) => ({
    node: t.field({
      type: node,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context, info) => load(parts, id, { context, info }) as never,
    }),
    nodes: t.field({
      type: [node],
      nullable: { list: false, items: true },
      args: { ids: t.arg.idList({ required: true }) },
      resolve: (_root, { ids }, context, info) => ids.map((id) => load(parts, id, { context, info })) as never,
    }),
  }));
}

interface NodeParts {
  readonly builder: GraphqlBuilder;
  readonly isSwitchedOff: (typeName: string) => boolean;
}

interface Place {
  readonly context: GraphqlContext;
  readonly info: GraphQLResolveInfo;
}

/** One by one, so that each fails at its own place; what is loaded from the stores is batched below. */
async function load(
  { builder, isSwitchedOff }: NodeParts,
  globalId: string,
  { context, info }: Place,
): Promise<unknown> {
  const id = decodeGlobalId(globalId);
  if (!isNode(info, id.typename) || isSwitchedOff(id.typename)) return null;
  const [node] = await resolveNodes(builder, context, info, [id]);
  return (await node) ?? null;
}

function isNode({ schema }: GraphQLResolveInfo, typename: string): boolean {
  const node = schema.getType("Node");
  const type = schema.getType(typename);
  return !!type && !!node && "getInterfaces" in type && type.getInterfaces().some(({ name }) => name === node.name);
}
