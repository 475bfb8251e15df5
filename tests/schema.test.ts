import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** Runs what `npm ci` has built, as a user does. */
async function weft(...args: string[]): Promise<string> {
  const command = [join(root, "dist/cli/main.js"), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

test("schema/schema.graphql is what `weft schema` prints of the example", async () => {
  const committed = await readFile(join(root, "schema/schema.graphql"), "utf8");
  expect(await weft("schema")).toBe(committed);
});
