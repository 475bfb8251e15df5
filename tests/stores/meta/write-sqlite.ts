/** Run by sqlite-shared.test.ts, several at once on one file: 50 resources of its own, and 50 revisions of one that all share. */
import { sqliteMetaStore } from "../../../src/stores/meta/drivers/sqlite.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { commitOf, createWrite, updateWrite } from "../../conformance/meta-fixtures.ts";

const [file = "", name = ""] = process.argv.slice(2);
const store = await sqliteMetaStore({ file });
await store.commit(commitOf(createWrite("shared", "shared:1").write));
for (let n = 0; n < 50; n++) {
  const outcome = await store.commit(commitOf(createWrite("own", `own:${name}-${n}`).write));
  if (!outcome.isCommitted) throw new Error("Nobody else writes these.");
  while (!(await revise(store))) await new Promise(setImmediate);
}
await store.close();
process.stdout.write("done");

async function revise({ heads, revisions, commit }: MetaStore): Promise<boolean> {
  const [head] = await heads(["shared:1"]);
  const [revision] = await revisions([head?.currentRevisionId ?? ""]);
  if (head === undefined || revision === undefined) throw new Error("lost");
  return (await commit(commitOf(updateWrite({ head, revision }).write))).isCommitted;
}
