/** Which subgraphs a supergraph SDL names: the values of its enum `join__Graph` (the join specification of Apollo Federation). */
import { type DocumentNode, type EnumValueDefinitionNode, GraphQLError, Kind, parse } from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";

export interface Subgraph {
  /** As its owner calls it. */
  readonly name: string;
  /** As the supergraph's directives call it. */
  readonly enumValue: string;
  readonly url: string;
}

export interface ParsedSupergraph {
  readonly document: DocumentNode;
  readonly subgraphs: readonly Subgraph[];
}

/** @throws ConfigurationError where it is not SDL, no supergraph, or a subgraph has no http(s) address */
export function parseSupergraph(sdl: string): ParsedSupergraph {
  const document = parsed(sdl);
  const values = document.definitions.flatMap((definition) =>
    definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === "join__Graph"
      ? (definition.values ?? [])
      : [],
  );
  if (values.length === 0)
    throw new ConfigurationError(
      "supergraph: the SDL has no enum join__Graph. Give what composition makes of the subgraphs (`rover supergraph compose`), not the schema that clients see.",
    );
  return { document, subgraphs: values.map(subgraphOf) };
}

function parsed(sdl: string): DocumentNode {
  try {
    return parse(sdl, { noLocation: true });
  } catch (error) {
    const place = error instanceof GraphQLError ? error.locations?.[0] : undefined;
    const at = place ? ` (line ${place.line}, column ${place.column})` : "";
    throw new ConfigurationError(`supergraph: cannot be parsed as SDL${at}.`, { cause: error });
  }
}

function subgraphOf(value: EnumValueDefinitionNode): Subgraph {
  const graph = value.directives?.find((directive) => directive.name.value === "join__graph");
  const textOf = (argument: string) => {
    const given = graph?.arguments?.find(({ name }) => name.value === argument)?.value;
    return given?.kind === Kind.STRING ? given.value : undefined;
  };
  const name = textOf("name") ?? value.name.value;
  const url = textOf("url") ?? "";
  if (!/^https?:\/\//.test(url))
    throw new ConfigurationError(
      `supergraph: the subgraph ${JSON.stringify(name)} has no http or https address. Compose it with its routing_url.`,
    );
  return { name, enumValue: value.name.value, url };
}
