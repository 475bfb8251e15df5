/** GraphQL names that are weft's own: the fixed types and root fields of CONTRACT §2, and GraphQL's built-ins. */

const scalars = [
  "String",
  "Int",
  "Float",
  "Boolean",
  "ID",
  "DateTime",
  "Date",
  "BigInt",
  "JSON",
  "JSONPatch",
  "Upload",
];

export const fixedTypeNames: readonly string[] = [
  ...scalars,
  ...["Query", "Mutation", "Subscription", "Node", "PageInfo"],
  ...[
    "Resource",
    "ResourceMeta",
    "RevisionInfo",
    "RevisionStatus",
    "ResourceAction",
    "ResourceChange",
    "PurgedResource",
    "DeletePlan",
    "ReferrerConnection",
    "ReferrerEdge",
  ],
  ...[
    "ResourceQuery",
    "SearchCondition",
    "SearchLeaf",
    "SearchGroup",
    "SearchSort",
    "SearchMetaSort",
    "SearchDataSort",
  ],
  ...["SearchOperator", "SearchGroupOperator", "SearchTransform", "SortDirection"],
  ...["Binary", "BinaryInput", "BinaryBytesInput", "PreparedUpload"],
  ...["MetaFilter", "MetaWhere", "MetaOrder", "RevisionStatusFilter"],
  ...scalars.flatMap((name) => [`${name}Filter`, `${name}ListFilter`]),
];

export const fixedRootFields = {
  Query: ["node", "nodes", "_sdl", "_service", "_entities"],
  Mutation: ["prepareUpload", "completeUpload"],
  Subscription: ["resourceChanged"],
} as const;
