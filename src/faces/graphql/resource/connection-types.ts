/** Relay connections (https://relay.dev/graphql/connections.htm) over pages of the resource floor. */
import type { ObjectFieldBuilder, ObjectRef, OutputRef } from "@pothos/core";
import type { Page } from "../../../resource/resource.ts";
import type { GraphqlBuilder, GraphqlTypes } from "../builder.ts";

export interface Edge<Node> {
  readonly node: Node;
  readonly cursor: string | (() => string);
}

export type Connection<Node> = Pick<Page<Node>, "pageInfo"> & { readonly edges: readonly Edge<Node>[] };

interface ConnectionOptions {
  readonly name: string;
  readonly edgeName: string;
  readonly node: OutputRef;
  /** Has the page a total? It is asked for only when it is selected. */
  readonly hasTotalCount: boolean;
}

export function addConnection<Node>(
  builder: GraphqlBuilder,
  { name, edgeName, node, hasTotalCount }: ConnectionOptions,
): ObjectRef<GraphqlTypes, Connection<Node>> {
  const edge = builder.objectRef<Edge<Node>>(edgeName).implement({
    fields: (t) => ({
      node: t.field({ type: node, nullable: false, resolve: (parent) => parent.node as never }),
      cursor: t.string({ nullable: false, resolve: ({ cursor }) => (typeof cursor === "string" ? cursor : cursor()) }),
    }),
  });
  return builder.objectRef<Connection<Node>>(name).implement({
    fields: (t) => ({
      edges: t.field({ type: [edge], nullable: false, resolve: ({ edges }) => edges as Edge<Node>[] }),
      nodes: t.field({
        type: [node],
        nullable: false,
        resolve: ({ edges }) => edges.map((parent) => parent.node) as never,
      }),
      pageInfo: t.field({ type: builder.pageInfoRef(), nullable: false, resolve: ({ pageInfo }) => pageInfo }),
      ...(hasTotalCount ? totalCount(t) : {}),
    }),
  });
}

function totalCount<Node>(t: ObjectFieldBuilder<GraphqlTypes, Connection<Node>>) {
  return {
    totalCount: t.int({
      nullable: true,
      description: "How many there are in all; counted only where it is selected.",
      resolve: (page) => ("totalCount" in page ? (page as { totalCount: () => Promise<number> }).totalCount() : null),
    }),
  };
}
