import type { EnumRef } from "@pothos/core";
import type { EnumType } from "../../../model/field.ts";
import type { GraphqlBuilder, GraphqlTypes } from "../builder.ts";

export type EnumTypes = (type: EnumType) => EnumRef<GraphqlTypes, string | number>;

/** GraphQL enums of models, each made when it is first asked for. Resolvers and arguments see the stored values. */
export function createEnumTypes(builder: GraphqlBuilder): EnumTypes {
  const refs = new Map<EnumType, EnumRef<GraphqlTypes, string | number>>();
  return (type) => {
    const known = refs.get(type);
    if (known) return known;
    const values = Object.fromEntries([...type.values].map(([name, value]) => [name, { value }]));
    const ref = builder.enumType(type.name, { ...described(type), values });
    refs.set(type, ref);
    return ref;
  };
}

/** An absent description is no key at all, as Pothos wants it. */
export function described({ description }: { readonly description: string | undefined }): { description?: string } {
  return description === undefined ? {} : { description };
}
