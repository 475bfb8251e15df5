/**
 * One of several gateways that start at once on one PostgreSQL: listens, writes for a while, waits until the indexes are made, says
 * how it went.
 *
 *   node gateway.mjs META_URL DURATION_MS
 */
import { createGateway, z } from "weft";

// Whoever started it ends, or has heard all: so does it.
process.once("disconnect", () => process.exit());

const [meta, durationMs] = process.argv.slice(2);
const names = Array.from({ length: 8 }, (_, i) => `level${i}`);
const schema = z.object(Object.fromEntries(names.map((name) => [name, z.number().int().default(0)])));
const gateway = createGateway({ meta, payload: "memory:", blob: "memory:", logLevel: "warn" });
const models = ["Hero", "Monster"].map((name) => gateway.addModel(name, schema, { indexedFields: names }));

process.send("ready");
await new Promise((resolve) => process.once("message", resolve));
const start = Date.now();
const { close } = await gateway.listen({ port: 0 });
let written = 0;
for (; Date.now() - start < Number(durationMs); written++) await models[written % 2].create({ level0: written });
for await (const { phase } of gateway.reindex()) if (phase === "states") throw new Error("Nothing is old here.");
await close();
process.send({ written });
process.disconnect();
