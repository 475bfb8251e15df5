/** What `weft doctor` says of parts that are well, that promise too little, and that are not there. */
import { afterEach, describe, expect, it } from "vitest";
import { clockFinding } from "../../src/base/finding.ts";
import { createGateway, type Gateway } from "../../src/index.ts";
import { memoryBlobStore } from "../../src/stores/blob/drivers/memory.ts";
import { freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";
import { startPostgres } from "../servers/start-postgres.ts";

const gateways: Gateway[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

async function diagnose(options: Parameters<typeof createGateway>[0]) {
  const gateway = createGateway({ payload: "memory:", blob: "memory:", logLevel: "silent", ...options });
  gateways.push(gateway);
  const lines: string[] = [];
  for await (const { part, kind, findings } of gateway.diagnose()) {
    for (const { subject, state, text } of findings) lines.push(`${part} ${kind} ${subject} ${state}: ${text}`);
  }
  return lines;
}

describe("a diagnosis", () => {
  it("goes through each part, one's own stores too, and a part that fails hides no other", async () => {
    const lines = await diagnose({ meta: "postgres://me:secret@127.0.0.1:1/x", blob: memoryBlobStore() });
    expect(lines.map((line) => line.split(":")[0])).toEqual([
      "meta postgres usable error",
      "payload memory usable ok",
      "blob own usable ok",
      "bus local usable ok",
      "queue local usable ok",
    ]);
    expect(lines[0]).toContain("WEFT_META");
    expect(lines.join()).not.toContain("secret");
  });

  it("says of the embedded database that a loss of power may cost more than kill -9", async () => {
    const lines = await diagnose({ meta: "pglite:memory" });
    expect(lines).toContainEqual(expect.stringMatching(/^meta pglite durability warning: fsync/));
  });

  it("warns of a clock that is off", () => {
    expect(clockFinding(1000, 900, 1100).state).toBe("ok");
    expect(clockFinding(60_000, 900, 1100)).toMatchObject({
      state: "warning",
      text: expect.stringContaining("58.9 s"),
    });
    expect(clockFinding(1000, 90_000, 90_100)).toMatchObject({
      state: "warning",
      text: expect.stringContaining("89.0 s"),
    });
  });
});

const skipped = await skippedWithoutPostgres();

describe.skipIf(skipped !== "")(`a diagnosis of PostgreSQL ${skipped}`, () => {
  it("names its version and what its commits survive", async () => {
    await using database = await freshDatabase();
    const lines = await diagnose({ meta: database.url });
    expect(lines).toContainEqual(expect.stringMatching(/^meta postgres version ok: PostgreSQL [0-9]+/));
    expect(lines).toContain("meta postgres durability ok: fsync is on, synchronous_commit is on");
    expect(lines).toContain("meta postgres clock ok: agrees with ours");
  });

  it("calls a server that acknowledges what it may lose an error", async () => {
    const server = await startPostgres({ synchronous_commit: "off" });
    try {
      expect(await diagnose({ meta: server.url })).toContainEqual(
        expect.stringMatching(/^meta postgres durability error: synchronous_commit is off/),
      );
    } finally {
      await server.stop();
    }
  });
});
