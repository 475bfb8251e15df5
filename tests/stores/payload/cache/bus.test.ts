import { describe, expect, test } from "vitest";
import { WeftError } from "../../../../src/base/errors.ts";
import type { Bus } from "../../../../src/messaging/bus/bus.ts";
import { localBus } from "../../../../src/messaging/bus/drivers/local.ts";
import { busCachedPayloadStore } from "../../../../src/stores/payload/cache/bus.ts";
import { memoryPayloadStore } from "../../../../src/stores/payload/drivers/memory.ts";
import { payloadStoreSuite } from "../../../conformance/payload-store.suite.ts";
import { skippedWithoutS3 } from "../../../servers/s3.ts";
import { openS3PayloadStore } from "../s3-fixture.ts";
import { countedPayloadStore } from "./counted-payload-store.ts";

payloadStoreSuite("bus cache over memory", async () => {
  const store = busCachedPayloadStore(memoryPayloadStore(), { bus: localBus() });
  return { store, [Symbol.asyncDispose]: () => store.close() };
});

const reason = await skippedWithoutS3();
describe.skipIf(reason !== "")(`on S3 ${reason}`, () => {
  const bus = localBus();
  payloadStoreSuite("bus cache over s3", () =>
    openS3PayloadStore({}, (store) => busCachedPayloadStore(store, { bus })),
  );
});

const key = "hero/hero:1/1/w";
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

