import { memoryBlobStore } from "../../../src/stores/blob/drivers/memory.ts";
import { blobStoreSuite } from "../../conformance/blob-store.suite.ts";

blobStoreSuite("memory", async () => {
  const store = memoryBlobStore();
  return { store, [Symbol.asyncDispose]: () => store.close() };
});
