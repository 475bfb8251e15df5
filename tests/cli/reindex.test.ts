import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";
import { makeFolder, weft } from "./weft.ts";

/** Data on disk, so that one process finds what another has written. */
const config = (indexedFields: string, rest = "") => `
import { createGateway, z } from "weft";
const gateway = createGateway({ logLevel: "silent"${rest} });
const schema = z.object({ name: z.string(), level: z.number() });
export const monsters = gateway.addModel("Monster", schema, { indexedFields: ${indexedFields} });
export const others = gateway.addModel("Other", schema);
export default gateway;
`;

/** Under the old fields, three resources are written while the module loads. */
const writing = `${config('["name"]')}
for (let level = 0; level < 3; level++) await monsters.create({ name: "Bat", level });
`;

const found = `${config('["name", "level"]')}
console.log((await monsters.search({ conditions: [{ condition: { fieldPath: "level", operator: "GTE", value: 1 } }] })).length);
`;

/** By scheme, what WEFT_META is. */
const metas: readonly (readonly [scheme: string, skipped: string, open: () => Promise<FreshMeta>])[] = [
  ["pglite", "", inFolder("pglite:.weft/meta")],
  ["sqlite", "", inFolder("sqlite:.weft/meta.db")],
  ["disk", "", inFolder("disk:.weft/meta")],
  ["redis", await skippedWithoutRedis(), () => freshRedisNamespace()],
];

interface FreshMeta extends AsyncDisposable {
  readonly url: string;
}

function inFolder(url: string): () => Promise<FreshMeta> {
  return async () => ({ url, [Symbol.asyncDispose]: async () => {} });
}

for (const [scheme, skipped, open] of metas) {
  describe.skipIf(skipped !== "")(`weft reindex on ${scheme} ${skipped}`, { timeout: 120_000 }, () => {
    it("brings old rows up to date, says how far it is, and exits with 1 where something could not be read", async () => {
      await using meta = await open();
      using folder = makeFolder({
        "old.mjs": writing,
        "found.mjs": found,
        "weft.config.ts": config('["name", "level"]'),
      });
      const run = async (...args: string[]) => {
        await using running = weft(folder, args, { WEFT_META: meta.url });
        return [await running.exited, running.out, running.err];
      };
      expect(await run("schema", "old.mjs", "--out", "old.graphql")).toEqual([0, "", ""]);
      expect(await run("schema", "found.mjs", "--out", "old.graphql")).toEqual([0, "0\n", ""]);

      expect(await run("reindex", "Nobody")).toEqual([
        1,
        "",
        expect.stringMatching(/^weft: There is no model "Nobody".*\n$/),
      ]);
      const done = "Monster: 3 states made anew, 0 unreadable\n";
      expect(await run("reindex")).toEqual([
        0,
        `Monster: 100 %, 3 states made anew, 0 unreadable\nMonster: indexes, 3 states made anew, 0 unreadable\n${done}` +
          "Other: indexes, 0 states made anew, 0 unreadable\nOther: 0 states made anew, 0 unreadable\n",
        "",
      ]);
      expect(await run("schema", "found.mjs", "--out", "old.graphql")).toEqual([0, "2\n", ""]);

      const payloads = join(folder.path, ".weft/payload");
      const files = readdirSync(payloads, { recursive: true, withFileTypes: true }).filter(
        (entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name),
      );
      expect(files).toHaveLength(3);
      for (const { parentPath, name } of files.slice(0, 1)) rmSync(join(parentPath, name));
      folder.write("other.mjs", config('["level"]'));
      const [code, out, err] = await run("reindex", "Monster", "--config", "other.mjs");
      expect(code).toBe(1);
      expect(out).toMatch(/^Monster: 2 states made anew, 1 unreadable\n$/m);
      expect(err).toMatch(/^weft: monster:\S+, change \d, payload monster\/\S+: payload \S+ is missing\n$/);
    });
  });
}

describe("weft reindex", { timeout: 120_000 }, () => {
  it("stops when it is asked to, with exit code 1, also where a store never answers", async () => {
    const silent = `, payload: {
      get: () => { console.error("reading"); return new Promise(() => setTimeout(() => {}, 60_000).unref()); },
      put: async () => {}, getRanges: async () => [], delete: async () => {}, ping: async () => {}, close: async () => {},
    }`;
    using folder = makeFolder({ "old.mjs": writing, "weft.config.mjs": config('["level"]', silent) });
    await using before = weft(folder, ["schema", "old.mjs"]);
    expect(await before.exited).toBe(0);
    await using running = weft(folder, ["reindex"]);
    await new Promise<void>((resolve) => running.child.stderr?.on("data", () => resolve()));
    running.child.kill("SIGTERM");
    expect(await running.exited).toBe(1);
  });
});
