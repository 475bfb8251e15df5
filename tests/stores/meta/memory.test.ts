import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import {
  metaReplicaSuite,
  metaSearchOracle,
  metaStoreOracle,
  metaStoreSuite,
} from "../../conformance/meta-store.suite.ts";

const open = async () => {
  const store = memoryMetaStore();
  return { store, [Symbol.asyncDispose]: () => store.close() };
};

metaStoreSuite("memory", open);
metaReplicaSuite("memory", open);
// Against itself: the histories and queries are legal, and it answers alike twice.
metaStoreOracle("memory", open, 50);
metaSearchOracle("memory", open, 500);
