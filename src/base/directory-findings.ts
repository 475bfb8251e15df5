/** What is known of a directory in which a store keeps its files. */
import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { unavailable } from "./durable-file.ts";
import type { Finding } from "./finding.ts";

const gibibyte = 1024 ** 3;
const leastBytes = gibibyte;
const leastShare = 0.05;

/** @throws STORE_UNAVAILABLE where the directory is not there */
export async function examineDirectory(directory: string): Promise<readonly Finding[]> {
  try {
    return [await spaceOf(directory), await accessOf(directory), await permissionsOf(directory)];
  } catch (error) {
    throw unavailable(error);
  }
}

async function spaceOf(directory: string): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return spaceFinding(bavail * bsize, blocks * bsize);
}

/** @param free what this process may still use, in bytes @param total of the file system */
export function spaceFinding(free: number, total: number): Finding {
  const share = total === 0 ? 1 : free / total;
  const text = `${(free / gibibyte).toFixed(1)} GiB free, ${Math.floor(share * 100)} % of the file system`;
  if (free >= leastBytes && share >= leastShare) return { subject: "space", state: "ok", text };
  return { subject: "space", state: "warning", text: `${text}: free some. When it is full, writes are refused` };
}

async function accessOf(directory: string): Promise<Finding> {
  const subject = "access";
  try {
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return { subject, state: "ok", text: "can be read and written" };
  } catch {
    const text = `this user cannot read and write ${directory}: chown it, or start weft as its owner`;
    return { subject, state: "error", text };
  }
}

async function permissionsOf(directory: string): Promise<Finding> {
  const { mode } = await stat(directory);
  return permissionsFinding(directory, mode & 0o777);
}

/** Who may write there can make weft serve what it likes; who may read sees past every policy, which on a machine of one's own is nobody. */
export function permissionsFinding(directory: string, mode: number): Finding {
  const subject = "permissions";
  // Windows knows no such bits, and shows them all.
  if (process.platform === "win32") return { subject, state: "ok", text: "not looked at on Windows" };
  if (mode & 0o002) return { subject, state: "warning", text: `any user may write there: chmod o-w ${directory}` };
  const others =
    mode & 0o005 ? `; other users of this machine may read there: chmod o-rx ${directory} keeps them out` : "";
  return { subject, state: "ok", text: `${mode.toString(8).padStart(3, "0")}${others}` };
}
