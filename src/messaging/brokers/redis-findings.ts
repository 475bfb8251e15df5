/** What is known of a Redis server beyond that it answers. */
import type { Redis } from "ioredis";
import { clockFinding, type Finding } from "../../base/finding.ts";

export interface RedisUse {
  /** Major and minor version. */
  readonly oldest: readonly [number, number];
  /** Whether what is there must last: a bus keeps nothing. */
  readonly isKept: boolean;
}

/** @throws what the client throws */
export async function examineRedis(redis: Redis, { oldest, isKept }: RedisUse): Promise<readonly Finding[]> {
  const before = Date.now();
  const [seconds, microseconds] = await redis.time();
  const clock = clockFinding(Number(seconds) * 1000 + Number(microseconds) / 1000, before, Date.now());
  const info = readInfo(await redis.info());
  const findings = [versionFinding(info, oldest), roleFinding(info, isKept), clock];
  if (!isKept) return findings;
  const [fsync, pauses] = [await settingOf(redis, "appendfsync"), await settingOf(redis, "no-appendfsync-on-rewrite")];
  return [...findings, durabilityFinding(info, fsync, pauses), memoryFinding(info)];
}

type Info = ReadonlyMap<string, string>;

function readInfo(text: string): Info {
  return new Map(text.split("\r\n").map((line) => [line.split(":")[0] ?? "", line.slice(line.indexOf(":") + 1)]));
}

/** Managed servers forbid CONFIG. */
async function settingOf(redis: Redis, name: string): Promise<string | undefined> {
  const answer = await redis.config("GET", name).catch(() => undefined);
  return Array.isArray(answer) ? String(answer[1]) : undefined;
}

function versionFinding(info: Info, [oldestMajor, oldestMinor]: readonly [number, number]): Finding {
  const version = info.get("redis_version") ?? "of unknown version";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = !(major > oldestMajor || (major === oldestMajor && minor >= oldestMinor));
  const text = `Redis ${version}`;
  if (!isOld) return { subject: "version", state: "ok", text };
  return { subject: "version", state: "error", text: `${text}: use ${oldestMajor}.${oldestMinor} or newer` };
}

function roleFinding(info: Info, isKept: boolean): Finding {
  const subject = "role";
  if (info.get("role") === "slave") {
    const text = "a replica, which takes no writes and passes no messages on: name the primary in the URL";
    return { subject, state: isKept ? "error" : "warning", text };
  }
  const replicas = Number(info.get("connected_slaves") ?? 0);
  const loss =
    replicas > 0 && isKept ? ". A fail-over loses what a replica has not got yet: Redis acknowledges before" : "";
  return { subject, state: "ok", text: `primary, with ${replicas} replicas${loss}` };
}

function durabilityFinding(info: Info, fsync: string | undefined, pauses: string | undefined): Finding {
  const subject = "durability";
  const warning = (text: string): Finding => ({ subject, state: "warning", text });
  if (info.get("aof_enabled") !== "1")
    return warning(
      "appendonly is no: what was acknowledged is gone when Redis ends. Set appendonly to yes and appendfsync to always",
    );
  if (info.get("aof_last_write_status") === "err")
    return { subject, state: "error", text: "Redis cannot write its append-only file: look at its disk" };
  if (fsync === undefined)
    return warning("Redis does not tell how it flushes (CONFIG is forbidden): see that appendfsync is always");
  if (fsync === "no")
    return warning("appendfsync is no: a power cut takes what the system had not flushed. Set it to always");
  if (pauses === "yes")
    return warning("no-appendfsync-on-rewrite is yes: while its file is rewritten, nothing is flushed. Set it to no");
  if (fsync !== "always")
    return warning(`appendfsync is ${fsync}: a power cut may take the last two seconds. Set it to always`);
  return { subject, state: "ok", text: "appendonly is yes, appendfsync is always" };
}

const crowdedShare = 0.9;

function memoryFinding(info: Info): Finding {
  const subject = "memory";
  const [used, most] = [Number(info.get("used_memory")), Number(info.get("maxmemory"))];
  const policy = info.get("maxmemory_policy") ?? "noeviction";
  if (most > 0 && policy.startsWith("allkeys")) {
    const text = `maxmemory-policy is ${policy}: Redis throws data away when its memory is full. Set it to noeviction`;
    return { subject, state: "error", text };
  }
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  if (most > 0 && used > most * crowdedShare) {
    const text = `${megabytes(used)} of ${megabytes(most)} are used: when it is full, writes are refused. Raise maxmemory`;
    return { subject, state: "warning", text };
  }
  const limit = most > 0 ? `of ${megabytes(most)}` : "without a limit of its own";
  return { subject, state: "ok", text: `${megabytes(used)} used, ${limit}, ${policy}` };
}