/** The local bus, whose connection can be lost and come back. */
function failingBus() {
  const inner = localBus();
  const listeners = new Set<() => void>();
  const lossListeners = new Set<() => void>();
  let isAway = false;
  const bus: Bus = {
    ...inner,
    publish: async (topic, message) => {
      if (isAway) throw new WeftError("STORE_UNAVAILABLE");
      await inner.publish(topic, message);
    },
    onDisconnect(listener) {
      lossListeners.add(listener);
      return () => lossListeners.delete(listener);
    },
    onReconnect(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    bus,
    lose() {
      isAway = true;
      for (const listener of lossListeners) listener();
    },
    comeBack() {
      isAway = false;
      for (const listener of listeners) listener();
    },
    listeners: () => listeners.size + lossListeners.size,
  };
}

test("what one node deletes, by key and by name, every other one forgets", async () => {
  const bus = localBus();
  const medium = memoryPayloadStore();
  const [left, right] = [1, 2].map(() => busCachedPayloadStore(medium, { bus }));
  if (!left || !right) throw new Error("two were made");
  for (const remove of [() => left.delete([key]), () => left.deleteListed([left.nameOf(key)])]) {
    await left.put(key, Buffer.from("bytes"));
    expect(textOf(await right.get(key))).toBe("bytes");
    expect((await right.getRanges(key, [{ start: 1, end: 3 }]))?.map(textOf)).toEqual(["yt"]);
    await remove();
    expect(await right.get(key)).toBeUndefined();
    expect(await right.getRanges(key, [{ start: 1, end: 3 }])).toBeUndefined();
  }
});

test("a read that runs while a deletion is heard is not kept", async () => {
  const bus = localBus();
  const medium = memoryPayloadStore();
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reader = busCachedPayloadStore(countedPayloadStore(medium, () => gate).store, { bus });
  const deleter = busCachedPayloadStore(medium, { bus });
  await medium.put(key, Buffer.from("bytes"));
  const early = reader.get(key);
  await new Promise(setImmediate);
  await deleter.delete([key]);
  await new Promise(setImmediate);
  open();
  expect(textOf(await early)).toBe("bytes");
  expect(await reader.get(key)).toBeUndefined();
});

test("bytes are kept for long, and asked for once", async () => {
  const { store: inner, calls } = countedPayloadStore(memoryPayloadStore());
  const time = { ms: 0 };
  const store = busCachedPayloadStore(inner, { bus: localBus(), now: () => time.ms });
  await store.put(key, Buffer.from("bytes"));
  for (time.ms = 0; time.ms < 3_600_000; time.ms += 600_000) await store.get(key);
  expect(calls()).toEqual(["get"]);
  await store.get(key);
  expect(calls()).toEqual(["get"]);
});

test("a node that lost its connection forgets everything, serves nothing from memory until it is back, and then again", async () => {
  const { store: medium, calls } = countedPayloadStore(memoryPayloadStore());
  const network = failingBus();
  const store = busCachedPayloadStore(medium, { bus: network.bus });
  await store.put(key, Buffer.from("bytes"));
  await store.get(key);
  // Another node's, whose message this one never hears.
  await medium.delete([key]);
  expect(textOf(await store.get(key))).toBe("bytes");
  network.lose();
  expect(await store.get(key)).toBeUndefined();
  await medium.put(key, Buffer.from("bytes"));
  calls();
  for (let i = 0; i < 3; i++) {
    expect(textOf(await store.get(key))).toBe("bytes");
    expect((await store.getRanges(key, [{ start: 1, end: 3 }]))?.map(textOf)).toEqual(["yt"]);
  }
  expect(calls()).toEqual(Array.from({ length: 3 }, () => ["get", "getRanges 1"]).flat());
  network.comeBack();
  await new Promise(setImmediate);
  for (let i = 0; i < 3; i++) expect(textOf(await store.get(key))).toBe("bytes");
  expect(calls()).toEqual(["get"]);
});

test("keeps nothing until it has heard itself: a broker may refuse the subscription, or take its time", async () => {
  const { store: medium, calls } = countedPayloadStore(memoryPayloadStore());
  const bus = localBus();
  let isDeaf = true;
  const subscribe: Bus["subscribe"] = (topic, listener) =>
    bus.subscribe(topic, (message) => void (isDeaf || listener(message)));
  const store = busCachedPayloadStore(medium, { bus: { ...bus, subscribe } });
  await store.put(key, Buffer.from("bytes"));
  for (let i = 0; i < 3; i++) await store.get(key);
  expect(calls()).toEqual(["get", "get", "get"]);
  isDeaf = false;
  const heard = async () => {
    calls();
    await store.get(key);
    return calls().length;
  };
  await expect.poll(heard).toBe(0);
  await store.close();
});

test("reads that go through much neither come from memory nor stay there", async () => {
  const { store: medium, calls } = countedPayloadStore(memoryPayloadStore());
  const store = busCachedPayloadStore(medium, { bus: localBus() });
  await store.put(key, Buffer.from("bytes"));
  const hint = { isOnce: true };
  for (let i = 0; i < 2; i++) expect(textOf(await store.get(key, hint))).toBe("bytes");
  for (let i = 0; i < 2; i++) await store.getRanges(key, [{ start: 1, end: 3 }], hint);
  expect(calls()).toEqual(["get", "get", "getRanges 1", "getRanges 1"]);
  for (let i = 0; i < 2; i++) await store.get(key);
  expect(calls()).toEqual(["get"]);
  await store.get(key, hint);
  expect(calls()).toEqual(["get"]);
});

test.each([3, 30_000])("%d deletions made while the broker is away are heard of when it is back", async (count) => {
  const medium = memoryPayloadStore();
  const network = failingBus();
  const deleter = busCachedPayloadStore(medium, { bus: network.bus });
  // This one keeps its connection: only the deleting node has lost its own.
  const reader = busCachedPayloadStore(medium, { bus: { ...network.bus, onDisconnect: () => () => {} } });
  const keys = Array.from({ length: count }, (_, index) => `hero/hero:${index}/1/w`);
  for (const one of keys) await medium.put(one, Buffer.from("bytes"));
  const read = [keys[0], keys.at(-1)].map((one) => one ?? "");
  for (const one of read) await reader.get(one);
  network.lose();
  await deleter.delete(keys);
  for (const one of read) expect(textOf(await reader.get(one))).toBe("bytes");
  network.comeBack();
  for (const one of read) await expect.poll(() => reader.get(one)).toBeUndefined();
  await deleter.close();
  await reader.close();
});

test("nothing listens once it is closed, and the bus stays open", async () => {
  const network = failingBus();
  const store = busCachedPayloadStore(memoryPayloadStore(), { bus: network.bus });
  expect(network.listeners()).toBe(2);
  await store.close();
  expect(network.listeners()).toBe(0);
  await network.bus.ping();
});
