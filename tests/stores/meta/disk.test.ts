import { join } from "node:path";
import { diskMetaStore } from "../../../src/stores/meta/drivers/disk.ts";
import {
  metaReplicaSuite,
  metaSearchOracle,
  metaStoreOracle,
  metaStoreSuite,
} from "../../conformance/meta-store.suite.ts";
import { qbSearchSuite } from "../../conformance/qb-search.suite.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

async function open() {
  const temporary = await temporaryDirectory();
  // So small that many snapshots are made meanwhile.
  const options = { directory: join(temporary.path, "missing", "meta"), maxLogBytes: 100_000, eraseAfterMs: 20 };
  const store = await diskMetaStore(options);
  return {
    store,
    reopen: () => diskMetaStore(options),
    async [Symbol.asyncDispose]() {
      await store.close();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

metaStoreSuite("disk", open);
metaReplicaSuite("disk", open);
metaStoreOracle("disk", open, 100);
metaSearchOracle("disk", open, 500);
qbSearchSuite("disk", open);
