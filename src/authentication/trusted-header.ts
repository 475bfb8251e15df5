import { ConfigurationError, WeftError } from "../base/errors.ts";
import type { Actor } from "../resource/actor.ts";
import { addressList } from "./addresses.ts";
import type { Authenticate } from "./authenticate.ts";

export interface TrustedHeaderOptions {
  /** In which the proxy names the user. @default "x-forwarded-user" */
  readonly header?: string;
  /** The proxies: IP addresses, or networks as `10.0.0.0/8`. What connects is asked, never what `X-Forwarded-For` says. */
  readonly from: readonly string[];
  /** Makes the actor; `headers` holds what else the proxy says, as groups. @default the user's name is the id */
  readonly actor?: (user: string, headers: Headers) => Actor | Promise<Actor>;
}

/**
 * Actors as a proxy names them that has authenticated them: `authenticate: trustedHeader({ from: ["10.0.0.2"] })`. The proxy must set the header,
 * or remove it, on every request: one that is passed on is the caller's own (RFC 7239 §8.1). Without the header: nobody (null).
 *
 * From anybody else the header is refused (UNAUTHENTICATED) and not ignored: whoever sends it there pretends, or is a proxy that was
 * forgotten, and neither should go on as nobody. So is one with a comma, which two proxies, or a caller and a proxy, have made together.
 * On websockets the headers of the upgrade count, never the connection params.
 * @throws ConfigurationError for addresses that are none
 */
export function trustedHeader(options: TrustedHeaderOptions): Authenticate {
  const header = (options.header ?? "x-forwarded-user").toLowerCase();
  if (options.from.length === 0)
    throw new ConfigurationError("trustedHeader: from must name at least one proxy's address.");
  const isProxy = addressList(options.from, "trustedHeader: from");
  const { actor = (user: string) => user } = options;
  return async ({ request }) => {
    const user = request.headers.get(header)?.trim();
    if (!user) return null;
    if (!isProxy(request.remoteAddress))
      throw refused(`The header ${header} is taken from the gateway's proxies only.`);
    if (!/^[\x21-\x7e\x80-\xff][\x20-\x7e\x80-\xff]{0,255}$/.test(user) || user.includes(","))
      throw refused(`The header ${header} must hold one name of at most 256 characters, without commas.`);
    return await actor(user, request.headers);
  };
}

function refused(hint: string): WeftError {
  return new WeftError("UNAUTHENTICATED", { hint });
}
