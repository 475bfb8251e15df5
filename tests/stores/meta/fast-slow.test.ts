import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import { memoryJournal } from "../../../src/stores/meta/drivers/memory-journal.ts";
import { fastSlowMetaStore } from "../../../src/stores/meta/fast-slow/fast-slow.ts";
import { isReplica } from "../../../src/stores/meta/meta-replica.ts";
import { metaSearchOracle, metaStoreOracle, metaStoreSuite } from "../../conformance/meta-store.suite.ts";

async function open() {
  const slow = memoryMetaStore();
  if (!isReplica(slow)) throw new Error("the memory store is no replica");
  const store = await fastSlowMetaStore({ fast: memoryJournal(), slow });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

metaStoreSuite("memory before memory", open);
metaStoreOracle("memory before memory", open, 50);
metaSearchOracle("memory before memory", open, 500);
