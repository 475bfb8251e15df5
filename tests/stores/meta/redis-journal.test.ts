import { describe } from "vitest";
import { redisJournal } from "../../../src/stores/meta/drivers/redis-journal.ts";
import { journalSuite } from "../../conformance/journal.suite.ts";
import { journalOracle } from "../../conformance/journal-oracle.suite.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../../servers/redis.ts";

async function open() {
  const namespace = await freshRedisNamespace();
  const [one, other] = await Promise.all([redisJournal({ url: namespace.url }), redisJournal({ url: namespace.url })]);
  return {
    nodes: [one, other] as const,
    async [Symbol.asyncDispose]() {
      await Promise.all([one.close(), other.close()]);
      await namespace[Symbol.asyncDispose]();
    },
  };
}

const skipped = await skippedWithoutRedis();

describe.skipIf(skipped !== "")(`on a server ${skipped}`, () => {
  journalSuite("Redis", "always", open);
  journalOracle("Redis", open, 30);
});
