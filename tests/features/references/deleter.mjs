/**
 * A gateway process that deletes one zone, with all that lives in it. Killed in the middle, it has done all of it or nothing.
 *
 *   node deleter.mjs META_URL PAYLOAD_DIRECTORY ZONE_ID
 */
import { createGateway, ref, z } from "weft";

// Whoever started it ends: so does it.
process.once("disconnect", () => process.exit());

const [meta, directory, zone] = process.argv.slice(2);
const gateway = createGateway({ meta, payload: `disk:${directory}`, blob: "memory:", logLevel: "silent" });
const zones = gateway.addModel("Zone", z.object({ name: z.string() }));
gateway.addModel("Monster", z.object({ name: z.string(), zoneId: ref("Zone", { onDelete: "cascade" }) }));
await zones.get(zone);
process.send?.("deleting");
await zones.delete(zone);
process.send?.("deleted");
await gateway.close();
process.disconnect?.();
