/**
 * The headers that go out on behalf of a caller: those that it may pass on, and those that the gateway sets.
 *
 * They are also its credentials: callers whose outgoing headers are equal may share requests and sockets, others never do.
 */
import { ConfigurationError } from "../../../base/errors.ts";
import type { HeaderOptions } from "../options.ts";
import type { RemoteCaller } from "./remote.ts";

export interface OutgoingHeaders {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Equal for equal headers, and for these only. */
  readonly credentials: string;
}

/** RFC 9110 §7.6.1 with the older ones that it names, and what belongs to one connection or negotiates one answer. */
const neverSentOn = new Set([
  ...["connection", "proxy-connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect"],
  ...[
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-authentication-info",
    "host",
    "origin",
    "via",
    "max-forwards",
  ],
  ...["accept", "accept-encoding", "range", "digest"],
]);
/** Of one body, of one handshake, and conditions on what the client has. */
const familiesNeverSentOn = ["content-", "sec-websocket-", "if-"];
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Visible characters, spaces and tabs (RFC 9110 §5.5): no line breaks, nothing that Latin-1 cannot carry. */
const value = /^[\t\x20-\x7e\x80-\xff]*$/;

/** @throws ConfigurationError for a name that is never sent on, and for what no header can hold */
export function createOutgoingHeaders(
  service: string,
  options: HeaderOptions = {},
): (caller: RemoteCaller) => OutgoingHeaders {
  const entriesOf = typeof options === "function" ? madeBy(options) : named(service, options);
  if (typeof options !== "function" && !options.forward?.length) {
    const constant = sealed(entriesOf({ actor: null, headers: {} }));
    return () => constant;
  }
  // An operation asks many times with one caller.
  const known = new WeakMap<RemoteCaller, OutgoingHeaders>();
  return (caller) => {
    let outgoing = known.get(caller);
    if (outgoing === undefined) {
      outgoing = sealed(entriesOf(caller));
      known.set(caller, outgoing);
    }
    return outgoing;
  };
}

type Entries = Map<string, string>;

function named(service: string, { forward = [], set = {} }: Exclude<HeaderOptions, (caller: never) => unknown>) {
  const names = forward.map((name) => checkedName(service, name));
  const own = Object.entries(set).map(([name, text]) => {
    if (!value.test(text)) throw wrong(service, `the value of "${name}" holds characters that no header may hold`);
    return [checkedName(service, name), text] as const;
  });
  return ({ headers }: RemoteCaller): Entries => {
    const dropped = namedByConnection(headers);
    const entries: Entries = new Map();
    for (const name of names) {
      const text = Object.hasOwn(headers, name) ? headers[name] : undefined;
      if (isSendable(text) && !dropped.has(name)) entries.set(name, text);
    }
    for (const [name, text] of own) entries.set(name, text);
    return entries;
  };
}

function madeBy(make: (caller: RemoteCaller) => Readonly<Record<string, string>>) {
  return (caller: RemoteCaller): Entries => {
    const dropped = namedByConnection(caller.headers);
    const entries: Entries = new Map();
    for (const [written, text] of Object.entries(make(caller))) {
      const name = written.toLowerCase();
      // Cookies go out where an option names them: a function may hand on all that it was given.
      if (isNeverSentOn(name) || dropped.has(name) || name === "cookie") continue;
      if (token.test(name) && isSendable(text)) entries.set(name, text);
    }
    return entries;
  };
}

function sealed(entries: Entries): OutgoingHeaders {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return { headers: Object.fromEntries(sorted), credentials: JSON.stringify(sorted) };
}

const none: ReadonlySet<string> = new Set();

function namedByConnection({ connection }: RemoteCaller["headers"]): ReadonlySet<string> {
  if (connection === undefined) return none;
  return new Set(connection.split(",").map((name) => name.trim().toLowerCase()));
}

function isSendable(text: unknown): text is string {
  return typeof text === "string" && value.test(text);
}

function isNeverSentOn(name: string): boolean {
  return neverSentOn.has(name) || familiesNeverSentOn.some((family) => name.startsWith(family));
}

function checkedName(service: string, written: string): string {
  const name = written.toLowerCase();
  if (!token.test(name)) throw wrong(service, `"${written}" is no name of a header`);
  if (isNeverSentOn(name)) {
    throw wrong(service, `"${written}" belongs to one connection or one message and is never sent on: leave it out`);
  }
  return name;
}

function wrong(service: string, what: string): ConfigurationError {
  return new ConfigurationError(`stitch, service "${service}", headers: ${what}.`);
}
