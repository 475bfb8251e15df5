import { localQueue } from "../../src/messaging/queue/drivers/local.ts";
import { queueSuite } from "../conformance/queue.suite.ts";

queueSuite("local", "process", async () => {
  const reported: unknown[] = [];
  const queue = localQueue({ report: (error) => reported.push(error) });
  return { nodes: [queue], reported, [Symbol.asyncDispose]: () => queue.close() };
});
