import { createServer } from "node:http";

/** On PORT, until SIGTERM. */
export function serve(handler) {
  createServer(handler).listen(Number(process.env.PORT), "127.0.0.1", () => console.log("ready"));
  process.once("SIGTERM", () => process.exit(0));
}
