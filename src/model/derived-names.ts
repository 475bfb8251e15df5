/** The GraphQL names that a model takes for itself. Faces print these; `claims.ts` keeps them apart. */
import { capitalise, typeNamePart } from "./names.ts";

/** Types of a model, by what they are. */
export function typeNamesOf(graphqlName: string) {
  return {
    data: graphqlName,
    input: inputNameOf(graphqlName),
    resource: `${graphqlName}Resource`,
    connection: `${graphqlName}Connection`,
    edge: `${graphqlName}Edge`,
    revision: `${graphqlName}Revision`,
    revisionConnection: `${graphqlName}RevisionConnection`,
    revisionEdge: `${graphqlName}RevisionEdge`,
    change: `${graphqlName}Change`,
    where: whereNameOf(graphqlName, []),
    relationFilter: `${graphqlName}RelationFilter`,
    relation: `${graphqlName}RelationInput`,
    relationUpdate: `${graphqlName}RelationUpdateInput`,
    relationList: `${graphqlName}RelationListInput`,
    relationId: `${graphqlName}RelationIdInput`,
    relationIds: `${graphqlName}RelationIdsInput`,
    order: orderNameOf(graphqlName, []),
  } as const;
}

/** The input twin of an object type or a union. */
export function inputNameOf(typeName: string): string {
  return `${typeName}Input`;
}

/** The typed filter of a model, or of what its indexed paths hold below some fields: `["address"]` → `TodoItemAddressWhere`. */
export function whereNameOf(graphqlName: string, fields: readonly string[]): string {
  return `${graphqlName}${fields.map(typeNamePart).join("")}Where`;
}

/** The same for sorting. */
export function orderNameOf(graphqlName: string, fields: readonly string[]): string {
  return `${graphqlName}${fields.map(typeNamePart).join("")}Order`;
}

/** Filters of an enum's values, and of lists of them. */
export function enumFilterNamesOf(enumName: string): { readonly one: string; readonly list: string } {
  return { one: `${enumName}Filter`, list: `${enumName}ListFilter` };
}

/** Root fields of a model, by operation. */
export function rootFieldNamesOf(singular: string, plural: string) {
  const one = capitalise(singular);
  return {
    query: {
      get: singular,
      list: `${singular}List`,
      count: `${singular}Count`,
      connection: plural,
      byIds: `${plural}ByIds`,
      deletePlan: `${singular}DeletePlan`,
    },
    mutation: {
      create: `create${one}`,
      update: `update${one}`,
      upsert: `upsert${one}`,
      patch: `patch${one}`,
      modify: `modify${one}`,
      switch: `switch${one}`,
      delete: `delete${one}`,
      restore: `restore${one}`,
      purge: `purge${one}`,
    },
    subscription: { changed: `${singular}Changed` },
  } as const;
}
