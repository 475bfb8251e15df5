/**
 * What every store on a disk does when the disk is full, its folder may not be written, or not even be entered: STORE_UNAVAILABLE, nothing half
 * visible, what was there is there, and the same store goes on once the fault is over. Damaged files: each store's own tests.
 */
import { chmod, cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fate, type OpenSubject, type Subject, subjects } from "./disk-subjects.ts";
import { asOrdinaryUser } from "./ordinary-user.ts";
import { type SmallDisk, skippedWithoutMounts, smallDisk } from "./small-disk.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const skipped = await skippedWithoutMounts();
const unavailable = expect.objectContaining({ name: "WeftError", code: "STORE_UNAVAILABLE" });

interface Fault {
  begin(): Promise<void>;
  end(): Promise<void>;
}

async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return [
    folder,
    ...entries.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name)),
  ];
}

async function setModes(folder: string, mode: number): Promise<void> {
  for (const one of await foldersOf(folder)) await chmod(one, mode);
}

const readOnly = (folder: string): Fault => ({
  begin: () => setModes(folder, 0o555),
  end: () => setModes(folder, 0o755),
});

const lockedOut = (folder: string): Fault => ({
  begin: () => chmod(folder, 0o000),
  end: () => chmod(folder, 0o755),
});

const full = ({ fill, free }: Pick<SmallDisk, "fill" | "free">): Fault => ({ begin: fill, end: free });

/** Whether it was written. @throws what is not STORE_UNAVAILABLE */
async function isWritten(store: OpenSubject, number: number): Promise<boolean> {
  try {
    await store.write(number);
    return true;
  } catch (error) {
    expect(error).toEqual(unavailable);
    return false;
  }
}

/** What was there reads as it was, or the store says that it cannot; never is it missing. */
async function isReadable(store: OpenSubject, number: number): Promise<boolean> {
  try {
    expect(await store.has(number)).toBe(true);
    return true;
  } catch (error) {
    expect(error).toEqual(unavailable);
    return false;
  }
}

/** Until the store answers again by itself. */
async function whenBack(store: OpenSubject): Promise<void> {
  for (const giveUpAt = Date.now() + 5000; ; await sleep(100)) {
    const isBack = await store.ping().then(
      () => true,
      (error) => {
        if (Date.now() > giveUpAt) throw error;
        return false;
      },
    );
    if (isBack) return;
  }
}

interface Case {
  readonly subject: Subject;
  readonly folder: string;
  readonly fault: Fault;
  readonly fate: Fate;
  readonly isTold: boolean;
}

async function strike({ subject, folder, fault, fate, isTold }: Case): Promise<void> {
  const store = await subject.open(folder);
  await store.write(1);
  await fault.begin();
  const written: number[] = [1];
  try {
    for (const number of [2, 3, 4]) if (await isWritten(store, number)) written.push(number);
    if (fate !== "either") expect(written.length).toBe(fate === "done" ? 4 : 1);
    // Readiness tells the truth.
    if (isTold) await expect(store.ping()).rejects.toEqual(unavailable);
    await isReadable(store, 1);
  } finally {
    await fault.end();
  }
  await whenBack(store);
  await store.write(5);
  written.push(5);
  await store.close();
  await checkThatAllIsThere(subject, folder, written);
}

async function checkThatAllIsThere(subject: Subject, folder: string, written: readonly number[]): Promise<void> {
  const again = await subject.open(folder);
  const found: number[] = [];
  for (const number of [1, 2, 3, 4, 5]) if (await again.has(number)) found.push(number);
  expect(found).toEqual(written);
  await again.close();
  expect(await subject.leftovers(folder)).toEqual([]);
}

/** Opened while the fault lasts, and again by the same call when it is over. */
async function strikeAtStart({ subject, folder, fault }: Omit<Case, "fate" | "isTold">): Promise<void> {
  const before = await subject.open(folder);
  await before.write(1);
  await before.close();
  await fault.begin();
  const written = [1];
  try {
    const store = await subject.open(folder).catch((error: unknown) => {
      expect(error).toEqual(unavailable);
      return undefined;
    });
    if (subject.opensLazily) expect(store).toBeDefined();
    if (store) {
      if (await isWritten(store, 2)) written.push(2);
      await isReadable(store, 1);
      await store.close();
    }
  } finally {
    await fault.end();
  }
  const store = await subject.open(folder);
  await store.write(5);
  await store.close();
  await checkThatAllIsThere(subject, folder, [...written, 5]);
}

describe.for(Object.entries(subjects))("%s", ([, subject]) => {
  /** An empty one to copy: some take seconds to be made. Whatever is loaded on first use is loaded now. */
  let template: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    template = await temporaryDirectory();
    await (await subject.open(join(template.path, "store"))).close();
  });
  afterAll(() => template[Symbol.asyncDispose]());

  describe.for([
    ["a full disk", "whenFull"],
    ["a read-only folder", "whenReadOnly"],
    ["a folder of somebody else", "whenLockedOut"],
  ] as const)("and %s", ([, name]) => {
    const isFull = name === "whenFull";

    async function run(test: (part: { folder: string; fault: Fault }) => Promise<void>): Promise<void> {
      const disk = isFull ? await smallDisk(subject.mebibytes) : undefined;
      await using place = disk ?? (await temporaryDirectory());
      const folder = join(place.path, "store");
      await cp(template.path, place.path, { recursive: true });
      if (disk) return await test({ folder, fault: full(disk) });
      const fault = name === "whenReadOnly" ? readOnly(folder) : lockedOut(folder);
      await asOrdinaryUser(place.path, () => test({ folder, fault }));
    }

    const fate = subject[name];
    const isTold = fate === "refused" && (!isFull || subject.tellsWhenFull);
    const why = isFull ? skipped : "";
    const outcome = fate === "either" ? "is refused or done" : `is ${fate}`;
    it.skipIf(why !== "")(`while it is open: a write ${outcome}, and it goes on afterwards ${why}`, () =>
      run((part) => strike({ subject, ...part, fate, isTold })),
    );
    it.skipIf(why !== "")(`at its start: STORE_UNAVAILABLE or what is there, and all of it afterwards ${why}`, () =>
      run((part) => strikeAtStart({ subject, ...part })),
    );
  });
});
