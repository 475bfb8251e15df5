/** `gateway.disconnect`, from node to node: whose sessions are to end, on a topic of the bus. At most once, as the bus has it. */
import { randomUUID } from "node:crypto";
import type { Json } from "./base/json.ts";
import type { Bus } from "./messaging/bus/bus.ts";

export interface Disconnects {
  /** Tells the other nodes. */
  publish(user: string): Promise<void>;
}

const topic = "weft.sessions.disconnect";

export function createDisconnects(bus: Bus, closeSessions: (user: string) => void): Disconnects {
  // The publisher hears itself, when the user may be back already.
  const from = randomUUID();
  bus.subscribe(topic, (message) => {
    const user = userOf(message, from);
    if (user !== undefined) closeSessions(user);
  });
  return { publish: (user) => bus.publish(topic, { user, from }) };
}

/** A topic is open to whoever reaches the broker, and to nodes of other versions. */
function userOf(message: Json, self: string): string | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const { user, from } = message as { readonly user?: unknown; readonly from?: unknown };
  return typeof user === "string" && from !== self ? user : undefined;
}
