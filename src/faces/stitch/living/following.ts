/**
 * Follows services as they change: asks them at the start, again and again, and when somebody wants it; what they tell becomes the next generation, or is
 * refused.
 */
import type { Logger } from "pino";
import { ConfigurationError } from "../../../base/errors.ts";
import type { Service } from "../service/service.ts";
import type { Generations } from "./generations.ts";
import type { Candidate, LivingService } from "./living-service.ts";
import { createPolls } from "./polls.ts";

export type ReloadOutcome = "changed" | "unchanged" | "refused" | "unreachable";

export interface ReloadedService {
  readonly service: string;
  readonly outcome: ReloadOutcome;
  /** Why it was refused. */
  readonly reason?: string;
}

export interface Following {
  /** Asks all, once, and begins to poll. @throws ConfigurationError for what cannot be one schema */
  readonly open: () => Promise<void>;
  readonly reload: (isForced: boolean) => Promise<readonly ReloadedService[]>;
  stop(): void;
}

export interface FollowingOptions {
  readonly living: readonly LivingService[];
  readonly generations: Generations;
  readonly log: Logger;
  /** Hears what came of each question. */
  readonly onReload: ((reloaded: ReloadedService) => void) | undefined;
}

interface Asked {
  /** The number of the question. */
  readonly at: number;
  readonly candidate: Candidate | undefined;
}

export function createFollowing({ living, generations, log, onReload }: FollowingOptions): Following {
  const polls = createPolls(living, async (one) => {
    const reloaded = await taken(one, asked(one), false);
    onReload?.(reloaded);
  });
  let opening: Promise<void> | undefined;

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

  /** What is in this process serves at once. */
  const serveKnown = () => {
    const here = new Map<LivingService, Candidate>();
    for (const one of living) {
      const candidate = one.known();
      if (candidate !== undefined) here.set(one, candidate);
    }
    if (here.size === 0) return;
    generations.next(servicesWith(here), true);
    for (const [one, candidate] of here) void one.accept(candidate);
  };

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
      const choices = await Promise.all(living.map(async (one) => [one, await first(one)] as const));
      /** Of each that was ever seen: as it is now (0), or as it was last good (-1), as far as it is known. */
      const seen = (at: 0 | -1) =>
        new Map(
          choices.flatMap(([one, candidates]) => {
            const candidate = candidates.at(at);
            return candidate === undefined ? [] : [[one, candidate] as const];
          }),
        );
      let chosen = seen(0);
      if (chosen.size > 0 && [...chosen.values()].every(({ isSame }) => isSame)) return polls.start();
      try {
        generations.next(servicesWith(chosen), true);
      } catch (error) {
        // What was good when it was last seen serves, where all that has changed does not fit together.
        const keptOnes = seen(-1);
        if ([...keptOnes].every(([one, candidate]) => chosen.get(one) === candidate)) throw error;
        log.error(
          { reason: (error as Error).message },
          "New schemas of services are refused: the last good ones serve",
        );
        generations.next(servicesWith(keptOnes), true);
        chosen = keptOnes;
      }
      await Promise.all([...chosen].map(([one, candidate]) => accept(one, candidate)));
      polls.start();
    });

  const opened = (): Promise<void> => {
    opening ??= open();
    return opening;
  };

  serveKnown();
  return {
    open: opened,
    async reload(isForced) {
      await opened();
      const reloaded: ReloadedService[] = [];
      const answers = living.map((one) => [one, asked(one)] as const);
      for (const [one, answer] of answers) reloaded.push(await taken(one, answer, isForced));
      for (const one of reloaded) onReload?.(one);
      return reloaded;
    },
    stop: polls.stop,
  };
}
