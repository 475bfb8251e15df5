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
}

export function createLivingSupergraph({ options, keep, remoteOf, onUnavailable }: SupergraphParts): LivingService {
  const { from, subgraphs = {}, poll = {}, ...shared } = options;
  const remotes = new Map<string, Remote>();
  let current: { readonly sdl: string; readonly service: Service } | undefined;

  /** One for each subgraph and address: the next supergraph has most of them as well. */
  const remote = (name: string, address: string): Remote => {
    const { url = address, ...own } = subgraphs[name] ?? {};
    const known = remotes.get(`${name} ${url}`) ?? remoteOf({ ...shared, ...own, name, url });
    remotes.set(`${name} ${url}`, known);
    return known;
  };

  const serviceOf = (sdl: string): Service => {
    const { schema } = createSupergraph({
      sdl,
      remoteOf: remote,
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

  const candidate = (sdl: string): Candidate => {
    let made: Service | undefined;
    return {
      told: { sdl, isSubgraph: false },
      get isSame() {
        return sdl === current?.sdl;
      },
      service() {
        made ??= serviceOf(sdl);
        return made;
      },
    };
  };

  return {
    options: { name: supergraphName, required: true, url: from, poll },
    service: () => current?.service,
    ask: async () => candidate(await read(from)),
    async kept() {
      const told = await keep.read(supergraphName);
      return told && candidate(told.sdl);
    },
    async accept({ told, service }) {
      current = { sdl: told.sdl, service: service() };
      await keep.write(supergraphName, told);
    },
    async close() {
      await Promise.all([...remotes.values()].map((one) => one.close()));
    },
  };
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
