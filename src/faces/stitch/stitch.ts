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
import { createGenerations, type Generation } from "./living/generations.ts";
import type { KeptSchemas } from "./living/kept-schemas.ts";
import { type Candidate, createLivingService, type LivingService } from "./living/living-service.ts";
import { createLivingSupergraph } from "./living/living-supergraph.ts";
import { createPolls } from "./living/polls.ts";
import type { RemoteOptions, SupergraphOptions } from "./options.ts";
import { createRemote } from "./remote/create-remote.ts";
import { createLocalRemote } from "./remote/local-remote.ts";
import type { Remote, RemoteObserver } from "./remote/remote.ts";
import { tracedRemote } from "./remote/traced-remote.ts";
import type { Service } from "./service/service.ts";

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

export type ReloadOutcome = "changed" | "unchanged" | "refused" | "unreachable";

export interface ReloadedService {
  readonly service: string;
  readonly outcome: ReloadOutcome;
  /** Why it was refused. */
  readonly reason?: string;
}

export interface Stitch {
  /** What serves now. Until `open()`: the gateway's own. */
  schema(): GraphQLSchema;
  generation(): Generation;
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

interface Asked {
  /** The number of the question. */
  readonly at: number;
  readonly candidate: Candidate | undefined;
}

/** @throws ConfigurationError */
export function createStitch(options: StitchOptions): Stitch {
  const { log, local, localLookUps } = options;
  checkNames(options.services);
  const living = livingServices(options);
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
  const polls = createPolls(living, async (one) => options.onReload?.(await taken(one, asked(one), false)));
  let drain: ReturnType<typeof createDrain> | undefined;
  let opening: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  let questions = 0;
  /** The last question of each whose answer was looked at. */
  const answered = new Map<LivingService, number>();
  /** One change at a time: each is composed with what the others serve by then. */
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  /** The services as they are, with one in another shape. */
  const servicesWith = (changed: ReadonlyMap<LivingService, Candidate>): readonly Service[] =>
    living.flatMap((one) => changed.get(one)?.service() ?? one.service() ?? []);

  /** Behind no turn: a service that hangs keeps no other from changing. Undefined where it cannot be asked. */
  const asked = async (one: LivingService): Promise<Asked> => {
    const at = ++questions;
    try {
      return { at, candidate: await one.ask() };
    } catch (error) {
      log.warn({ service: one.options.name, err: error }, "The schema of a service cannot be read");
      return { at, candidate: undefined };
    }
  };

  const taken = async (one: LivingService, answer: Promise<Asked>, isForced: boolean): Promise<ReloadedService> => {
    const { name: service } = one.options;
    const { at, candidate } = await answer;
    if (candidate === undefined) return { service, outcome: "unreachable" };
    return inTurn(async () => {
      // What was asked for later is here already.
      if ((answered.get(one) ?? 0) > at) return { service, outcome: "unchanged" };
      answered.set(one, at);
      if (candidate.isSame) return { service, outcome: "unchanged" };
      try {
        generations.next(servicesWith(new Map([[one, candidate]])), isForced);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.error({ service, reason }, "The new schema of a service is refused: the last good one serves on");
        return { service, outcome: "refused", reason };
      }
      await accept(one, candidate);
      return { service, outcome: "changed" };
    });
  };

  /** It serves already: that it cannot be kept is nothing that its clients should notice. */
  const accept = (one: LivingService, candidate: Candidate): Promise<void> =>
    one.accept(candidate).catch((error) => {
      log.error({ service: one.options.name, err: error }, "The schema of a service cannot be kept for the next start");
    });

  /** Each as it is now, else as it was last seen. */
  const first = async (one: LivingService): Promise<readonly Candidate[]> => {
    const { name: service, required } = one.options;
    const asked = await one.ask().catch((error) => {
      if (error instanceof ConfigurationError) throw error;
      log[required ? "error" : "warn"]({ service, err: error }, "The schema of a service cannot be read");
      return undefined;
    });
    const kept = await one.kept();
    return [asked, kept].filter((candidate) => candidate !== undefined);
  };

  const open = () =>
    inTurn(async () => {
      const choices = await Promise.all(living.map(first));
      const chosen = new Map<LivingService, Candidate>();
      living.forEach((one, at) => {
        const [candidate] = choices[at] ?? [];
        if (candidate !== undefined) chosen.set(one, candidate);
      });
      try {
        generations.next(servicesWith(chosen), true);
      } catch (error) {
        // What was good when it was last seen serves, where all that has changed does not fit together.
        const keptOnes = new Map(
          [...chosen].map(([one, candidate]) => [one, (choices[living.indexOf(one)] ?? []).at(-1) ?? candidate]),
        );
        if ([...keptOnes].every(([one, candidate]) => chosen.get(one) === candidate)) throw error;
        log.error(
          { reason: (error as Error).message },
          "New schemas of services are refused: the last good ones serve",
        );
        generations.next(servicesWith(keptOnes), true);
        for (const [one, candidate] of keptOnes) chosen.set(one, candidate);
      }
      await Promise.all([...chosen].map(([one, candidate]) => accept(one, candidate)));
      polls.start();
    });

  const opened = (): Promise<void> => {
    opening ??= open();
    return opening;
  };

  return {
    schema: () => generations.current().schema,
    generation: generations.current,
    open: opened,
    async reload({ force = false } = {}) {
      await opened();
      const reloaded: ReloadedService[] = [];
      const answers = living.map((one) => [one, asked(one)] as const);
      for (const [one, answer] of answers) reloaded.push(await taken(one, answer, force));
      for (const one of reloaded) options.onReload?.(one);
      return reloaded;
    },
    drainTo(retire) {
      drain = createDrain({ drainMs: options.drainMs, retire });
    },
    missing: () => living.filter((one) => one.options.required && !one.service()).map(({ options: { name } }) => name),
    close() {
      polls.stop();
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
