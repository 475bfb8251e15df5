/**
 * Which pages of other origins may talk to the API. Closed by default: no CORS header is sent, and a websocket, to which
 * browsers apply no CORS, is refused where its `Origin` is another than the `Host` it was opened to.
 */
import { ConfigurationError } from "../../../base/errors.ts";

export interface CorsOptions {
  /** Whole origins such as `https://app.example`; `"*"` for all. */
  readonly origins: readonly string[];
  /** May pages send cookies and HTTP authentication? Not together with `"*"`. @default false */
  readonly credentials?: boolean;
}

export interface Cors {
  /** Headers of an answer to a page of this origin; undefined where it gets none. */
  headers(origin: string | null | undefined): Readonly<Record<string, string>> | undefined;
  /** Headers of an answer to a preflight. */
  preflight(
    origin: string | null | undefined,
    requestedHeaders: string | null | undefined,
  ): Readonly<Record<string, string>>;
  /**
   * Was it sent by a page that may not read the answer? By `Sec-Fetch-Site`, which browsers send and pages cannot change (https://www.w3.org/TR/fetch-metadata);
   * who sends none is no browser of these days.
   */
  isForeign(site: string | null, origin: string | null): boolean;
  /** May a websocket of this origin be opened to this host? One without an origin comes from no page. */
  allowsSocket(origin: string | undefined, host: string | undefined): boolean;
}

/** @throws ConfigurationError for an origin that no browser sends, and for `"*"` with credentials: every page could read what its visitors may */
export function createCors(options: CorsOptions = { origins: [] }): Cors {
  const { origins, credentials = false } = options;
  const isOpen = origins.includes("*");
  if (isOpen && credentials)
    throw new ConfigurationError('cors: origins "*" and credentials exclude each other: name the origins.');
  for (const origin of origins) {
    if (origin !== "*" && !(URL.canParse(origin) && new URL(origin).origin === origin))
      throw new ConfigurationError(`cors: ${JSON.stringify(origin)} is no origin such as "https://app.example".`);
  }
  const isAllowed = (origin: string) => isOpen || origins.includes(origin);
  const headers: Cors["headers"] = (origin) => {
    if (!origin || !isAllowed(origin)) return undefined;
    return {
      "access-control-allow-origin": isOpen ? "*" : origin,
      "access-control-expose-headers": "x-request-id, retry-after",
      ...(credentials && { "access-control-allow-credentials": "true" }),
      vary: "Origin",
    };
  };
  return {
    headers,
    isForeign: (site, origin) => (site === "cross-site" || site === "same-site") && !(origin && isAllowed(origin)),
    preflight(origin, requestedHeaders) {
      const allowed = headers(origin);
      if (allowed === undefined) return {};
      const preflight = { "access-control-allow-methods": "GET, POST", "access-control-max-age": "600" };
      return { ...allowed, ...preflight, "access-control-allow-headers": requestedHeaders ?? "content-type" };
    },
    allowsSocket(origin, host) {
      if (origin === undefined || isAllowed(origin)) return true;
      return URL.canParse(origin) && new URL(origin).host === host;
    },
  };
}
