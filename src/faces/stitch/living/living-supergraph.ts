/** A supergraph over time: read from its file or URL, and read again. To the rest it is one service, whose parts are asked one by one. */
import { readFile } from "node:fs/promises";
import { ConfigurationError, WeftError } from "../../../base/errors.ts";
import type { SubgraphOptions, SupergraphOptions } from "../options.ts";
import { createLocalRemote } from "../remote/local-remote.ts";
import type { Remote } from "../remote/remote.ts";
import { createService } from "../service/create-service.ts";
import type { Service } from "../service/service.ts";
import { createSupergraph } from "../supergraph/supergraph.ts";
import type { KeptSchemas } from "./kept-schemas.ts";
import type { Candidate, LivingService } from "./living-service.ts";

export const supergraphName = "supergraph";

export interface SupergraphParts {
  readonly options: SupergraphOptions;
  readonly keep: KeptSchemas;
  /** Makes the remote of a subgraph. */
  readonly remoteOf: (options: SubgraphOptions & { readonly name: string; readonly url: string }) => Remote;
  /** Hears of each request that a subgraph did not answer. */
  readonly onUnavailable: (subgraph: string, error: unknown) => void;
  /** How long what began with a supergraph may go on when another has taken its place. */
  readonly drainMs: number;
}

export function createLivingSupergraph(parts: SupergraphParts): LivingService {
  const { options, keep, remoteOf, onUnavailable, drainMs } = parts;
  const { from, subgraphs = {}, poll = {}, ...shared } = options;
  const remotes = new Map<string, Remote>();
  /** Of subgraphs that are gone. */
  const leaving = new Map<Remote, NodeJS.Timeout>();
  let current: { readonly sdl: string; readonly service: Service } | undefined;

  /** One for each subgraph and address: the next supergraph has most of them as well. */
  const remote = (name: string, address: string): Remote => {
    const { url = address, ...own } = subgraphs[name] ?? {};
    const known = remotes.get(`${name} ${url}`) ?? remoteOf({ ...shared, ...own, name, url });
    remotes.set(`${name} ${url}`, known);
    return known;
  };

  /** Lets go of remotes that the supergraph which serves now does not have. */
  const free = (used: ReadonlySet<Remote>) => {
    for (const [key, one] of remotes) {
      if (used.has(one)) continue;
      remotes.delete(key);
      const close = () => {
        leaving.delete(one);
        void one.close();
      };
      leaving.set(one, setTimeout(close, drainMs).unref());
    }
  };

  const serviceOf = (sdl: string, used: Set<Remote>): Service => {
    const { schema } = createSupergraph({
      sdl,
      remoteOf(name, address) {
        const made = remote(name, address);
        used.add(made);
        return made;
      },
      maxBatchSize: shared.maxBatchSize,
      errorsOf: (name) => subgraphs[name]?.errors ?? shared.errors,
      onUnavailable,
    });
    const own = { name: supergraphName, schema, errors: "forward" as const };
    return createService({
      options: own,
      remote: createLocalRemote(supergraphName, schema),
      schema,
      isSubgraph: false,
    });
  };

  const candidate = (sdl: string): SupergraphCandidate => {
    let made: Service | undefined;
    const used = new Set<Remote>();
    return {
      used,
      told: { sdl, isSubgraph: false },
      get isSame() {
        return sdl === current?.sdl;
      },
      service() {
        made ??= serviceOf(sdl, used);
        return made;
      },
    };
  };

  return {
    options: { name: supergraphName, required: true, url: from, poll },
    known: () => undefined,
    service: () => current?.service,
    ask: async () => candidate(await read(from)),
    async kept() {
      const told = await keep.read(supergraphName);
      return told && candidate(told.sdl);
    },
    async accept(accepted) {
      const { told, service, used } = accepted as SupergraphCandidate;
      current = { sdl: told.sdl, service: service() };
      free(used);
      await keep.write(supergraphName, told);
    },
    async close() {
      for (const timer of leaving.values()) clearTimeout(timer);
      await Promise.all([...remotes.values(), ...leaving.keys()].map((one) => one.close()));
    },
  };
}

interface SupergraphCandidate extends Candidate {
  /** Known once its service is made. */
  readonly used: ReadonlySet<Remote>;
}

async function read(from: string): Promise<string> {
  if (!/^https?:/.test(from)) {
    return readFile(from, "utf8").catch((error) => {
      throw new ConfigurationError(`supergraph: ${from} cannot be read: ${error.code ?? error.message}.`, {
        cause: error,
      });
    });
  }
  try {
    const response = await fetch(from, { signal: AbortSignal.timeout(10_000) });
    if (response.ok) return await response.text();
    throw new Error(`The answer has the status ${response.status}.`);
  } catch (cause) {
    throw new WeftError("UPSTREAM_UNAVAILABLE", { service: supergraphName, reason: "unreachable" }, { cause });
  }
}
