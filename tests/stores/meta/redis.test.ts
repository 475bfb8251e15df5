import { describe } from "vitest";
import { redisMetaStore } from "../../../src/stores/meta/drivers/redis.ts";
import {
  metaNodesSuite,
  metaReplicaSuite,
  metaSearchOracle,
  metaStoreOracle,
  metaStoreSuite,
} from "../../conformance/meta-store.suite.ts";
import { qbSearchSuite } from "../../conformance/qb-search.suite.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../../servers/redis.ts";

async function open() {
  const namespace = await freshRedisNamespace();
  const store = await redisMetaStore({ url: namespace.url });
  return {
    store,
    reopen: () => redisMetaStore({ url: namespace.url }),
    async [Symbol.asyncDispose]() {
      await store.close();
      await namespace[Symbol.asyncDispose]();
    },
  };
}

const skipped = await skippedWithoutRedis();

describe.skipIf(skipped !== "")(`on a server ${skipped}`, () => {
  metaStoreSuite("Redis", open);
  metaNodesSuite("Redis", open);
  metaReplicaSuite("Redis", open);
  metaStoreOracle("Redis", open, 100);
  metaSearchOracle("Redis", open);
  qbSearchSuite("Redis", open);
});
