/** Run by fast-slow-close.test.ts: opens a store, writes, and ends without closing it. */
import { writeSync } from "node:fs";
import { seed } from "../../conformance/meta-fixtures.ts";
import { memoryPair } from "./fast-slow-fixture.ts";

const store = await memoryPair().open();
await seed(store, "x", [{}, {}]);
writeSync(1, "written\n");
