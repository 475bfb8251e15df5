/** Run under a limit on the size of files (run-commit-too-much.ts): commits more than that, and prints what came of it. */
import { WeftError } from "../../../src/base/errors.ts";
import { commitAll, createWrite } from "../../conformance/meta-fixtures.ts";
import { opened } from "./opened-by-name.ts";

const [name = "", path = "", limit = ""] = process.argv.slice(2);
const store = await opened(name, path);
const codeOf = (error: unknown) => (error instanceof WeftError ? error.code : String(error));
const outcomeOf = (promise: Promise<unknown>) => promise.then(() => "well", codeOf);

await commitAll(store, createWrite("a", "a:1").write);
const large = createWrite("a", "a:2", { indexedData: { title: "x".repeat(3 * Number(limit)) } });
const error: unknown = await commitAll(store, large.write).catch((caught: unknown) => caught);
const seq = await store.lastSeq();
const isThere = (await store.heads(["a:2"]))[0] !== undefined;
const small = await outcomeOf(commitAll(store, createWrite("a", "a:3").write));
const ping = await outcomeOf(store.ping());
// Until there is less room than a page.
let filled = "well";
for (let n = 0; n < 100 && filled === "well"; n++) {
  const filler = createWrite("b", `b:${n}`, { indexedData: { title: "x".repeat(Number(limit) / 16) } });
  filled = await outcomeOf(commitAll(store, filler.write));
}
const pingWhenFull = await outcomeOf(store.ping());
await store.close();

const cause = error instanceof WeftError ? (error.cause as NodeJS.ErrnoException).code : String(error);
console.log(JSON.stringify({ code: codeOf(error), cause, seq, isThere, small, ping, filled, pingWhenFull }));
