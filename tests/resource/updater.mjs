/**
 * One of several gateway processes on one store: updates one resource many times at once and prints what came of it.
 *
 *   node updater.mjs META_URL PAYLOAD_URL BLOB_URL RESOURCE_ID FIRST COUNT [IF_MATCH]
 */
import { createGateway, z } from "weft";

// Whoever started it ends, or has heard all: so does it.
process.once("disconnect", () => process.exit());

const [meta, payload, blob, resourceId, first, count, ifMatch] = process.argv.slice(2);
const gateway = createGateway({ meta, payload, blob, logLevel: "silent" });
const items = gateway.addModel("Item", z.object({ level: z.number().int() }), { indexedFields: ["level"] });
await items.count();
process.send?.("ready");
await new Promise((resolve) => process.once("message", resolve));

const results = await Promise.allSettled(
  Array.from({ length: Number(count) }, (_, n) =>
    items.update(resourceId, { level: Number(first) + n }, ifMatch ? { ifMatch } : {}),
  ),
);
process.send?.(
  results.map((result) =>
    result.status === "fulfilled" ? result.value.revision.revisionId : (result.reason.code ?? String(result.reason)),
  ),
);
await gateway.close();
process.disconnect?.();
