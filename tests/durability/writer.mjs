/**
 * A gateway process that writes as fast as it can until it is killed, and says what was acknowledged: a JSON line each,
 * written synchronously so that a kill cannot swallow it. A store that is away is told and waited for. Runs on the built
 * package, as users do.
 *
 *   node writer.mjs META_URL PAYLOAD_URL BLOB_URL WRITERS
 */
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createGateway, z } from "weft";

const [meta, payload, blob, writers] = process.argv.slice(2);
const gateway = createGateway({ meta, payload, blob, logLevel: "silent" });
const items = gateway.addModel("Item", z.object({ name: z.string(), level: z.number().int(), text: z.string() }), {
  indexedFields: ["level"],
});

const say = (record) => writeSync(1, `${JSON.stringify(record)}\n`);
const acknowledge = ({ meta: { resourceId, etag }, revision: { revisionId, dataHash } }) =>
  say({ resourceId, etag, revisionId, dataHash });

async function writeOne(name, n) {
  const data = { name, level: n, text: "x".repeat((n * 37) % 3000) };
  const created = await items.create(data, n % 3 === 0 ? { status: "draft" } : {});
  acknowledge(created);
  const { resourceId } = created.meta;
  const next = { ...data, level: n + 1 };
  acknowledge(
    n % 3 === 0
      ? await items.modify(resourceId, { data: next, status: "stable" })
      : await items.update(resourceId, next),
  );
  const { level } = (await items.get(resourceId)).data;
  if (level !== n + 1) throw new Error(`${resourceId} does not read as it was written`);
  if (n % 5 === 0) say({ resourceId, etag: (await items.delete(resourceId)).etag });
  if (n % 10 !== 0) return;
  say({ resourceId, purge: "begun" });
  await items.purge(resourceId);
  say({ resourceId, purge: "done" });
}

async function write(writer) {
  for (let n = 0; ; n++) {
    try {
      await writeOne(`${writer}-${n}`, n);
    } catch (error) {
      if (error.code !== "STORE_UNAVAILABLE") throw error;
      say({ failed: error.code });
      await sleep(50);
    }
  }
}

await Promise.all(Array.from({ length: Number(writers) }, (_, writer) => write(writer)));
