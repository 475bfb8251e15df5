/** What every PayloadStore must do (src/stores/payload/payload-store.ts). */
import { describe, expect, test } from "vitest";
import type { ListedPayload, PayloadStore } from "../../src/stores/payload/payload-store.ts";

export interface OpenPayloadStore extends AsyncDisposable {
  readonly store: PayloadStore;
  /** A second store on the same medium, after a restart. Left out where nothing outlives the process. */
  readonly reopen?: () => Promise<PayloadStore>;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();
const numbered = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);

async function listed(store: PayloadStore): Promise<Map<string, ListedPayload>> {
  const found = new Map<string, ListedPayload>();
  for await (const one of store.list()) {
    expect(found.has(one.name)).toBe(false);
    found.set(one.name, one);
  }
  return found;
}

async function mapInTurns<T>(items: readonly T[], width: number, run: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await run(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

export function payloadStoreSuite(name: string, open: () => Promise<OpenPayloadStore>): void {
  describe(`payload store: ${name}`, () => {
    test("gives back the bytes that were put, from nothing to 200 kB", async () => {
      await using opened = await open();
      const { store } = opened;
      for (const size of [0, 1, 4_095, 65_536, 65_537, 200_000]) {
        await store.put(`hero/hero:1/${size}/w`, numbered.subarray(0, size));
        const bytes = await store.get(`hero/hero:1/${size}/w`);
        expect(bytes?.length).toBe(size);
        expect(Buffer.compare(bytes ?? bytesOf("missing"), numbered.subarray(0, size))).toBe(0);
      }
    });

    test("answers undefined for a missing key, whole and in ranges", async () => {
      await using opened = await open();
      expect(await opened.store.get("hero/hero:1/1/w")).toBeUndefined();
      expect(await opened.store.getRanges("hero/hero:1/1/w", [{ start: 0, end: 1 }])).toBeUndefined();
    });

    test("reads ranges in the order asked, cut at the end of the payload", async () => {
      await using opened = await open();
      await opened.store.put("hero/hero:1/1/w", bytesOf("0123456789"));
      const ranges = [
        { start: 7, end: 9 },
        { start: 0, end: 3 },
        { start: 8, end: 100 },
        { start: 4, end: 4 },
        { start: 50, end: 60 },
      ];
      const parts = await opened.store.getRanges("hero/hero:1/1/w", ranges);
      expect(parts?.map(textOf)).toEqual(["78", "012", "89", "", ""]);
      expect(await opened.store.getRanges("hero/hero:1/1/w", [])).toEqual([]);
    });

    test("reads a range of more than 64 KiB", async () => {
      await using opened = await open();
      await opened.store.put("hero/hero:1/1/w", numbered);
      const parts = await opened.store.getRanges("hero/hero:1/1/w", [
        { start: 10, end: 150_000 },
        { start: 3, end: 5 },
      ]);
      expect(Buffer.compare(parts?.[0] ?? bytesOf(""), numbered.subarray(10, 150_000))).toBe(0);
      expect(parts?.[1] && [...parts[1]]).toEqual([3, 4]);
    });

    test("refuses a key that exists, and keeps what is there", async () => {
      await using opened = await open();
      await opened.store.put("hero/hero:1/1/w", bytesOf("first"));
      await expect(opened.store.put("hero/hero:1/1/w", bytesOf("second"))).rejects.toThrow();
      expect(textOf(await opened.store.get("hero/hero:1/1/w"))).toBe("first");
    });

    test("lets exactly one of many concurrent writers of one key win", async () => {
      await using opened = await open();
      const writers = Array.from({ length: 16 }, (_, index) =>
        opened.store.put("hero/hero:1/1/w", bytesOf(`${index}`)),
      );
      const outcomes = await Promise.allSettled(writers);
      const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(textOf(await opened.store.get("hero/hero:1/1/w"))).toBe(`${winner}`);
    });

    test("keeps different keys apart, whatever their segments look like", async () => {
      await using opened = await open();
      const long = "x".repeat(256);
      const keys = [
        "a/b/1/w",
        "A/b/1/w",
        "a/B/1/w",
        "a/../1/w",
        "../../1/w",
        "a/b~/1/w",
        "a/b:1/w",
        "a/b/1:w",
        "./b/1/w",
      ];
      keys.push("a-b-1-w", "a_b_1_w", `${long}/${long}/1/w`, `${long}/${long}/1/v`);
      for (const key of keys) await opened.store.put(key, bytesOf(key));
      for (const key of keys) expect(textOf(await opened.store.get(key))).toBe(key);
    });

    test("stores 128 payloads at once", async () => {
      await using opened = await open();
      const keys = Array.from({ length: 128 }, (_, index) => `hero/hero:${index}/1/w`);
      await Promise.all(keys.map((key) => opened.store.put(key, bytesOf(key))));
      expect((await Promise.all(keys.map((key) => opened.store.get(key)))).map(textOf)).toEqual(keys);
    });

    test("deletes for good; missing keys are no error", async () => {
      await using opened = await open();
      await opened.store.put("hero/hero:1/1/w", bytesOf("a"));
      await opened.store.put("hero/hero:1/2/w", bytesOf("b"));
      await opened.store.delete(["hero/hero:1/1/w", "hero/hero:1/9/w"]);
      await opened.store.delete([]);
      expect(await opened.store.get("hero/hero:1/1/w")).toBeUndefined();
      expect(textOf(await opened.store.get("hero/hero:1/2/w"))).toBe("b");
    });

    test("lists every payload under the name of its key, with its size and the time of its writing", async () => {
      await using opened = await open();
      const { store } = opened;
      expect(await listed(store)).toEqual(new Map());
      const began = Date.now();
      const keys = ["hero/hero:1/1/w", "hero/../1/w", "Hero/hero:1/1/w", `${"x".repeat(256)}/${"y".repeat(256)}~/1/w`];
      for (const [index, key] of keys.entries()) await store.put(key, numbered.subarray(0, index * 100));
      const found = await listed(store);
      expect([...found.keys()].sort()).toEqual(keys.map(store.nameOf).sort());
      for (const [index, key] of keys.entries()) {
        const one = found.get(store.nameOf(key));
        expect(one?.size).toBe(index * 100);
        // Media round times, and a server has a clock of its own.
        expect(Math.abs((one?.writtenTime.getTime() ?? 0) - began)).toBeLessThan(60_000);
      }
    });

    test("lists more payloads than fit one page of any medium", async () => {
      await using opened = await open();
      const { store } = opened;
      const keys = Array.from({ length: 1_050 }, (_, index) => `hero/hero:${index}/1/w`);
      await mapInTurns(keys, 32, (key) => store.put(key, bytesOf(key)));
      expect([...(await listed(store)).keys()].sort()).toEqual(keys.map(store.nameOf).sort());
      await store.deleteListed([...(await listed(store)).keys()]);
      expect(await listed(store)).toEqual(new Map());
    });

    test("deletes by listed names, for good; missing ones are no error", async () => {
      await using opened = await open();
      const { store } = opened;
      const kept = "hero/hero:1/1/w";
      const removed = "hero/../1~/w";
      for (const key of [kept, removed]) await store.put(key, bytesOf(key));
      await store.deleteListed([store.nameOf(removed), store.nameOf("hero/hero:9/1/w")]);
      await store.deleteListed([]);
      expect(await store.get(removed)).toBeUndefined();
      expect(textOf(await store.get(kept))).toBe(kept);
      expect([...(await listed(store)).keys()]).toEqual([store.nameOf(kept)]);
    });

    test("a validator stays while the bytes do, and goes with them", async ({ skip }) => {
      await using opened = await open();
      const { store } = opened;
      if (!store.validator) return skip("the store has no validators");
      expect(await store.validator("hero/hero:1/1/w")).toBeUndefined();
      await store.put("hero/hero:1/1/w", bytesOf("first"));
      const validator = await store.validator("hero/hero:1/1/w");
      expect(validator).toMatch(/./);
      expect(await store.validator("hero/hero:1/1/w")).toBe(validator);
      await store.delete(["hero/hero:1/1/w"]);
      expect(await store.validator("hero/hero:1/1/w")).toBeUndefined();
    });

    test("reads the same with every hint", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.put("hero/hero:1/1/w", bytesOf("0123456789"));
      for (const isShortLived of [true, false, true]) {
        const parts = await store.getRanges("hero/hero:1/1/w", [{ start: 2, end: 4 }], { isShortLived });
        expect(parts?.map(textOf)).toEqual(["23"]);
        expect(textOf(await store.get("hero/hero:1/1/w", { isShortLived }))).toBe("0123456789");
      }
    });

    test("many concurrent reads of one payload, whole and in ranges, agree", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.put("hero/hero:1/1/w", numbered);
      const readers = Array.from({ length: 24 }, async (_, index) => {
        const start = index * 7_001;
        const [part] = (await store.getRanges("hero/hero:1/1/w", [{ start, end: start + 90_000 }])) ?? [];
        const whole = await store.get("hero/hero:1/1/w");
        expect(Buffer.compare(part ?? bytesOf(""), numbered.subarray(start, start + 90_000))).toBe(0);
        expect(Buffer.compare(whole ?? bytesOf(""), numbered)).toBe(0);
      });
      await Promise.all(readers);
    });

    test("answers a ping while it is open, and STORE_UNAVAILABLE once it is closed", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.ping();
      const last = store.put("hero/hero:1/1/w", bytesOf("a"));
      await store.close();
      await store.close();
      await last;
      const calls = [
        store.ping(),
        store.get("hero/hero:1/1/w"),
        store.getRanges("hero/hero:1/1/w", []),
        store.put("hero/hero:1/2/w", bytesOf("b")),
        store.delete(["hero/hero:1/1/w"]),
        store.deleteListed([store.nameOf("hero/hero:1/1/w")]),
        listed(store),
      ];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    });

    test("finds everything after a restart", async ({ skip }) => {
      await using opened = await open();
      const { store, reopen } = opened;
      if (!reopen) return skip("nothing outlives the process");
      await store.put("hero/hero:1/1/w", bytesOf("kept"));
      await store.put("hero/hero:1/2/w", bytesOf("deleted"));
      await store.delete(["hero/hero:1/2/w"]);
      await store.close();
      const reopened = await reopen();
      expect(textOf(await reopened.get("hero/hero:1/1/w"))).toBe("kept");
      expect(await reopened.get("hero/hero:1/2/w")).toBeUndefined();
      await expect(reopened.put("hero/hero:1/1/w", bytesOf("again"))).rejects.toThrow();
      await reopened.close();
    });
  });
}
