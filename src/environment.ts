/** The environment, read in one place. Each variable is overridden by the option of the same meaning of `createGateway`. */
import { ConfigurationError } from "./base/errors.ts";

/** The parts of a gateway that a URL configures, with the variable that does. */
export const urlVariables = {
  meta: "WEFT_META",
  metaFast: "WEFT_META_FAST",
  payload: "WEFT_PAYLOAD",
  blob: "WEFT_BLOB",
  bus: "WEFT_BUS",
  queue: "WEFT_QUEUE",
} as const;

export type Part = keyof typeof urlVariables;

/** Parts without a default are left out. */
const defaultUrls: Readonly<Record<Exclude<Part, "metaFast">, string>> & { readonly metaFast?: never } = {
  meta: "pglite:.weft/meta",
  payload: "disk:.weft/payload",
  blob: "disk:.weft/blob",
  bus: "local:",
  queue: "local:",
};

export const payloadCacheKinds = ["ttl", "etag", "bus"] as const;

export type PayloadCacheKind = (typeof payloadCacheKinds)[number];

/** The fast meta store is there where it is asked for only. */
export type PartUrls = { readonly [P in Part]: P extends "metaFast" ? string | undefined : string };

export interface Environment {
  readonly port: number;
  readonly host: string;
  readonly urls: PartUrls;
  /** Absent: payloads come from their store. */
  readonly payloadCache: PayloadCacheKind | undefined;
  /** Where the last good schemas of other services are kept. */
  readonly remoteSchemas: string;
  /** Whether Prometheus may read. */
  readonly metrics: boolean;
  readonly isProduction: boolean;
  /** Signs links to blobs and uploads. Absent: one of this process's own. */
  readonly secret: string | undefined;
  /** pino's level. */
  readonly logLevel: string;
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];

/** @throws ConfigurationError that names the variable */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const urls = Object.fromEntries(
    Object.entries(urlVariables).map(([part, variable]) => [part, env[variable] || defaultUrls[part as Part]]),
  ) as PartUrls;
  const logLevel = env.WEFT_LOG_LEVEL || "info";
  if (!logLevels.includes(logLevel))
    throw new ConfigurationError(`WEFT_LOG_LEVEL must be one of ${logLevels.join(", ")}.`);
  return {
    port: readPort(env.PORT),
    host: env.HOST || "127.0.0.1",
    urls,
    payloadCache: checkCacheKind(env.WEFT_PAYLOAD_CACHE || undefined, "WEFT_PAYLOAD_CACHE"),
    remoteSchemas: env.WEFT_SCHEMAS || "disk:.weft/schemas",
    secret: env.WEFT_SECRET || undefined,
    metrics: readSwitch(env.WEFT_METRICS, "WEFT_METRICS"),
    isProduction: env.NODE_ENV === "production",
    logLevel,
  };
}

/** @throws ConfigurationError that names the variable or option */
export function checkCacheKind(kind: string | undefined, name: string): PayloadCacheKind | undefined {
  const known = payloadCacheKinds.find((each) => each === kind);
  if (kind === undefined || known !== undefined) return known;
  throw new ConfigurationError(`${name} must be one of ${payloadCacheKinds.join(", ")}.`);
}

function readSwitch(text: string | undefined, name: string): boolean {
  if (!text || text === "0" || text === "false") return false;
  if (text === "1" || text === "true") return true;
  throw new ConfigurationError(`${name} must be 1 or 0.`);
}

function readPort(text: string | undefined): number {
  if (!text) return 4000;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new ConfigurationError("PORT must be a number from 0 to 65535.");
}
