/** The environment, read in one place. Each variable is overridden by the option of the same meaning of `createGateway`. */
import { ConfigurationError } from "./base/errors.ts";

/** The parts of a gateway that a URL configures, with the variable that does. */
export const urlVariables = {
  meta: "WEFT_META",
  payload: "WEFT_PAYLOAD",
  blob: "WEFT_BLOB",
  bus: "WEFT_BUS",
  queue: "WEFT_QUEUE",
} as const;

export type Part = keyof typeof urlVariables;

const defaultUrls: Readonly<Record<Part, string>> = {
  meta: "pglite:.weft/meta",
  payload: "disk:.weft/payload",
  blob: "disk:.weft/blob",
  bus: "local:",
  queue: "local:",
};

/** Variables of parts that are not built yet: setting one stops the start, since what it asks for would not happen. */
const unbuiltVariables = ["WEFT_META_FAST"];

export const payloadCacheKinds = ["ttl", "etag", "bus"] as const;

export type PayloadCacheKind = (typeof payloadCacheKinds)[number];

export interface Environment {
  readonly port: number;
  readonly host: string;
  readonly urls: Readonly<Record<Part, string>>;
  /** Absent: payloads come from their store. */
  readonly payloadCache: PayloadCacheKind | undefined;
  readonly isProduction: boolean;
  /** Signs links to blobs and uploads. Absent: one of this process's own. */
  readonly secret: string | undefined;
  /** pino's level. */
  readonly logLevel: string;
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];

/** @throws ConfigurationError that names the variable */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  for (const name of unbuiltVariables) {
    if (env[name]) throw new ConfigurationError(`${name} is not built yet: unset it.`);
  }
  const urls = Object.fromEntries(
    Object.entries(urlVariables).map(([part, variable]) => [part, env[variable] || defaultUrls[part as Part]]),
  ) as Record<Part, string>;
  const logLevel = env.WEFT_LOG_LEVEL || "info";
  if (!logLevels.includes(logLevel))
    throw new ConfigurationError(`WEFT_LOG_LEVEL must be one of ${logLevels.join(", ")}.`);
  return {
    port: readPort(env.PORT),
    host: env.HOST || "127.0.0.1",
    urls,
    payloadCache: checkCacheKind(env.WEFT_PAYLOAD_CACHE || undefined, "WEFT_PAYLOAD_CACHE"),
    secret: env.WEFT_SECRET || undefined,
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

function readPort(text: string | undefined): number {
  if (!text) return 4000;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new ConfigurationError("PORT must be a number from 0 to 65535.");
}
