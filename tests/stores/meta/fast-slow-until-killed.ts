/**
 * Run by fast-slow-servers.test.ts: 16 writers that create, update and purge, and print the etag and the seq of each write once it is acknowledged. One whose
 * outcome is not known is left, with its resource.
 */
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { WeftError } from "../../../src/base/errors.ts";
import type { HeadWrite } from "../../../src/stores/meta/meta-store.ts";
import { commitOf, createWrite, purgeWrite, updateWrite } from "../../conformance/meta-fixtures.ts";
import { openServers } from "./fast-slow-on-servers.ts";

const [redisUrl = "", postgresUrl = ""] = process.argv.slice(2);
const store = await openServers(redisUrl, postgresUrl);

/** @returns false where its outcome is not known */
async function commit(write: HeadWrite): Promise<boolean> {
  try {
    const outcome = await store.commit(commitOf(write));
    if (!outcome.isCommitted) throw new Error("Nobody else writes these.");
    writeSync(1, `${write.resourceId} ${write.head?.etag ?? "purged"} ${outcome.changes[0]?.seq}\n`);
    return true;
  } catch (error) {
    if (!(error instanceof WeftError) || error.code !== "STORE_UNAVAILABLE") throw error;
    await sleep(20);
    return false;
  }
}

async function write(worker: number): Promise<never> {
  for (let n = 0; ; n++) {
    const created = createWrite("a", `a:${process.pid}-${worker}-${n}`, {
      indexedData: { title: "x".repeat(n % 999) },
    });
    if (!(await commit(created.write))) continue;
    const updated = updateWrite(created);
    if (!(await commit(updated.write))) continue;
    if (n % 5 === 0) await commit(purgeWrite(updated));
  }
}

await Promise.all(Array.from({ length: 16 }, (_, worker) => write(worker)));
