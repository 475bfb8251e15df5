/**
 * Generations: the composed schema that serves now, and how the next one takes its place. A new one is composed and checked beside the
 * running one; what conflicts, or would break clients, is refused, and the last good one serves on.
 */
import { findBreakingChanges, type GraphQLSchema } from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import { type ComposeOptions, compose } from "../compose/compose.ts";
import type { AddedField, Composition } from "../compose/composition.ts";
import { createResolvers, type RemoteResolvers, type ResolversOptions } from "../run/resolvers.ts";
import type { Service } from "../service/service.ts";
import { supergraphName } from "./living-supergraph.ts";

export interface Generation {
  readonly number: number;
  readonly schema: GraphQLSchema;
  readonly services: readonly Service[];
}

export interface Generations {
  current(): Generation;
  /**
   * Composes anew and swaps.
   * @param isForced takes what breaks clients, too
   * @throws ConfigurationError with what conflicts or breaks; the running one stays
   */
  next(services: readonly Service[], isForced: boolean): Generation;
}

export interface GenerationsOptions
  extends Pick<ComposeOptions, "local" | "localLookUps">,
    Pick<ResolversOptions, "onUnavailable"> {
  /** Fields between resources and types of services, as far as these are there. */
  readonly added: (services: readonly Service[], resolvers: RemoteResolvers) => readonly AddedField[];
  /** Has the gateway nothing of its own? */
  readonly isEmpty: boolean;
  readonly onSwap: (generation: Generation, previous: Generation | undefined) => void;
}

export function createGenerations(options: GenerationsOptions): Generations {
  const { local, onSwap } = options;
  let current: Generation = { number: 0, schema: local, services: [] };
  return {
    current: () => current,
    next(services, isForced) {
      const schema = soleSchema(services, options) ?? composed(services, options).schema;
      if (!isForced) refuseBreaks(current.schema, schema);
      const previous = current;
      current = { number: previous.number + 1, schema, services };
      onSwap(current, previous);
      return current;
    },
  };
}

/** A supergraph that is the whole of a gateway is served as it is: there is nothing that its names could meet. */
function soleSchema(services: readonly Service[], { isEmpty }: GenerationsOptions): GraphQLSchema | undefined {
  const [only, ...others] = services;
  if (!isEmpty || others.length > 0 || only?.name !== supergraphName) return undefined;
  // As in a composed one: whose events these are.
  for (const field of Object.values(only.schema.getSubscriptionType()?.getFields() ?? {}))
    field.extensions = { ...field.extensions, weft: { service: supergraphName } };
  return only.schema;
}

function composed(services: readonly Service[], options: GenerationsOptions): Composition {
  let composition: Composition | undefined;
  const resolvers = createResolvers({
    composition() {
      if (composition === undefined) throw new Error("Resolvers run once the schema is composed.");
      return composition;
    },
    onUnavailable: options.onUnavailable,
  });
  const { local, localLookUps, added } = options;
  composition = compose({ local, localLookUps, services, added: added(services, resolvers), resolvers });
  return composition;
}

function refuseBreaks(before: GraphQLSchema, after: GraphQLSchema): void {
  const breaks = findBreakingChanges(before, after);
  if (breaks.length === 0) return;
  const shown = breaks.slice(0, 10).map(({ description }) => description);
  const more = breaks.length > shown.length ? [`and ${breaks.length - shown.length} more`] : [];
  throw new ConfigurationError(`It would break clients: ${[...shown, ...more].join(" ")}`);
}
