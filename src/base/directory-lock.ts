/**
 * Keeps a second process out of a directory: a file `lock` with the id of the process that holds it. A lock whose process has gone, by `kill -9`
 * say, is taken over. Ids come again, in containers soon: where Linux tells when a process started, that is compared too.
 */
import { link, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ConfigurationError } from "./errors.ts";
import { uuidv7 } from "./ids.ts";

export interface DirectoryLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** When the process started, as /proc tells it; null where there is no /proc. */
  readonly started: string | null;
  /** Of this taking of the lock. */
  readonly token: string;
}

const attempts = 10;
const retryMs = 20;
/** A file that small is written whole long before. */
const tornMs = 60_000;

/** @throws ConfigurationError where a living process, this one included, holds the directory */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, "lock");
  const own: Holder = { pid: process.pid, started: await startOf(process.pid), token: uuidv7() };
  const draft = `${path}.${own.token}`;
  try {
    await writeFile(draft, JSON.stringify(own));
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (await linked(draft, path)) {
        await sweep(directory).catch(() => undefined);
        return { release: () => release(path, own) };
      }
      const holder = await read(path);
      if (holder !== undefined && (await isAlive(holder))) {
        throw new ConfigurationError(`${directory} is in use by process ${holder.pid}. Only one process can open it.`);
      }
      await takeAway(path, { draft, staleToken: holder?.token ?? "torn" });
    }
    throw new ConfigurationError(`${directory} cannot be locked: others keep taking it, or ${path}.* is left over.`);
  } finally {
    await rm(draft, { force: true });
  }
}

/** A link, unlike a write, appears whole and only where there is no such file yet. */
async function linked(draft: string, path: string): Promise<boolean> {
  return link(draft, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
}

async function read(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

/**
 * Removes a stale lock. Only who holds the right to take away this very lock does it, and only while it lies there: so the
 * fresh lock of somebody quicker is never removed. A process that is killed in between leaves the right behind; whoever
 * starts next is told by `lockDirectory`.
 */
async function takeAway(path: string, { draft, staleToken }: { draft: string; staleToken: string }): Promise<void> {
  const right = `${path}.${staleToken}`;
  if (!(await linked(draft, right))) return await delay(retryMs);
  try {
    if (((await read(path))?.token ?? "torn") === staleToken) await rm(path, { force: true });
  } finally {
    await rm(right, { force: true });
  }
}

/** Where it cannot be removed, it is stale as soon as this process ends. */
async function release(path: string, own: Holder): Promise<void> {
  if ((await read(path))?.token === own.token) await rm(path, { force: true }).catch(() => undefined);
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return started === null || started === (await startOf(pid));
}

/** Removes what processes have left behind that were killed while they took the lock. */
async function sweep(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^lock\.[0-9a-f-]{36}$/.test(name)) continue;
    const path = join(directory, name);
    const holder = await read(path);
    // One that is torn may be in the making.
    const isLeft = holder === undefined ? (await stat(path)).mtimeMs < Date.now() - tornMs : !(await isAlive(holder));
    if (isLeft) await rm(path, { force: true });
  }
}

/** In clock ticks since the machine started, with the machine's own start. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
async function startOf(pid: number): Promise<string | null> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in parentheses, which may hold anything; field 22 counts from behind it.
    return `${boot.trim()}/${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return null;
  }
}
