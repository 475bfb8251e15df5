/** Run by disk-crash.test.ts: puts numbered payloads, 64 at a time, and prints the number of each that is stored. */
import { diskPayloadStore } from "../../../src/stores/payload/drivers/disk.ts";
import { contentOf, keyOf } from "./numbered-payload.ts";

const store = diskPayloadStore({ directory: process.argv[2] ?? "" });
let next = 0;

async function putForEver(): Promise<never> {
  for (;;) {
    const number = next++;
    await store.put(keyOf(number), contentOf(number));
    process.stdout.write(`${number}\n`);
  }
}

await Promise.all(Array.from({ length: 64 }, putForEver));
