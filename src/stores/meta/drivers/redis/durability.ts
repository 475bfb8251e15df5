/** Whether a Redis can be used, and keeps what it has acknowledged: looked up when a store is opened, since nothing shows it before the first loss. */
import type { Redis } from "ioredis";
import { ConfigurationError } from "../../../../base/errors.ts";

/**
 * - `always`: the append-only file is flushed to disk before a write is acknowledged. Acknowledged writes survive the death of the process, of the system,
 *   and a power cut.
 * - `everysec`: it is flushed once a second. They survive the death of the process; a power cut or a crash of the system may take the last two seconds.
 * - `none`: nothing is asked of Redis. Without a file everything is gone when its process ends.
 *
 * None survives the loss of the disk. A fail-over to a replica loses what had not reached it: Redis acknowledges before.
 */
export type Durability = "always" | "everysec" | "none";

export const durabilities: readonly Durability[] = ["always", "everysec", "none"];

const leastVersion = 7;

/** @throws ConfigurationError */
export async function checkVersion(redis: Redis): Promise<void> {
  const version = (await info(redis, "server")).get("redis_version") ?? "";
  if (Number.parseInt(version, 10) < leastVersion)
    throw new ConfigurationError(`Redis ${version} is too old: use version ${leastVersion} or newer.`);
}

/** @throws ConfigurationError naming the setting of redis.conf that is missing */
export async function checkDurability(redis: Redis, wanted: Durability): Promise<void> {
  const memory = await info(redis, "memory");
  const policy = memory.get("maxmemory_policy") ?? "noeviction";
  if (memory.get("maxmemory") !== "0" && policy.startsWith("allkeys"))
    throw new ConfigurationError(
      `Redis would throw data away when its memory is full: set maxmemory-policy to noeviction.`,
    );
  if (wanted === "none") return;
  const accept = `or add ?durability=none to the URL to accept the loss.`;
  if (!(await isLogged(redis)))
    throw new ConfigurationError(`Redis would lose everything with its process: set appendonly to yes, ${accept}`);
  const fsync = await setting(redis, "appendfsync");
  if (fsync === "no")
    throw new ConfigurationError(`Redis never flushes its file (appendfsync is no): set it to always, ${accept}`);
  if (await pausesFlushing(redis))
    throw new ConfigurationError(
      `Redis does not flush while it rewrites its file: set no-appendfsync-on-rewrite to no, ${accept}`,
    );
  if (wanted === "everysec") return;
  if (fsync === undefined)
    throw new ConfigurationError(
      "Redis does not tell how it flushes (CONFIG is forbidden): add ?durability=everysec to the URL if a power cut may take two seconds of writes.",
    );
  if (fsync !== "always")
    throw new ConfigurationError(
      `Redis acknowledges writes before they are on disk (appendfsync is ${fsync}): set it to always, or add ?durability=everysec to the URL if a power cut may take two seconds of writes.`,
    );
}

/** What Redis is set to, where it has passed the check. Where it does not tell: what was wanted. */
export async function durabilityInForce(redis: Redis, wanted: Durability): Promise<Durability> {
  if (!(await isLogged(redis))) return "none";
  const fsync = await setting(redis, "appendfsync");
  if (fsync === "no" || (await pausesFlushing(redis))) return "none";
  return durabilities.find((one) => one === fsync) ?? wanted;
}

async function isLogged(redis: Redis): Promise<boolean> {
  return (await info(redis, "persistence")).get("aof_enabled") === "1";
}

async function pausesFlushing(redis: Redis): Promise<boolean> {
  return (await setting(redis, "no-appendfsync-on-rewrite")) === "yes";
}

async function info(redis: Redis, section: string): Promise<ReadonlyMap<string, string>> {
  const lines = (await redis.info(section)).split("\r\n");
  return new Map(lines.map((line) => [line.split(":")[0] ?? "", line.slice(line.indexOf(":") + 1)]));
}

/** Managed servers forbid CONFIG. */
async function setting(redis: Redis, name: string): Promise<string | undefined> {
  const answer = await redis.config("GET", name).catch(() => undefined);
  return Array.isArray(answer) ? String(answer[1]) : undefined;
}
