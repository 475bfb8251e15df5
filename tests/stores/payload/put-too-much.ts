/** Run by disk-crash.test.ts under a limit on the size of files: puts more than that, and prints what came of it. */
import { WeftError } from "../../../src/base/errors.ts";
import { diskPayloadStore } from "../../../src/stores/payload/drivers/disk.ts";

const store = diskPayloadStore({ directory: process.argv[2] ?? "" });
const key = "hero/hero:1/1/w";
const error: unknown = await store.put(key, Buffer.alloc(100_000, 1)).catch((caught: unknown) => caught);
const isThere = (await store.get(key)) !== undefined;
await store.put(key, Buffer.alloc(1_000, 1));
const small = (await store.get(key))?.length === 1_000;
await store.close();

const cause = error instanceof WeftError ? (error.cause as NodeJS.ErrnoException).code : String(error);
console.log(JSON.stringify({ code: error instanceof WeftError && error.code, cause, isThere, small }));
