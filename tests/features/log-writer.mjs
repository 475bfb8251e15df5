/**
 * One of several gateway processes on one PostgreSQL: writes two models as fast as it can until it is told to stop, then
 * says how many changes of Item it made.
 *
 *   node log-writer.mjs META_URL PAYLOAD_URL
 */
import { createGateway, z } from "weft";

// Whoever started it ends, or has heard all: so does it.
process.once("disconnect", () => process.exit());

const [meta, payload] = process.argv.slice(2);
const gateway = createGateway({ meta, payload, blob: "memory:", logLevel: "silent" });
const schema = z.object({ level: z.number().int() });
const items = gateway.addModel("Item", schema, { indexedFields: ["level"] });
const others = gateway.addModel("Other", schema);
let isRunning = true;
let made = 0;

async function write() {
  for (let n = 0; isRunning; n++) {
    const { resourceId } = (await items.create({ level: n })).meta;
    made++;
    await others.create({ level: n });
    if (n % 3 !== 0) continue;
    await items.update(resourceId, { level: -n - 1 });
    made++;
  }
}

await items.count();
process.send("ready");
process.once("message", () => {
  isRunning = false;
});
await Promise.all(Array.from({ length: 8 }, write));
process.send(made);
await gateway.close();
process.disconnect();
