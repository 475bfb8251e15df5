/**
 * One S3 bucket and the deadlines of what is asked of it. The SDK repeats what failed, up to three times, waiting a random
 * part of 100 ms, 200 ms, …; an operation of ours may take several calls, all under one deadline, since a socket that says nothing would
 * be waited for without end.
 */
import { setMaxListeners } from "node:events";
import { S3Client } from "@aws-sdk/client-s3";
import { ConfigurationError, WeftError } from "../../base/errors.ts";
import { unavailableBucket } from "./fault.ts";
import type { S3Location } from "./location.ts";

export interface BucketOptions {
  readonly location: S3Location;
  /** @default what AWS's variables, files and machines say */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** For an operation, the time that its bytes need apart. @default 10000 */
  readonly timeoutMs?: number | undefined;
  /** Used instead of one made from the location, which then says bucket and prefix only; not destroyed by `close`. */
  readonly client?: S3Client | undefined;
}

export interface Bucket {
  readonly client: S3Client;
  readonly location: S3Location;
  /** How long a call may say nothing. */
  readonly timeoutMs: number;
  /** The full key of a name below the prefix. */
  keyOf(name: string): string;
  /**
   * Runs calls under one deadline. Whatever fails, but a WeftError, becomes STORE_UNAVAILABLE.
   * @param bytes that it moves, as far as known: the deadline grows with them
   */
  run<T>(bytes: number, calls: (deadline: Deadline) => Promise<T>): Promise<T>;
  /** Runs a write, for which `close` waits. @throws STORE_UNAVAILABLE once closed */
  write<T>(run: () => Promise<T>): Promise<T>;
  /** @throws STORE_UNAVAILABLE once closed */
  checkOpen(): void;
  close(): Promise<void>;
}

export interface Deadline {
  /** For `client.send` and for whoever reads a body. */
  readonly options: { readonly abortSignal: AbortSignal; readonly requestTimeout: number };
  /** Moves the end away by the time that these bytes may take. */
  allow(bytes: number): void;
}

const defaultTimeoutMs = 10_000;
const connectionTimeoutMs = 2_000;
/** A download that its reader takes slowly keeps its connection: the SDK's 50 would soon be all slow readers'. */
const agent = { keepAlive: true, maxSockets: 256 };
/** A line slower than this is taken for broken. */
const minBytesPerMs = 256;

export function openBucket(options: BucketOptions): Bucket {
  const { location, timeoutMs = defaultTimeoutMs, client: given } = options;
  if (!(timeoutMs > 0)) throw new ConfigurationError("timeoutMs of an S3 store is above 0.");
  const client = given ?? clientOf(options);
  const place = `s3://${location.bucket}/${location.prefix}`;
  const underWay = new Set<Promise<unknown>>();
  const base = location.prefix === "" ? "" : `${location.prefix}/`;
  let isClosed = false;

  const checkOpen = () => {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error(`${place} is closed`));
  };
  const run = async <T>(bytes: number, calls: (deadline: Deadline) => Promise<T>): Promise<T> => {
    const { deadline, expired, end } = startDeadline(timeoutMs, bytes);
    try {
      // What goes on behind an expired deadline, such as the SDK's pause before it tries again, is not waited for.
      const answer = calls(deadline);
      answer.catch(() => {});
      return await Promise.race([answer, expired]);
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      throw unavailableBucket(error, place);
    } finally {
      end();
    }
  };
  return {
    client,
    location,
    timeoutMs,
    keyOf: (name) => base + name,
    run,
    async write(start) {
      checkOpen();
      const running = start();
      underWay.add(running);
      try {
        return await running;
      } finally {
        underWay.delete(running);
      }
    },
    checkOpen,
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
      if (!given) client.destroy();
    },
  };
}

function clientOf({ location, credentials }: BucketOptions): S3Client {
  const { endpoint, region, forcePathStyle } = location;
  return new S3Client({
    forcePathStyle,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: 3,
    retryMode: "standard",
    // Writes carry a SHA-256, and readers check hashes of their own: another sum over every byte would show nothing more.
    // A presigned upload would even carry the sum of an empty body.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}

interface RunningDeadline {
  readonly deadline: Deadline;
  /** Rejects when the time is over. */
  readonly expired: Promise<never>;
  readonly end: () => void;
}

function startDeadline(timeoutMs: number, bytes: number): RunningDeadline {
  const controller = new AbortController();
  // Every call and body of the operation listens.
  setMaxListeners(0, controller.signal);
  const allowanceMs = (count: number) => count / minBytesPerMs;
  let endsAt = performance.now() + timeoutMs + allowanceMs(bytes);
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    const check = () => {
      const leftMs = endsAt - performance.now();
      if (leftMs > 0) {
        timer = setTimeout(check, Math.ceil(leftMs));
        return;
      }
      const error = new Error(`no answer within ${timeoutMs} ms`);
      reject(error);
      controller.abort(error);
    };
    check();
  });
  expired.catch(() => {});
  return {
    deadline: {
      // One call that hangs leaves time for a second one.
      options: { abortSignal: controller.signal, requestTimeout: Math.ceil(timeoutMs * 0.6 + allowanceMs(bytes)) },
      allow(count) {
        endsAt += allowanceMs(count);
      },
    },
    expired,
    // Aborting frees the sockets of calls that are not needed any more.
    end: () => {
      clearTimeout(timer);
      controller.abort();
    },
  };
}
