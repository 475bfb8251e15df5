/**
 * kill -9 of PostgreSQL and all of its backends under a gateway that lives on: 2 times here, 10 with WEFT_SOAK=1. The gateway
 * answers STORE_UNAVAILABLE until the server is back, then goes on by itself; what it had acknowledged is there.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { postgresMetaStore } from "../../src/stores/meta/drivers/postgres.ts";
import { diskPayloadStore } from "../../src/stores/payload/drivers/disk.ts";
import { freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";
import { startPostgres } from "../servers/start-postgres.ts";
import { temporaryDirectory } from "../stores/temporary-directory.ts";
import { nothingAcknowledged, startWriter } from "./acknowledged.ts";
import { verify } from "./promises.ts";

const kills = process.env.WEFT_SOAK ? 10 : 2;
const patienceMs = 15_000;

/** @throws Error where it does not come to hold in time */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (const giveUpAt = Date.now() + patienceMs; !holds(); await sleep(5)) {
    if (Date.now() > giveUpAt) throw new Error(`Not within ${patienceMs} ms: ${what}`);
  }
}

const skipped =
  (await skippedWithoutPostgres()) || (process.platform === "linux" ? "" : "(skipped: finds backends by /proc)");

describe.skipIf(skipped !== "")(`kill -9 of PostgreSQL under a living gateway ${skipped}`, () => {
  it("loses nothing, is told as STORE_UNAVAILABLE, and needs no restart", { timeout: kills * 60_000 }, async () => {
    await using temporary = await temporaryDirectory();
    const server = await startPostgres();
    try {
      const { url } = await freshDatabase(server.url);
      const payloadDirectory = `${temporary.path}/payload`;
      const acknowledged = nothingAcknowledged();
      const urls = [url, `disk:${payloadDirectory}`, `disk:${temporary.path}/blob`];
      const outages: number[] = [];
      await using writer = await startWriter(urls, acknowledged);
      for (let round = 0; round < kills; round++) {
        await sleep(200 + Math.random() * 800);
        const failures = acknowledged.failures;
        await server.kill();
        const atKill = acknowledged.writes.length;
        await until(() => acknowledged.failures > failures, "the gateway says STORE_UNAVAILABLE");
        await server.restart();
        const back = Date.now();
        await until(() => acknowledged.writes.length > atKill + 20, "the gateway writes again");
        outages.push(Date.now() - back);
      }
      await writer.kill();
      const stores = {
        meta: await postgresMetaStore({ url }),
        payload: diskPayloadStore({ directory: payloadDirectory }),
      };
      await verify(stores, acknowledged);
      await stores.meta.close();
      await stores.payload.close();
      expect(acknowledged.failures).toBeGreaterThanOrEqual(kills);
      console.log(
        `${kills} kills of PostgreSQL, ${acknowledged.writes.length} acknowledged writes, ${acknowledged.failures} refused,`,
        `20 more written ${outages.join(", ")} ms after it was back`,
      );
    } finally {
      await server.stop();
    }
  });
});
