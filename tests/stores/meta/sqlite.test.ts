import { join } from "node:path";
import { sqliteMetaStore } from "../../../src/stores/meta/drivers/sqlite.ts";
import {
  metaNodesSuite,
  metaReplicaSuite,
  metaSearchOracle,
  metaStoreOracle,
  metaStoreSuite,
} from "../../conformance/meta-store.suite.ts";
import { qbSearchSuite } from "../../conformance/qb-search.suite.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

async function open() {
  const temporary = await temporaryDirectory();
  const file = join(temporary.path, "missing", "meta.db");
  const store = await sqliteMetaStore({ file });
  return {
    store,
    reopen: () => sqliteMetaStore({ file }),
    async [Symbol.asyncDispose]() {
      await store.close();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

metaStoreSuite("SQLite", open);
metaNodesSuite("SQLite", open);
metaReplicaSuite("SQLite", open);
metaStoreOracle("SQLite", open, 100);
metaSearchOracle("SQLite", open);
qbSearchSuite("SQLite", open);
