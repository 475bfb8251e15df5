/**
 * The log that is written now: bytes are behind what is there, and flushed, when `append` resolves.
 *
 * A write that fails, as on a full disk, is cut off again, and the next may succeed. Where that fails too, or a flush does, nobody knows what is on the disk:
 * the system may have dropped the bytes and call the next flush a success. Then everything is refused until the file is read anew.
 */
import { open } from "node:fs/promises";
import { unavailable } from "../../../../base/durable-file.ts";
import { WeftError } from "../../../../base/errors.ts";

export interface LogFile {
  /** In bytes. */
  size(): number;
  /** @throws STORE_UNAVAILABLE: nothing of it is there, or it is unknown */
  append(bytes: Uint8Array): Promise<void>;
  /** Whether bytes can be written: tries it where the last time failed. @throws STORE_UNAVAILABLE */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** What is tried beyond the end, and cut off again. */
const trial = Buffer.alloc(4096);

/** A disk that does not answer for so long has failed. */
const patienceMs = 20_000;

/** @param size of what counts: what lies behind it is cut off */
export async function openLogFile(path: string, size: number): Promise<LogFile> {
  const file = await open(path, "a+");
  let end = size;
  /** The last write's, where it failed. */
  let failure: unknown;
  /** Whether the file ends at `end`. */
  let isKnown = true;

  /** Runs what leaves the end unknown where it fails. */
  async function sure(run: () => Promise<void>): Promise<void> {
    if (!isKnown) {
      const why = `${path}: a write has failed, and what is on the disk is unknown. Start again to read it anew.`;
      throw new WeftError("STORE_UNAVAILABLE", {}, new Error(why, { cause: failure }));
    }
    try {
      await inTime(run());
    } catch (error) {
      isKnown = false;
      failure = error;
      throw unavailable(error);
    }
  }

  async function cutOff(): Promise<void> {
    await file.truncate(end);
    await file.datasync();
  }

  async function write(bytes: Uint8Array): Promise<void> {
    let caught: unknown;
    await sure(async () => {
      caught = await file.writeFile(bytes).catch((error: unknown) => error);
      if (caught !== undefined) await cutOff();
    });
    failure = caught;
    if (caught !== undefined) throw unavailable(caught);
  }

  try {
    if ((await file.stat()).size > end) await sure(cutOff);
  } catch (error) {
    await file.close();
    throw unavailable(error);
  }

  return {
    size: () => end,
    async append(bytes) {
      await write(bytes);
      await sure(() => file.datasync());
      end += bytes.length;
    },
    async check() {
      if (failure === undefined) return;
      await write(trial);
      await sure(cutOff);
    },
    close: () => file.close(),
  };
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer from the disk within ${patienceMs} ms`)), patienceMs);
  });
  try {
    await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
