/** Run by meta-kill.test.ts: 16 writers that create, update and purge, and print the etag of each write once it is acknowledged. */
import { writeSync } from "node:fs";
import type { HeadWrite } from "../../../src/stores/meta/meta-store.ts";
import { commitOf, createWrite, purgeWrite, updateWrite } from "../../conformance/meta-fixtures.ts";
import { opened } from "./opened-by-name.ts";

const [name = "", path = ""] = process.argv.slice(2);
const store = await opened(name, path);

async function commit(write: HeadWrite): Promise<void> {
  const outcome = await store.commit(commitOf(write));
  if (!outcome.isCommitted) throw new Error("Nobody else writes these.");
  writeSync(1, `${write.resourceId} ${write.head?.etag ?? "purged"}\n`);
}

async function write(worker: number): Promise<never> {
  for (let n = 0; ; n++) {
    const created = createWrite("a", `a:${process.pid}-${worker}-${n}`, {
      indexedData: { title: "x".repeat(n % 999) },
    });
    await commit(created.write);
    const updated = updateWrite(created);
    await commit(updated.write);
    if (n % 5 === 0) await commit(purgeWrite(updated));
  }
}

await Promise.all(Array.from({ length: 16 }, (_, worker) => write(worker)));
