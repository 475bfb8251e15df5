import { describe } from "vitest";
import { postgresMetaStore } from "../../../src/stores/meta/drivers/postgres.ts";
import { metaStoreOracle, metaStoreSuite } from "../../conformance/meta-store.suite.ts";
import { freshDatabase, postgresUrl } from "../../servers/postgres.ts";

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

// Where there is no server, the run's first lines say why.
describe.skipIf((await postgresUrl()) === null)("on a server", () => {
  metaStoreSuite("PostgreSQL", open);
  metaStoreOracle("PostgreSQL", open, 100);
});
