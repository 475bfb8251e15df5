import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const blockBytes = 512;

/**
 * What commit-too-much.ts prints where no file may be larger than so many bytes. Such a limit ends a write in the middle as a full
 * disk does (EFBIG for ENOSPC), and needs no root.
 */
export async function commitTooMuch(name: string, path: string, limit: number): Promise<unknown> {
  const script = join(import.meta.dirname, "commit-too-much.ts");
  const limited = `trap '' XFSZ; ulimit -f ${limit / blockBytes}; exec "$0" "$@"`;
  const run = [process.execPath, "--import", "jiti/register", script, name, path, String(limit)];
  const child = spawn("sh", ["-c", limited, ...run], {
    env: { ...process.env, JITI_FS_CACHE: "false" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return JSON.parse(output);
}
