import { existsSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, weft } from "./weft.ts";

const config = `
import { createGateway, z } from "weft";
const gateway = createGateway({ meta: "disk:.weft/meta", logLevel: "silent" });
export const monsters = gateway.addModel("Monster", z.object({ name: z.string() }));
export default gateway;
`;

/** A payload that no commit names. */
const name = `ab${"0".repeat(62)}`;

describe("weft gc and weft doctor", { timeout: 120_000 }, () => {
  it("counts and removes what nothing names, once it is old enough", async () => {
    const writing = `${config}await monsters.create({ name: "Bat" });\n`;
    using folder = makeFolder({ "weft.config.mjs": config, "writing.mjs": writing });
    const run = async (...args: string[]) => {
      await using running = weft(folder, args);
      return [await running.exited, running.out.split("\n").at(-2), running.err];
    };
    expect((await run("schema", "writing.mjs"))[0]).toBe(0);
    const path = join(folder.path, ".weft/payload/ab", name);
    folder.write(`.weft/payload/ab/${name}`, "bytes");
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 3_600_000);
    utimesSync(path, twoDaysAgo, twoDaysAgo);

    expect(await run("gc", "--grace", "7d")).toEqual([0, "0 (0 bytes) payloads and 0 (0 bytes) blobs removed", ""]);
    const dry = "1 (5 bytes) payloads and 0 (0 bytes) blobs would be removed";
    expect(await run("gc", "--dry-run")).toEqual([0, dry, ""]);
    expect(existsSync(path)).toBe(true);
    expect(await run("gc")).toEqual([0, "1 (5 bytes) payloads and 0 (0 bytes) blobs removed", ""]);
    expect(existsSync(path)).toBe(false);
    expect(await run("gc", "--grace", "soon")).toEqual([
      1,
      undefined,
      expect.stringMatching(/^weft: --grace: a number/),
    ]);
  });

  it("says of each part whether it can be used, and exits with 1 where one cannot", async () => {
    using folder = makeFolder({ "weft.config.mjs": config });
    const run = async (env: Record<string, string>) => {
      await using running = weft(folder, ["doctor"], env);
      return [await running.exited, running.out] as const;
    };
    const [code, out] = await run({});
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {6}meta {5}disk: usable: answers in \d+ ms$/m);
    expect(out).toMatch(/^ok {6}queue {4}local: usable: answers in \d+ ms$/m);
    const [failed, text] = await run({ WEFT_BUS: "redis://127.0.0.1:1" });
    expect(failed).toBe(1);
    expect(text).toMatch(/^ERROR {3}bus {6}redis: usable: WEFT_BUS: /m);
  });
});
