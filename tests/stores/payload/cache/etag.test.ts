import { describe, expect, test } from "vitest";
import { etagCachedPayloadStore } from "../../../../src/stores/payload/cache/etag.ts";
import { memoryPayloadStore } from "../../../../src/stores/payload/drivers/memory.ts";
import { payloadStoreSuite } from "../../../conformance/payload-store.suite.ts";
import { skippedWithoutS3 } from "../../../servers/s3.ts";
import { openS3PayloadStore } from "../s3-fixture.ts";
import { countedPayloadStore } from "./counted-payload-store.ts";

payloadStoreSuite("etag cache over memory", async () => {
  const store = etagCachedPayloadStore(memoryPayloadStore());
  return { store, [Symbol.asyncDispose]: () => store.close() };
});

const reason = await skippedWithoutS3();
const key = "hero/hero:1/1/w";
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

describe.skipIf(reason !== "")(`on S3 ${reason}`, () => {
  payloadStoreSuite("etag cache over s3", () => openS3PayloadStore({}, (store) => etagCachedPayloadStore(store)));

  test("bytes that another node replaced or deleted are seen by the next read", async () => {
    await using opened = await openS3PayloadStore({}, (store) => etagCachedPayloadStore(store));
    const other = await opened.reopen();
    for (const text of ["first", "second"]) {
      await other.put(key, Buffer.from(text));
      for (const store of [opened.store, other]) expect(textOf(await store.get(key))).toBe(text);
      await other.delete([key]);
      expect(await opened.store.get(key)).toBeUndefined();
    }
    await other.close();
  });
});

test("asks for the validator each time, and for bytes where it is another one", async () => {
  const medium = memoryPayloadStore();
  const { store: inner, calls } = countedPayloadStore(medium);
  const store = etagCachedPayloadStore(inner);
  await medium.put(key, Buffer.from("first"));
  expect(textOf(await store.get(key))).toBe("first");
  expect(textOf(await store.get(key))).toBe("first");
  expect((await store.getRanges(key, [{ start: 1, end: 3 }]))?.map(textOf)).toEqual(["ir"]);
  expect(calls()).toEqual(["validator", "get", "validator", "validator"]);
  await medium.delete([key]);
  await medium.put(key, Buffer.from("other"));
  expect((await store.getRanges(key, [{ start: 1, end: 3 }]))?.map(textOf)).toEqual(["th"]);
  expect(textOf(await store.get(key))).toBe("other");
  expect(calls()).toEqual(["validator", "getRanges 1", "validator", "get"]);
  await medium.delete([key]);
  expect(await store.get(key)).toBeUndefined();
  expect(await store.getRanges(key, [{ start: 1, end: 3 }])).toBeUndefined();
  expect(calls()).toEqual(["validator", "validator"]);
});

test("refuses a store without validators", () => {
  const { validator: _validator, ...without } = memoryPayloadStore();
  expect(() => etagCachedPayloadStore(without)).toThrow(/no validators: cache it by ttl or bus/);
});
