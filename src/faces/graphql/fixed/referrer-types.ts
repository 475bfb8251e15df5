/** `ReferrerConnection`: what refers to a resource, of whatever model. */
import type { OutputRef } from "@pothos/core";
import type { ReferrerEdge, ReferrerPage } from "../../../resource/referrer.ts";
import type { Snapshot } from "../../../resource/resource.ts";
import type { GraphqlBuilder } from "../builder.ts";

interface Parts {
  readonly resource: OutputRef<Snapshot>;
}

export function addReferrerTypes(builder: GraphqlBuilder, { resource }: Parts) {
  const edge = builder.objectRef<ReferrerEdge>("ReferrerEdge").implement({
    fields: (t) => ({
      node: t.field({ type: resource, nullable: false, resolve: ({ node }) => node }),
      cursor: t.string({ nullable: false, resolve: ({ cursor }) => cursor() }),
      resourceName: t.string({ nullable: false, resolve: ({ relation }) => relation.resourceName }),
      field: t.string({
        nullable: false,
        description: "The field that refers, as a dotted path.",
        resolve: ({ relation }) => relation.reference.path,
      }),
      onDelete: t.string({
        nullable: false,
        description:
          "What becomes of the reference when its target is deleted: dangling, setNull, cascade or restrict.",
        resolve: ({ relation }) => relation.reference.onDelete,
      }),
    }),
  });
  return builder.objectRef<ReferrerPage>("ReferrerConnection").implement({
    description: "In the order of the models and their fields, then of resource ids.",
    fields: (t) => ({
      edges: t.field({ type: [edge], nullable: false, resolve: ({ edges }) => [...edges] }),
      nodes: t.field({ type: [resource], nullable: false, resolve: ({ edges }) => edges.map(({ node }) => node) }),
      pageInfo: t.field({ type: builder.pageInfoRef(), nullable: false, resolve: ({ pageInfo }) => pageInfo }),
      totalCount: t.int({
        nullable: true,
        description: "How many references there are in all; counted only where it is selected.",
        resolve: (page) => page.totalCount(),
      }),
    }),
  });
}
