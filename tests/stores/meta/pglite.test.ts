import { join } from "node:path";
import { pgliteMetaStore } from "../../../src/stores/meta/drivers/pglite.ts";
import { metaStoreOracle, metaStoreSuite } from "../../conformance/meta-store.suite.ts";
import { scratchDirectory } from "../../servers/scratch-directory.ts";

async function open() {
  const scratch = await scratchDirectory();
  const directory = join(scratch.path, "missing", "meta");
  const store = await pgliteMetaStore({ directory });
  return {
    store,
    reopen: () => pgliteMetaStore({ directory }),
    async [Symbol.asyncDispose]() {
      await store.close();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

metaStoreSuite("PGlite", open);
metaStoreOracle("PGlite", open, 40);
