/** Claims every name that a model takes for itself. */
import type { ClaimDraft, NameSpace } from "./claims.ts";
import { orderNameOf, rootFieldNamesOf, typeNamesOf, whereNameOf } from "./derived-names.ts";

export interface ModelNames {
  readonly modelName: string;
  readonly resourceName: string;
  readonly graphqlName: string;
  readonly singular: string;
  readonly plural: string;
}

/** Names of types but for the model's data and input, which its schema claims. @returns what is wrong, a sentence each */
export function claimModelNames(draft: ClaimDraft, model: ModelNames): string[] {
  const { data: _data, input: _input, ...types } = typeNamesOf(model.graphqlName);
  const fields = rootFieldNamesOf(model.singular, model.plural);
  const claim = (space: NameSpace, names: Readonly<Record<string, string>>, cureOf: (role: string) => string) =>
    Object.entries(names).map(([role, name]) =>
      draft.claim(space, name, { by: `model ${model.modelName} (its ${role})`, cure: cureOf(role) }),
    );
  const byPlural = (role: string) => (role === "connection" || role === "byIds" ? "{ plural }" : "{ graphqlName }");
  return [
    ...claim("resource name", { "resource name": model.resourceName }, () => "{ name }"),
    ...claim("type", types, () => "{ graphqlName }"),
    ...claim("Query", fields.query, byPlural),
    ...claim("Mutation", fields.mutation, () => "{ graphqlName }"),
    ...claim("Subscription", fields.subscription, () => "{ graphqlName }"),
  ].filter((problem) => problem !== undefined);
}

export interface NestedInputs {
  readonly modelName: string;
  readonly graphqlName: string;
  /** Indexed fields by dotted path. */
  readonly paths: ReadonlyMap<string, unknown>;
}

/** The typed filter and order of each object that indexed paths lead through. @returns what is wrong */
export function claimNestedInputs(draft: ClaimDraft, { modelName, graphqlName, paths }: NestedInputs): string[] {
  const prefixes = new Set<string>();
  for (const path of paths.keys()) {
    const segments = path.split(".");
    for (let depth = 1; depth < segments.length; depth++) prefixes.add(segments.slice(0, depth).join("."));
  }
  return [...prefixes].flatMap((prefix) => {
    const fields = prefix.split(".");
    return [whereNameOf(graphqlName, fields), orderNameOf(graphqlName, fields)].flatMap((name) => {
      const problem = draft.claim("type", name, {
        by: `model ${modelName} (its filter by ${prefix})`,
        cure: "{ graphqlName }",
      });
      return problem === undefined ? [] : [problem];
    });
  });
}
