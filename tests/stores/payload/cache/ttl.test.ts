import { describe, expect, test } from "vitest";
import { type CacheOptions, holdPayloads } from "../../../../src/stores/payload/cache/held-payloads.ts";
import { wholePayload } from "../../../../src/stores/payload/cache/payload-pieces.ts";
import { ttlCachedPayloadStore } from "../../../../src/stores/payload/cache/ttl.ts";
import { memoryPayloadStore } from "../../../../src/stores/payload/drivers/memory.ts";
import { payloadStoreSuite } from "../../../conformance/payload-store.suite.ts";
import { skippedWithoutS3 } from "../../../servers/s3.ts";
import { openS3PayloadStore } from "../s3-fixture.ts";
import { countedPayloadStore } from "./counted-payload-store.ts";

payloadStoreSuite("ttl cache over memory", async () => {
  const store = ttlCachedPayloadStore(memoryPayloadStore());
  return { store, [Symbol.asyncDispose]: () => store.close() };
});

const reason = await skippedWithoutS3();
describe.skipIf(reason !== "")(`on S3 ${reason}`, () => {
  payloadStoreSuite("ttl cache over s3", () => openS3PayloadStore({}, (store) => ttlCachedPayloadStore(store)));
});

const key = "hero/hero:1/1/w";
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

function cached(options: CacheOptions = {}) {
  const time = { ms: 0 };
  const medium = memoryPayloadStore();
  const counted = countedPayloadStore(medium);
  const store = ttlCachedPayloadStore(counted.store, { now: () => time.ms, ...options });
  return { time, medium, calls: counted.calls, store };
}

test.each([
  [3_600, undefined],
  [3_600, { isShortLived: false }],
  [60, { isShortLived: true }],
])("serves bytes for %d s where the reader says %j, then asks again", async (seconds, hint) => {
  const { store, calls, time, medium } = cached();
  await store.put(key, Buffer.from("bytes"));
  expect(textOf(await store.get(key, hint))).toBe("bytes");
  await medium.delete([key]);
  time.ms = seconds * 1_000 - 1;
  expect(textOf(await store.get(key, hint))).toBe("bytes");
  expect(calls()).toEqual(["get"]);
  time.ms = seconds * 1_000;
  expect(await store.get(key, hint)).toBeUndefined();
});

test("serves ranges out of the whole and out of parts, and asks for what is lacking only", async () => {
  const { store, calls } = cached();
  await store.put(key, Buffer.from("0123456789"));
  const read = async (...ranges: [number, number][]) =>
    (
      await store.getRanges(
        key,
        ranges.map(([start, end]) => ({ start, end })),
      )
    )?.map(textOf);
  expect(await read([0, 4], [6, 8])).toEqual(["0123", "67"]);
  expect(await read([1, 3], [4, 6], [6, 7])).toEqual(["12", "45", "6"]);
  expect(await read([0, 8])).toEqual(["01234567"]);
  expect(await read([7, 20])).toEqual(["789"]);
  expect(await read([7, 200], [100, 200])).toEqual(["789", ""]);
  expect(textOf(await store.get(key))).toBe("0123456789");
  expect(calls()).toEqual(["getRanges 2", "getRanges 1", "getRanges 1"]);
});

test("reads at the same time are one", async () => {
  const { store, calls } = cached();
  await store.put(key, Buffer.from("0123456789"));
  const range = [{ start: 1, end: 3 }];
  await Promise.all([1, 2, 3].flatMap(() => [store.get(key), store.getRanges(key, range)]));
  expect(calls()).toEqual(["get", "getRanges 1"]);
});

test("what this node deletes is gone at once, by key and by name, though a read was under way", async () => {
  for (const remove of ["by key", "by name"]) {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const store = ttlCachedPayloadStore(countedPayloadStore(memoryPayloadStore(), () => gate).store);
    await store.put(key, Buffer.from("bytes"));
    const early = store.get(key);
    await new Promise(setImmediate);
    await (remove === "by key" ? store.delete([key]) : store.deleteListed([store.nameOf(key)]));
    open();
    expect(textOf(await early)).toBe("bytes");
    expect(await store.get(key)).toBeUndefined();
  }
});

test("a payload that was looked for while it was written is found when it is", async () => {
  const { store } = cached();
  const early = store.get(key);
  await store.put(key, Buffer.from("bytes"));
  expect(textOf(await store.get(key))).toBe("bytes");
  await early;
});

test("keeps within its bytes, and nothing of more than a sixteenth of them", () => {
  const held = holdPayloads({ maxBytes: 160_000 });
  for (let index = 0; index < 100; index++) {
    held.set(`${index}`, wholePayload(Buffer.alloc(5_000)), {});
    expect(held.size).toBeLessThanOrEqual(160_000);
  }
  held.set("large", wholePayload(Buffer.alloc(20_000)), {});
  expect(held.get("large")).toBeUndefined();
  expect(held.get("99")).toBeDefined();
  expect(held.get("0")).toBeUndefined();
});

test.each([{ maxBytes: 0 }, { ttlSeconds: -1 }, { shortTtlSeconds: Number.NaN }])("refuses %j", (options) => {
  expect(() => ttlCachedPayloadStore(memoryPayloadStore(), options)).toThrow(/is a number above 0/);
});
