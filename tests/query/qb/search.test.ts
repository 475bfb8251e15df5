import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import { qbSearchSuite } from "../../conformance/qb-search.suite.ts";

qbSearchSuite("memory", async () => {
  const store = memoryMetaStore();
  return { store, [Symbol.asyncDispose]: () => store.close() };
});
