/**
 * `node` and `nodes` (https://relay.dev/graphql/objectidentification.htm): any resource, and users' own nodes, by global
 * id.
 */
import { resolveNodes } from "@pothos/plugin-relay";
import type { GraphQLResolveInfo } from "graphql";
import type { GraphqlBuilder } from "../builder.ts";
import type { GraphqlContext } from "../context.ts";
import { decodeGlobalId } from "../global-id.ts";

export function addNodeFields(builder: GraphqlBuilder): void {
  const node = builder.nodeInterfaceRef();
  builder.queryFields((t) => ({
    node: t.field({
      type: node,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context, info) => load(builder, id, { context, info }) as never,
    }),
    nodes: t.field({
      type: [node],
      nullable: { list: false, items: true },
      args: { ids: t.arg.idList({ required: true }) },
      resolve: (_root, { ids }, context, info) => ids.map((id) => load(builder, id, { context, info })) as never,
    }),
  }));
}

interface Place {
  readonly context: GraphqlContext;
  readonly info: GraphQLResolveInfo;
}

/** One by one, so that each fails at its own place; what is loaded from the stores is batched below. */
async function load(builder: GraphqlBuilder, globalId: string, { context, info }: Place): Promise<unknown> {
  const id = decodeGlobalId(globalId);
  if (!isNode(info, id.typename)) return null;
  const [node] = await resolveNodes(builder, context, info, [id]);
  return (await node) ?? null;
}

function isNode({ schema }: GraphQLResolveInfo, typename: string): boolean {
  const node = schema.getType("Node");
  const type = schema.getType(typename);
  return !!type && !!node && "getInterfaces" in type && type.getInterfaces().some(({ name }) => name === node.name);
}
