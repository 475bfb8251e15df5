/**
 * A gateway that says how much memory it has come to take.
 *
 *   node large-gateway.mjs BLOB_DIRECTORY
 */
import { binary, createGateway, z } from "weft";

// Whoever started it ends: so does it.
process.once("disconnect", () => process.exit());

const gateway = createGateway({
  meta: "memory:",
  payload: "memory:",
  blob: `disk:${process.argv[2]}`,
  logLevel: "warn",
  secret: "of the test of large files and of no other",
});
gateway.addModel("Film", z.object({ title: z.string(), file: binary() }));
const { url } = await gateway.listen({ port: 0 });

const rss = () => process.memoryUsage.rss();
let idle = rss();
let peak = idle;
setInterval(() => {
  peak = Math.max(peak, rss());
}, 10);
process.on("message", (message) => {
  if (message === "idle") idle = peak = rss();
  process.send({ aboveIdle: peak - idle });
});
process.send({ url });
