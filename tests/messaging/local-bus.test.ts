import { localBus } from "../../src/messaging/bus/drivers/local.ts";
import { busSuite } from "../conformance/bus.suite.ts";

busSuite("local", async () => {
  const reported: unknown[] = [];
  const bus = localBus({ report: (error) => reported.push(error) });
  return { nodes: [bus], reported, [Symbol.asyncDispose]: () => bus.close() };
});
