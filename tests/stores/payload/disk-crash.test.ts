/** What is left on the disk by a process that is killed while it writes, and by a disk that is full. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { diskPayloadStore } from "../../../src/stores/payload/drivers/disk.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { contentOf, keyOf } from "./numbered-payload.ts";

const environment = { ...process.env, JITI_FS_CACHE: "false" };
const runScript = (script: string) => ["--import", "jiti/register", join(import.meta.dirname, script)];

/** Resolves with the numbers it acknowledged, once it has printed so many and was killed. */
async function acknowledgedUntilKilled(child: ChildProcess, count: number): Promise<number[]> {
  if (!child.stdout) throw new Error("the child has no stdout");
  const acknowledged: number[] = [];
  const lines = createInterface(child.stdout);
  lines.on("line", (line) => {
    acknowledged.push(Number(line));
    if (acknowledged.length === count) child.kill("SIGKILL");
  });
  await Promise.all([once(lines, "close"), once(child, "exit")]);
  return acknowledged;
}

test("kill -9 during puts: what was acknowledged is whole, and nothing else is there in part", async () => {
  await using directory = await temporaryDirectory();
  for (const [round, count] of [3, 111, 260].entries()) {
    const path = join(directory.path, `${round}`);
    const child = spawn(process.execPath, [...runScript("put-until-killed.ts"), path], { env: environment });
    const acknowledged = await acknowledgedUntilKilled(child, count);
    expect(acknowledged.length).toBeGreaterThanOrEqual(count);

    const store = diskPayloadStore({ directory: path });
    for (const number of acknowledged) {
      expect(Buffer.compare((await store.get(keyOf(number))) ?? Buffer.alloc(0), contentOf(number))).toBe(0);
    }
    for (let number = 0; number < Math.max(...acknowledged) + 100; number++) {
      const bytes = await store.get(keyOf(number));
      if (bytes) expect(Buffer.compare(bytes, contentOf(number))).toBe(0);
    }
    await store.put("hero/hero:after/1/w", Buffer.from("it still works"));
    await store.close();
  }
});

test("a disk that takes no more bytes: STORE_UNAVAILABLE, nothing under the key, no temporary file, and small puts go on", async () => {
  await using directory = await temporaryDirectory();
  // A limit on the size of files ends a write in the middle as a full disk does (EFBIG for ENOSPC), and needs no root.
  const limited = `trap '' XFSZ; ulimit -f 64; exec "$0" "$@"`;
  const child = spawn("sh", ["-c", limited, process.execPath, ...runScript("put-too-much.ts"), directory.path], {
    env: environment,
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await once(child, "close");
  expect(JSON.parse(output)).toEqual({ code: "STORE_UNAVAILABLE", cause: "EFBIG", isThere: false, small: true });
  expect(await readdir(join(directory.path, "tmp"))).toEqual([]);
});
