/** A user to whom permissions mean something: root may write everything, and tests mostly run as root in containers. */
import { chown, readdir } from "node:fs/promises";
import { join } from "node:path";

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

/** Where this process is root, `work` runs as nobody, who is given the folder and what is in it. What `work` loads must be loaded before. */
export async function asOrdinaryUser<T>(folder: string, work: () => Promise<T>): Promise<T> {
  if (!isRoot) return work();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const path of [folder, ...entries.map(({ parentPath, name }) => join(parentPath, name))]) {
    await chown(path, nobody, nobody);
  }
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
