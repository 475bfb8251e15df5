/** Other services of a gateway: the stitching face, with what it needs of the gateway's own schema and stores. */
import type { GraphQLSchema } from "graphql";
import { ConfigurationError } from "./base/errors.ts";
import type { Joints } from "./faces/graphql/face.ts";
import type { GraphqlTransportOptions } from "./faces/graphql/transport/transport.ts";
import type { LocalLookUp } from "./faces/stitch/compose/composition.ts";
import { diskSchemas, type KeptSchemas, memorySchemas } from "./faces/stitch/living/kept-schemas.ts";
import type { RemoteCaller } from "./faces/stitch/remote/remote.ts";
import { createStitch, type Stitch } from "./faces/stitch/stitch.ts";
import type { GatewayParts } from "./gateway-parts.ts";

type CreateContext = GraphqlTransportOptions["createContext"];

/** Undefined where there are no other services. @throws ConfigurationError */
export function createStitching({ options, environment, log, face, metrics }: GatewayParts): Stitch | undefined {
  const { joints } = face;
  const local = face.schema();
  const { stitch = [], extend = {} } = options;
  const supergraph = typeof options.supergraph === "string" ? { from: options.supergraph } : options.supergraph;
  if (stitch.length === 0 && supergraph === undefined) {
    const [link] = joints.links;
    if (link === undefined) return undefined;
    throw new ConfigurationError(
      `${link.typeName}.${link.name} refers to the service "${link.service}": name it in stitch.`,
    );
  }
  for (const { service, typeName, name } of joints.links)
    if (!stitch.some((one) => one.name === service))
      throw new ConfigurationError(
        `${typeName}.${name} refers to the service "${service}", which stitch does not name.`,
      );
  return createStitch({
    services: stitch,
    supergraph,
    isEmpty: isEmpty(local),
    local,
    log,
    extend,
    links: joints.links,
    connectionBy: joints.connectionBy,
    localLookUps: localLookUps(joints),
    observer: metrics?.remotes,
    onGeneration: metrics?.onGeneration,
    onReload: metrics?.onReload,
    drainMs: options.schemaDrainMs ?? 60_000,
    keep: keptSchemas(options.remoteSchemas ?? environment.remoteSchemas),
  });
}

/** How resources are found that services speak of: by `meta { resourceId }`, as `_sdl` says. */
function localLookUps({ resources }: Joints): ReadonlyMap<string, LocalLookUp> {
  const id = { name: "resourceId", remoteName: "resourceId" };
  const key = [{ name: "meta", remoteName: "meta", below: [id] }];
  return new Map(
    [...resources].map(([typeName, find]) => [
      typeName,
      { key, find: ({ meta }, context) => find(String((meta as { resourceId?: unknown }).resourceId), context) },
    ]),
  );
}

/** Has the schema only what each gateway's has? */
function isEmpty(schema: GraphQLSchema): boolean {
  const fixed = new Set(["node", "nodes", "_sdl"]);
  return (
    !schema.getMutationType() && Object.keys(schema.getQueryType()?.getFields() ?? {}).every((name) => fixed.has(name))
  );
}

function keptSchemas(url: string): KeptSchemas {
  if (url === "memory:") return memorySchemas();
  if (url.startsWith("disk:") && url.length > "disk:".length) return diskSchemas(url.slice("disk:".length));
  throw new ConfigurationError(`WEFT_SCHEMAS, the option remoteSchemas: "disk:DIR" or "memory:", not "${url}".`);
}

/** Contexts by which resolvers ask services: on whose behalf is made when the first is asked. A subscription, which alone has a signal, may last. */
export function withRemoteCaller(createContext: CreateContext, deadlineMs = 30_000): CreateContext {
  return (actor, signal, arrival) => {
    const deadline = signal === undefined ? performance.now() + deadlineMs : undefined;
    return Object.assign(createContext(actor, signal, arrival), {
      remotePlan: arrival?.plan,
      remoteCaller: (): RemoteCaller => ({
        actor: typeof actor === "function" ? actor() : actor,
        headers: arrival?.headers?.() ?? {},
        signal: signal ?? arrival?.gone?.(),
        deadline,
      }),
    });
  };
}
