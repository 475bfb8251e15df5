import { describe } from "vitest";
import { postgresMetaStore } from "../../../src/stores/meta/drivers/postgres.ts";
import {
  metaNodesSuite,
  metaReplicaSuite,
  metaSearchOracle,
  metaStoreOracle,
  metaStoreSuite,
} from "../../conformance/meta-store.suite.ts";
import { qbSearchSuite } from "../../conformance/qb-search.suite.ts";
import { freshDatabase, skippedWithoutPostgres } from "../../servers/postgres.ts";

async function open() {
  const database = await freshDatabase();
  const store = await postgresMetaStore({ url: database.url });
  return {
    store,
    reopen: () => postgresMetaStore({ url: database.url }),
    async [Symbol.asyncDispose]() {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

const skipped = await skippedWithoutPostgres();

describe.skipIf(skipped !== "")(`on a server ${skipped}`, () => {
  metaStoreSuite("PostgreSQL", open);
  metaNodesSuite("PostgreSQL", open);
  metaReplicaSuite("PostgreSQL", open);
  metaStoreOracle("PostgreSQL", open, 100);
  metaSearchOracle("PostgreSQL", open);
  qbSearchSuite("PostgreSQL", open);
});
