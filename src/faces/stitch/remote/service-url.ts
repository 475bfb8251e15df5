/** URLs of services, checked where they are configured. */
import { ConfigurationError } from "../../../base/errors.ts";

/** @throws ConfigurationError */
export function httpUrl(service: string, text: string): URL {
  return checked(service, text, ["http:", "https:"]);
}

/** @throws ConfigurationError */
export function socketUrl(service: string, text: string): URL {
  return checked(service, text, ["ws:", "wss:"]);
}

/** The same place, asked by websocket. */
export function asSocketUrl(url: URL): URL {
  const changed = new URL(url);
  changed.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return changed;
}

function checked(service: string, text: string, protocols: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !protocols.includes(url.protocol)) {
    throw wrong(service, `a URL is none, or does not begin with ${protocols.join("// or ")}//`);
  }
  if (url.username || url.password) {
    throw wrong(service, "a URL holds a user or a password: give it as headers: { set: { authorization } }");
  }
  return url;
}

function wrong(service: string, what: string): ConfigurationError {
  return new ConfigurationError(`stitch, service "${service}": ${what}.`);
}
