/** Where on S3 a store lies: `s3://BUCKET/PREFIX?endpoint=…&region=…&forcePathStyle=true`. */
import { ConfigurationError } from "../../base/errors.ts";

export interface S3Location {
  readonly bucket: string;
  /** Without slashes at its ends; "" where the store has the bucket for itself. */
  readonly prefix: string;
  /** Of a server other than Amazon's. */
  readonly endpoint?: string;
  /** @default "us-east-1" with an endpoint, else what AWS's variables and files say */
  readonly region?: string;
  /** The bucket in the path, not in the host name: what most servers other than Amazon's need. @default false */
  readonly forcePathStyle: boolean;
}

const example = "s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION&forcePathStyle=true";
const parameters = new Set(["endpoint", "region", "forcePathStyle"]);

/** @throws ConfigurationError that shows neither the URL nor what a password may stand in */
export function parseS3Location(text: string): S3Location {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "s3:") throw new ConfigurationError(`This is no S3 URL. Write it as ${example}`);
  if (url.username || url.password) {
    throw new ConfigurationError("An S3 URL holds no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
  }
  const stranger = [...url.searchParams.keys()].find((name) => !parameters.has(name));
  if (stranger !== undefined) {
    throw new ConfigurationError(`"${stranger}" is no parameter of an S3 URL. Write it as ${example}`);
  }
  const endpoint = endpointOf(url.searchParams.get("endpoint"));
  const region = url.searchParams.get("region") || (endpoint === undefined ? undefined : "us-east-1");
  return {
    bucket: bucketOf(url.host),
    prefix: prefixOf(url.pathname),
    forcePathStyle: isForced(url.searchParams.get("forcePathStyle")),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
  };
}

/** As S3 allows names since 2018, and the underscores and capitals of before. */
function bucketOf(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(name)) return name;
  throw new ConfigurationError(`The S3 URL names no bucket that S3 would allow. Write it as ${example}`);
}

/** The prefix stands before every key, so only characters that every S3 tool likes are taken. */
function prefixOf(path: string): string {
  const prefix = path.replace(/^\/+|\/+$/g, "");
  const isSafe =
    prefix === "" || prefix.split("/").every((part) => /^[A-Za-z0-9!_.*'()-]+$/.test(part) && !/^\.+$/.test(part));
  if (isSafe && prefix.length <= 256) return prefix;
  throw new ConfigurationError(
    "The prefix of an S3 URL has at most 256 of A-Z a-z 0-9 ! _ . * ' ( ) - between slashes.",
  );
}

function endpointOf(text: string | null): string | undefined {
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return text;
  throw new ConfigurationError("The endpoint of an S3 URL is an http: or https: URL without credentials.");
}

function isForced(text: string | null): boolean {
  if (text === null || text === "" || text === "false") return false;
  if (text === "true") return true;
  throw new ConfigurationError("forcePathStyle of an S3 URL is true or false.");
}
