/** Commits to one PostgreSQL as fast as it can, eight commits at a time, until it is told to stop; says how many writes it made. */
import { createInterface } from "node:readline";
import { postgresMetaStore } from "../../../src/stores/meta/drivers/postgres.ts";
import type { HeadWrite } from "../../../src/stores/meta/meta-store.ts";
import { commitOf, createWrite, updateWrite } from "../../conformance/meta-fixtures.ts";

const [url = "", name = ""] = process.argv.slice(2);
const store = await postgresMetaStore({ url });
let isRunning = true;
let writes = 0;

async function write(worker: number): Promise<void> {
  for (let n = 0; isRunning; n++) {
    const created = [0, 1].map((i) => createWrite(name, `${name}:${process.pid}-${worker}-${n}-${i}`));
    await commit(...created.map((one) => one.write));
    for (const one of created) if (n % 3 === 0) await commit(updateWrite(one).write);
  }
}

async function commit(...made: readonly HeadWrite[]): Promise<void> {
  const outcome = await store.commit(commitOf(...made));
  if (!outcome.isCommitted) throw new Error("Nobody else writes these.");
  writes += made.length;
}

console.log("ready");
// Whoever started it ends without a word: so does it.
createInterface({ input: process.stdin })
  .once("close", () => isRunning && process.exit(1))
  .once("line", () => {
    isRunning = false;
  });
await Promise.all(Array.from({ length: 8 }, (_, worker) => write(worker)));
console.log(writes);
await store.close();
process.exit();
