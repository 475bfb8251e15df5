import { memoryPayloadStore } from "../../../src/stores/payload/drivers/memory.ts";
import { payloadStoreSuite } from "../../conformance/payload-store.suite.ts";

payloadStoreSuite("memory", async () => {
  const store = memoryPayloadStore();
  return { store, [Symbol.asyncDispose]: () => store.close() };
});
