/**
 * Rate limits: so many operations in a window of time, of one address and of one authenticated actor. Each operation of a batch counts, and each
 * `subscribe` on a websocket. Beyond: RATE_LIMITED with `retryAfterMs`; over HTTP 429 with Retry-After, on a websocket an `error` for that id.
 *
 * Off by default, because no number is right for everybody, and behind a proxy that is not named here all callers have one address. What one
 * operation may cost is limited anyway.
 */
import { isIPv6 } from "node:net";
import type { Logger } from "pino";
import { type AddressList, addressList, clientAddress } from "../../../../authentication/addresses.ts";
import { ConfigurationError, WeftError } from "../../../../base/errors.ts";
import { type Actor, actorId } from "../../../../resource/actor.ts";
import { type ConnectRedis, keepConnected } from "./connection.ts";
import { type Counter, createCounter } from "./counter.ts";

export interface RateLimitOptions {
  /** Of one authenticated actor, whatever it comes from. Nobody, and everybody where there is no `authenticate`, count by address only. @default no limit */
  readonly actor?: RateLimit;
  /** Of one address; of IPv6 the first 64 bits, which is what one customer gets. @default no limit */
  readonly address?: RateLimit;
  /** Proxies whose `X-Forwarded-For` is believed: IP addresses, or networks as `10.0.0.0/8`. @default none: who connects is the caller */
  readonly trustedProxies?: readonly string[];
  /** Counts together with the other nodes: `redis://…`. While it is away each node counts by itself. @default the bus, where that is Redis */
  readonly redis?: string;
}

export interface RateLimit {
  /** Operations in one window. */
  readonly points: number;
  /** Its length, in s. It begins with the first operation. */
  readonly windowSeconds: number;
}

/** Where a call comes from, as the connection and its headers say. */
export interface CallOrigin {
  readonly remoteAddress: string | undefined;
  readonly forwardedFor: string | null;
}

export interface Rates {
  /** @throws WeftError RATE_LIMITED with `retryAfterMs` */
  takeAddress(origin: CallOrigin, points?: number): Promise<void>;
  /** @throws WeftError RATE_LIMITED with `retryAfterMs` */
  takeActor(actor: Actor, points?: number): Promise<void>;
  close(): Promise<void>;
}

export interface RatesParts {
  /** Without it, this node counts alone. */
  readonly connect: ConnectRedis | undefined;
  readonly isAuthenticated: boolean;
  readonly log: Logger;
}

/** @throws ConfigurationError */
export function createRates(
  options: RateLimitOptions | undefined,
  { connect, isAuthenticated, log }: RatesParts,
): Rates | undefined {
  if (options?.actor === undefined && options?.address === undefined) return undefined;
  checkLimit(options.actor, "rateLimit.actor");
  checkLimit(options.address, "rateLimit.address");
  const isProxy = addressList(options.trustedProxies ?? [], "rateLimit.trustedProxies");
  const shared = connect && keepConnected(connect, log);
  const counterOf = (limit: RateLimit | undefined, name: string) => limit && createCounter({ name, limit, shared });
  const ofActors = isAuthenticated ? counterOf(options.actor, "actor") : undefined;
  const ofAddresses = counterOf(options.address, "address");
  const warn = warning(isProxy, log);
  return {
    async takeAddress(origin, points = 1) {
      if (ofAddresses === undefined || points === 0) return;
      warn(origin);
      const address = clientAddress(origin, isProxy);
      if (address !== undefined) await take(ofAddresses, keyOf(address), points);
    },
    async takeActor(actor, points = 1) {
      const id = actorId(actor);
      if (ofActors !== undefined && id !== null) await take(ofActors, id, points);
    },
    close: async () => shared?.close(),
  };
}

async function take(counter: Counter, key: string, points: number): Promise<void> {
  const retryAfterMs = await counter.take(key, points);
  if (retryAfterMs > 0) throw new WeftError("RATE_LIMITED", { retryAfterMs });
}

function checkLimit(limit: RateLimit | undefined, name: string): void {
  if (limit === undefined) return;
  for (const key of ["points", "windowSeconds"] as const) {
    if (!Number.isSafeInteger(limit[key]) || limit[key] < 1)
      throw new ConfigurationError(`${name}.${key} must be a whole number, at least 1.`);
  }
}

/** Whoever forgets the proxy has all callers share one limit: told once. */
function warning(isProxy: AddressList, log: Logger): (origin: CallOrigin) => void {
  let isTold = false;
  return ({ remoteAddress, forwardedFor }) => {
    if (isTold || forwardedFor === null || isProxy(remoteAddress)) return;
    isTold = true;
    log.warn(
      { remoteAddress },
      "rateLimit.address: a request came with X-Forwarded-For from what is not in rateLimit.trustedProxies, and was counted by that address",
    );
  };
}

function keyOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = head.split(":").filter(Boolean);
  const after = tail === undefined ? [] : tail.split(":").filter(Boolean);
  while (groups.length + after.length < 8) groups.push("0");
  return `${[...groups, ...after].slice(0, 4).join(":")}::/64`;
}
