import { diskMetaStore } from "../../../src/stores/meta/drivers/disk.ts";
import { sqliteMetaStore } from "../../../src/stores/meta/drivers/sqlite.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";

/** The stores that live in a file or folder, with settings that bring their rare moments about often. */
export async function opened(name: string, path: string): Promise<MetaStore> {
  if (name === "disk") return diskMetaStore({ directory: path, maxLogBytes: 100_000, eraseAfterMs: 20 });
  if (name === "sqlite") return sqliteMetaStore({ file: path });
  throw new TypeError(`There is no store "${name}" here`);
}
