import { join } from "node:path";
import { pgliteMetaStore } from "../../../src/stores/meta/drivers/pglite.ts";
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
  const directory = join(temporary.path, "missing", "meta");
  const store = await pgliteMetaStore({ directory });
  return {
    store,
    reopen: () => pgliteMetaStore({ directory }),
    async [Symbol.asyncDispose]() {
      await store.close();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

metaStoreSuite("PGlite", open);
metaReplicaSuite("PGlite", open);
metaStoreOracle("PGlite", open, 40);
metaSearchOracle("PGlite", open);
qbSearchSuite("PGlite", open);
