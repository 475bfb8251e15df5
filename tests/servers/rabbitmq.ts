/** Room of their own for tests on the RabbitMQ that global-setup.ts has started. */
import { randomBytes } from "node:crypto";
import type { FreshNamespace } from "./redis.ts";

/**
 * A namespace that nobody else uses. Its queues end with the server.
 * @param serverUrl @default the test run's own server. Outside vitest: `(await startRabbitmq()).url`
 */
export async function freshAmqpNamespace(serverUrl?: string): Promise<FreshNamespace> {
  const server = serverUrl ?? (await amqpUrl());
  if (server === null) throw new Error("There is no RabbitMQ: the run's first lines say why.");
  const namespace = `weft-${randomBytes(8).toString("hex")}`;
  const url = new URL(server);
  url.searchParams.set("namespace", namespace);
  return { namespace, url: url.href, [Symbol.asyncDispose]: async () => undefined };
}

/** The run's server; null where there is none. */
export async function amqpUrl(): Promise<string | null> {
  const { inject } = await import("vitest");
  return inject("amqpUrl") ?? null;
}

/** For the title of what cannot run without the server: why it is skipped; "" where there is one. */
export async function skippedWithoutRabbitmq(): Promise<string> {
  return (await amqpUrl()) === null ? "(skipped: no RabbitMQ on this machine)" : "";
}
