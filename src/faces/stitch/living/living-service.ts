/** One service over time: asked for its schema, and asked again. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type GraphQLSchema, printSchema } from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import type { RemoteOptions } from "../options.ts";
import type { Remote } from "../remote/remote.ts";
import { createService } from "../service/create-service.ts";
import { schemaOfSdl } from "../service/sdl.ts";
import type { Service } from "../service/service.ts";
import { askSchema, type ToldSchema } from "./ask-schema.ts";
import type { KeptSchemas } from "./kept-schemas.ts";

export interface LivingService {
  readonly options: Pick<RemoteOptions, "name" | "url" | "sdl" | "required" | "poll">;
  /** What serves now; undefined while it was never seen. */
  service(): Service | undefined;
  /** What is known of it without asking: an executable schema in this process. */
  known(): Candidate | undefined;
  /** What it tells now. @throws WeftError UPSTREAM_UNAVAILABLE */
  ask(): Promise<Candidate>;
  /** What it told when it was last good. */
  kept(): Promise<Candidate | undefined>;
  /** The candidate serves from now on. */
  accept(candidate: Candidate): Promise<void>;
  close(): Promise<void>;
}

export interface Candidate {
  readonly told: ToldSchema;
  /** Is it what serves already? */
  readonly isSame: boolean;
  /** @throws ConfigurationError for a schema that cannot be used */
  service(): Service;
}

export function createLivingService(options: RemoteOptions, remote: Remote, keep: KeptSchemas): LivingService {
  const { name } = options;
  let current: { readonly told: ToldSchema; readonly service: Service } | undefined;

  const candidate = (told: ToldSchema): Candidate => {
    let made: Service | undefined;
    return {
      told,
      get isSame() {
        return told.sdl === current?.told.sdl && told.isSubgraph === current.told.isSubgraph;
      },
      service() {
        // One in this process keeps what its SDL does not say: directives, extensions.
        const schema = options.schema ?? schemaFrom(name, told);
        made ??= createService({ options, remote, schema, isSubgraph: told.isSubgraph });
        return made;
      },
    };
  };

  const known = () => options.schema && candidate({ sdl: printSchema(options.schema), isSubgraph: false });

  return {
    options,
    close: () => remote.close(),
    service: () => current?.service,
    known,
    async ask() {
      const here = known();
      if (here !== undefined) return here;
      if (options.sdl !== undefined) {
        const sdl = await sdlOf(name, options.sdl);
        return candidate({ sdl, isSubgraph: /@(federation__)?key\s*\(\s*fields\s*:/.test(sdl) });
      }
      return candidate(await askSchema(remote));
    },
    async kept() {
      const told = await keep.read(name);
      return told && candidate(told);
    },
    async accept(accepted) {
      current = { told: accepted.told, service: accepted.service() };
      if (options.url !== undefined && options.sdl === undefined) await keep.write(name, accepted.told);
    },
  };
}

function schemaFrom(name: string, { sdl }: ToldSchema): GraphQLSchema {
  try {
    return schemaOfSdl(sdl);
  } catch (error) {
    throw new ConfigurationError(`stitch "${name}": its SDL is not valid: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function sdlOf(name: string, sdl: string): Promise<string> {
  if (!/^[^\n{]+\.(graphql|graphqls|gql)$/.test(sdl.trim())) return sdl;
  if (!existsSync(sdl)) throw new ConfigurationError(`stitch "${name}": there is no file ${sdl}.`);
  return readFile(sdl, "utf8");
}
