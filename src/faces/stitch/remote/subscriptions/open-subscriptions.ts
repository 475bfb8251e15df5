/** The subscriptions of a remote as it is configured: which protocol, and where. */
import type { Logger } from "pino";
import type { RemoteOptions } from "../../options.ts";
import type { RemoteObserver } from "../remote.ts";
import { asSocketUrl, httpUrl, socketUrl } from "../service-url.ts";
import { createEventUpstream } from "./event-upstream.ts";
import { createSocketUpstream } from "./socket-upstream.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";
import { defaultResumption, type ResumptionOptions, type Upstream, type UpstreamOptions } from "./upstream.ts";

export interface SubscriptionServices {
  readonly log: Pick<Logger, "warn">;
  readonly observer?: RemoteObserver | undefined;
  /** How subscriptions that were cut are taken up again. @default for about half a minute */
  readonly resumption?: Partial<ResumptionOptions> | undefined;
  /** See `UpstreamOptions`. @default 12000 */
  readonly keepAliveMs?: number | undefined;
}

/** @param queries where queries are sent @throws ConfigurationError for URLs that cannot be used */
export function openSubscriptions(
  options: RemoteOptions,
  queries: URL,
  { log, observer, resumption, keepAliveMs = 12_000 }: SubscriptionServices,
): Subscriptions | undefined {
  const { name, timeoutMs = 5_000, maxResponseBytes: maxBytes = 32 * 1024 * 1024 } = options;
  if (options.subscriptions === undefined) return undefined;
  const changed = () => {
    const counts = { subscriptions: subscriptions.count, sockets: upstream.sockets };
    observer?.subscriptionsChanged?.({ service: name, ...counts });
  };
  const upstream = createUpstream(name, options.subscriptions, {
    url: queries,
    timeoutMs,
    maxBytes,
    resumption: { ...defaultResumption, ...resumption },
    keepAliveMs,
    socketsChanged: changed,
  });
  const subscriptions = createSubscriptions({
    service: name,
    upstream,
    changed,
    lost({ reason, cause }) {
      log.warn({ service: name, reason, err: cause }, "A subscription to a remote service is lost");
    },
  });
  return subscriptions;
}

function createUpstream(
  service: string,
  given: RemoteOptions["subscriptions"] & {},
  options: UpstreamOptions,
): Upstream {
  const { protocol, url } = typeof given === "string" ? { protocol: "ws" as const, url: given } : given;
  if (protocol === "sse") {
    return createEventUpstream(url === undefined ? options : { ...options, url: httpUrl(service, url) });
  }
  return createSocketUpstream({
    ...options,
    url: url === undefined ? asSocketUrl(options.url) : socketUrl(service, url),
  });
}
