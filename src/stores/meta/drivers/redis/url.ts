import { ConfigurationError } from "../../../../base/errors.ts";
import type { Server } from "./connection.ts";
import { type Durability, durabilities } from "./durability.ts";

export interface ReadUrl {
  /** For messages: without user and password. */
  readonly where: string;
  readonly server: Server;
  readonly prefix: string;
  readonly durability: Durability;
}

const parameters = ["namespace", "durability"];

/** @throws ConfigurationError without the password */
export function readOptions(text: string): ReadUrl {
  if (!URL.canParse(text)) throw new ConfigurationError("The URL of the Redis server is malformed.");
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(text);
  const database = pathname.replace(/^\//, "");
  if (!/^[0-9]*$/.test(database))
    throw new ConfigurationError(
      "The path of the Redis URL must be the number of a database, as in redis://host:6379/0.",
    );
  for (const name of searchParams.keys()) {
    if (!parameters.includes(name))
      throw new ConfigurationError(
        `The Redis URL has the unknown parameter "${name}". Use one of ${parameters.join(", ")}.`,
      );
  }
  const namespace = searchParams.get("namespace") ?? "weft";
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(namespace))
    throw new ConfigurationError("The namespace in the Redis URL must be 1 to 64 of the characters A-Z a-z 0-9 . _ -");
  const host = hostname || "127.0.0.1";
  return {
    where: `Redis at ${host}:${port || 6379}`,
    prefix: `{weft:${namespace}}:`,
    durability: durabilityOf(searchParams.get("durability") ?? "always"),
    server: {
      host: host.replace(/^\[|\]$/g, ""),
      port: Number(port || 6379),
      db: Number(database),
      ...(username === "" ? {} : { username: decodeURIComponent(username) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === "rediss:" ? { tls: {} } : {}),
    },
  };
}

function durabilityOf(text: string): Durability {
  const known = durabilities.find((one) => one === text);
  if (known === undefined)
    throw new ConfigurationError(`The durability in the Redis URL must be one of ${durabilities.join(", ")}.`);
  return known;
}
