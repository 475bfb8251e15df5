/**
 * The stitching face: services beside the gateway's own schema. Read from here: `service/` reads what a service is, `compose/` makes one
 * schema, `plan/` spreads a query over services, `run/` asks them, `remote/` is the wire, `living/` follows services as they change.
 */
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { ConfigurationError } from "../../base/errors.ts";
import type { LocalLookUp } from "./compose/composition.ts";
import { type AddedFields, addedFields } from "./links/added-fields.ts";
import { createDrain, type DrainOptions } from "./living/drain.ts";
import { createFollowing, type ReloadedService } from "./living/following.ts";
import { createGenerations } from "./living/generations.ts";
import type { KeptSchemas } from "./living/kept-schemas.ts";
import { createLivingService, type LivingService } from "./living/living-service.ts";
import { createLivingSupergraph } from "./living/living-supergraph.ts";
import type { RemoteOptions, SupergraphOptions } from "./options.ts";
import { createRemote } from "./remote/create-remote.ts";
import { createLocalRemote } from "./remote/local-remote.ts";
import type { Remote, RemoteObserver } from "./remote/remote.ts";
import { tracedRemote } from "./remote/traced-remote.ts";

export interface StitchOptions extends AddedFields {
  readonly services: readonly RemoteOptions[];
  readonly supergraph: SupergraphOptions | undefined;
  /** The gateway's own schema. */
  readonly local: GraphQLSchema;
  readonly localLookUps: ReadonlyMap<string, LocalLookUp>;
  /** Has the gateway nothing of its own? */
  readonly isEmpty: boolean;
  readonly keep: KeptSchemas;
  readonly drainMs: number;
  readonly log: Logger;
  readonly observer?: RemoteObserver | undefined;
  /** Hears of each schema that serves from then on. */
  readonly onGeneration?: ((number: number) => void) | undefined;
  /** Hears what came of each question for a schema. */
  readonly onReload?: ((reloaded: ReloadedService) => void) | undefined;
}

export type { ReloadedService } from "./living/following.ts";

export interface Stitch {
  /** What serves now. Until `open()`: the gateway's own. */
  schema(): GraphQLSchema;
  /** Asks all services, once; those that do not answer are as they were last seen. @throws ConfigurationError for what cannot be one schema */
  open(): Promise<void>;
  /**
   * Asks all services now. What conflicts or would break clients is refused, unless forced.
   * @returns what came of each
   */
  reload(options?: { readonly force?: boolean }): Promise<readonly ReloadedService[]>;
  /** Hands over what has to end when the schema changes: subscriptions that services feed, `drainMs` later. */
  drainTo(retire: DrainOptions["retire"]): void;
  /** Required services that were never seen. */
  missing(): readonly string[];
  close(): Promise<void>;
}

/** @throws ConfigurationError */
export function createStitch(options: StitchOptions): Stitch {
  const { log, local, localLookUps } = options;
  checkNames(options.services);
  const living = livingServices(options);
  let drain: ReturnType<typeof createDrain> | undefined;
  const generations = createGenerations({
    local,
    localLookUps,
    isEmpty: options.isEmpty,
    added: (services, resolvers) => addedFields(options, { services, resolvers, local }),
    onUnavailable: (service, error) => log.warn({ service: service.name, err: error }, "UPSTREAM_UNAVAILABLE"),
    onSwap(generation, previous) {
      options.onGeneration?.(generation.number);
      if (generation.number > 1) log.info({ generation: generation.number }, "The schema has changed");
      if (previous !== undefined) drain?.(previous.schema);
    },
  });
  const following = createFollowing({ living, generations, log, onReload: options.onReload });
  let closing: Promise<void> | undefined;

  return {
    schema: () => generations.current().schema,
    open: following.open,
    reload: ({ force = false } = {}) => following.reload(force),
    drainTo(retire) {
      drain = createDrain({ drainMs: options.drainMs, retire });
    },
    missing: () => living.filter((one) => one.options.required && !one.service()).map(({ options: { name } }) => name),
    close() {
      following.stop();
      closing ??= Promise.all(living.map((one) => one.close())).then(() => undefined);
      return closing;
    },
  };
}

function livingServices({ services, supergraph, keep, ...options }: StitchOptions): readonly LivingService[] {
  const living = services.map((one) => createLivingService(one, tracedRemote(remoteOf(one, options)), keep));
  if (supergraph === undefined) return living;
  const { log, observer } = options;
  const ofSupergraph = createLivingSupergraph({
    options: supergraph,
    keep,
    remoteOf: (one) => tracedRemote(createRemote(one, { log, observer })),
    onUnavailable: (service, error) => log.warn({ service, err: error }, "UPSTREAM_UNAVAILABLE"),
    drainMs: options.drainMs,
  });
  return [...living, ofSupergraph];
}

function checkNames(services: readonly RemoteOptions[]): void {
  const seen = new Set<string>();
  for (const { name, url, schema } of services) {
    if (!/^[A-Za-z0-9_-]+$/.test(name))
      throw new ConfigurationError(`stitch: "${name}" is no name of a service: use letters, digits, _ and -.`);
    if (seen.has(name)) throw new ConfigurationError(`stitch: two services are called "${name}".`);
    if ((url === undefined) === (schema === undefined))
      throw new ConfigurationError(`stitch "${name}": give one of url and schema.`);
    seen.add(name);
  }
}

function remoteOf(options: RemoteOptions, { log, observer }: Pick<StitchOptions, "log" | "observer">): Remote {
  const { name, url, schema } = options;
  if (schema !== undefined) return createLocalRemote(name, schema, { observer });
  if (url === undefined) throw new ConfigurationError(`stitch "${name}": give one of url and schema.`);
  return createRemote({ ...options, url }, { log, observer });
}
