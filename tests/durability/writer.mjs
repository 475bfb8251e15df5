/**
 * A process that writes as fast as it can until it is killed, and says what was acknowledged: a JSON line each, written
 * synchronously so that a kill cannot swallow it. Runs on the built package, as users do.
 *
 *   node writer.mjs META_URL PAYLOAD_URL BLOB_URL WRITERS
 */
import { writeSync } from "node:fs";
import { createGateway, z } from "weft";

const [meta, payload, blob, writers] = process.argv.slice(2);
const gateway = createGateway({ meta, payload, blob, logLevel: "silent" });
const items = gateway.addModel("Item", z.object({ name: z.string(), level: z.number().int(), text: z.string() }), {
  indexedFields: ["level"],
});

const say = (record) => writeSync(1, `${JSON.stringify(record)}\n`);
const acknowledge = ({ meta: { resourceId }, revision: { revisionId, dataHash } }) =>
  say({ resourceId, revisionId, dataHash });

async function write(writer) {
  for (let n = 0; ; n++) {
    const data = { name: `${writer}-${n}`, level: n, text: "x".repeat((n * 37) % 3000) };
    const created = await items.create(data, n % 3 === 0 ? { status: "draft" } : {});
    acknowledge(created);
    const { resourceId } = created.meta;
    if (n % 3 === 0) acknowledge(await items.modify(resourceId, { data: { ...data, level: n + 1 }, status: "stable" }));
    else acknowledge(await items.update(resourceId, { ...data, level: n + 1 }));
    if (n % 5 === 0) await items.delete(resourceId);
    if (n % 10 === 0) {
      say({ resourceId, purging: true });
      await items.purge(resourceId);
    }
  }
}

await Promise.all(Array.from({ length: Number(writers) }, (_, writer) => write(writer)));
