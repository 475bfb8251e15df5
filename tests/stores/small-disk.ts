/** A file system so small that a test can fill it: tmpfs, mounted for as long as the test wants it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "./temporary-directory.ts";

export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  /** Gives back what `fill` took. */
  free(): Promise<void>;
}

// Who mounted it waits for us and unmounts, so that a test that is killed leaves nothing behind.
const mounting = `mount -t tmpfs -o "size=$2" weft-test "$1" || exit 1; echo mounted; cat > /dev/null; umount -l "$1"; rmdir "$1"`;

export async function smallDisk(mebibytes: number): Promise<SmallDisk> {
  const directory = await temporaryDirectory();
  const { path } = directory;
  const keeper = spawn("sh", ["-c", mounting, "sh", path, `${mebibytes}m`], { stdio: ["pipe", "pipe", "ignore"] });
  const exited = once(keeper, "exit");
  try {
    await Promise.race([
      once(keeper.stdout, "data"),
      exited.then(() => Promise.reject(new Error("Nothing is mounted."))),
    ]);
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
  const ballast = join(path, "ballast");
  return {
    path,
    async fill() {
      const file = await open(ballast, "a");
      try {
        for (const size of [1024 * 1024, 4096]) await writeUntilFull(file, Buffer.alloc(size));
      } finally {
        await file.close();
      }
    },
    free: () => rm(ballast),
    async [Symbol.asyncDispose]() {
      keeper.stdin.end();
      await exited;
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function writeUntilFull(file: Awaited<ReturnType<typeof open>>, bytes: Buffer): Promise<void> {
  for (;;) {
    try {
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length) return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") return;
      throw error;
    }
  }
}

/** For the title of what cannot run where nothing may be mounted: why it is skipped; "" where it can. */
export async function skippedWithoutMounts(): Promise<string> {
  return smallDisk(1).then(
    async (disk) => {
      await disk[Symbol.asyncDispose]();
      return "";
    },
    () => "(skipped: this process may not mount a file system)",
  );
}
