/**
 * `_sdl`: this gateway's own schema for other gateways, with the directives of schema stitching (@graphql-tools/stitching-directives) that say
 * how each resource is found by its id.
 */
import { type DirectiveNode, type GraphQLSchema, Kind, parse, print, printSchema, visit } from "graphql";
import { WeftError } from "../../../base/errors.ts";
import { rootFieldNamesOf, typeNamesOf } from "../../../model/derived-names.ts";
import type { GraphqlBuilder } from "../builder.ts";
import type { ModelParts } from "../model-parts.ts";
import { offersByIds } from "./by-ids.ts";

const definitions = `directive @key(selectionSet: String!) on OBJECT
directive @merge(keyField: String, keyArg: String, additionalArgs: String, key: [String!], argsExpr: String) on FIELD_DEFINITION`;

/** @param tells whether it answers: it tells what introspection does */
export function addSdlField(builder: GraphqlBuilder, tells: boolean, sdl: () => string): void {
  let known: string | undefined;
  builder.queryField("_sdl", (t) =>
    t.string({
      description: "For other gateways: this one's own schema, with directives that say how its resources are found.",
      resolve() {
        if (!tells)
          throw new WeftError("FORBIDDEN", { hint: "Introspection is off: give the other gateway an SDL file." });
        known ??= sdl();
        return known;
      },
    }),
  );
}

export function subschemaSdl(schema: GraphQLSchema, models: readonly ModelParts[]): string {
  const found = models.filter(({ model }) => offersByIds(model));
  const types = new Set<string>(found.map(({ model }) => typeNamesOf(model.definition.graphqlName).resource));
  const fields = new Set<string>(
    found.map(({ model: { definition } }) => rootFieldNamesOf(definition.singular, definition.plural).query.byIds),
  );
  const document = visit(parse(printSchema(schema), { noLocation: true }), {
    ObjectTypeDefinition(node) {
      if (types.has(node.name.value))
        return { ...node, directives: [directive('@key(selectionSet: "{ meta { resourceId } }")')] };
      if (node.name.value !== "Query") return undefined;
      const merge = directive('@merge(keyArg: "resourceIds", argsExpr: "resourceIds: [[$key.meta.resourceId]]")');
      const merged = node.fields?.map((field) =>
        fields.has(field.name.value) ? { ...field, directives: [merge] } : field,
      );
      return { ...node, ...(merged && { fields: merged }) };
    },
  });
  return `${definitions}\n\n${print(document)}\n`;
}

function directive(text: string): DirectiveNode {
  const [definition] = parse(`{ field ${text} }`, { noLocation: true }).definitions;
  const field = definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections[0] : undefined;
  const [node] = field?.directives ?? [];
  if (node === undefined) throw new Error(`${text} is no directive.`);
  return node;
}
