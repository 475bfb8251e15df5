/**
 * What `weft start` tells other commands of itself: a file of its own under `.weft/run`, with what came of the last reload. The file is there while
 * the process is, and is looked through by its pid where a crash has left it.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject } from "../base/json.ts";
import type { ReloadedService } from "../faces/stitch/stitch.ts";

const folder = join(".weft", "run");

export interface RunningGateway {
  readonly pid: number;
  /** How often it has reloaded. */
  readonly reloads: number;
  readonly services: readonly ReloadedService[];
  /** Why the last reload failed as a whole. */
  readonly error?: string;
}

export const stateFile = (pid: number): string => join(folder, `${pid}.state`);
const wishOf = (pid: number) => join(folder, `${pid}.wish`);

export async function tellRunning(state: RunningGateway): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporary = `${stateFile(state.pid)}.tmp`;
  await writeFile(temporary, JSON.stringify(state));
  await rename(temporary, stateFile(state.pid));
}

export async function forgetRunning(pid: number): Promise<void> {
  await rm(stateFile(pid), { force: true });
}

export async function readRunning(pid: number): Promise<RunningGateway | undefined> {
  try {
    const state: unknown = JSON.parse(await readFile(stateFile(pid), "utf8"));
    return isJsonObject(state) ? (state as unknown as RunningGateway) : undefined;
  } catch {
    return undefined;
  }
}

/** Of this directory. What a crash has left is removed. */
export async function findRunning(): Promise<readonly RunningGateway[]> {
  const names = await readdir(folder).catch(() => []);
  const found: RunningGateway[] = [];
  for (const name of names.filter((one) => one.endsWith(".state"))) {
    const pid = Number.parseInt(name, 10);
    const state = isAlive(pid) ? await readRunning(pid) : undefined;
    if (state) found.push(state);
    else await forgetRunning(pid);
  }
  return found;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A signal carries no arguments: they are laid beside it. */
export async function wishForce(pid: number): Promise<void> {
  await writeFile(wishOf(pid), "force");
}

/** Whether the next reload is to take what breaks clients; asked once. */
export async function takeForce(pid: number): Promise<boolean> {
  const wish = await readFile(wishOf(pid), "utf8").catch(() => "");
  await rm(wishOf(pid), { force: true });
  return wish === "force";
}
