/** What every Bus must do (src/messaging/bus/bus.ts). Nodes are buses on the same broker; a local bus has one. */
import { describe, expect, test, vi } from "vitest";
import type { Json } from "../../src/base/json.ts";
import type { Bus } from "../../src/messaging/bus/bus.ts";

export interface OpenBus extends AsyncDisposable {
  /** At least one; where there are several, what one publishes all hear. */
  readonly nodes: readonly [Bus, ...Bus[]];
  /** What listeners threw and the bus reported so far, on all nodes. */
  readonly reported: readonly unknown[];
}

/** A subscription that remembers, and is known to be in force. */
async function hear(bus: Bus, topic: string): Promise<{ messages: Json[]; end(): void }> {
  const messages: Json[] = [];
  let isReady = false;
  const end = bus.subscribe(topic, (message) => {
    if (message === "ready?") isReady = true;
    else messages.push(message);
  });
  await vi.waitFor(async () => {
    if (isReady) return;
    await bus.publish(topic, "ready?");
    expect(isReady).toBe(true);
  });
  return { messages, end };
}

export function busSuite(name: string, open: () => Promise<OpenBus>): void {
  describe(`bus: ${name}`, () => {
    test("every subscriber of the topic hears every message, on every node, in the publisher's order", async () => {
      await using opened = await open();
      const [publisher] = opened.nodes;
      const hearers = await Promise.all([...opened.nodes, publisher].map((bus) => hear(bus, "log")));
      const sent = Array.from({ length: 100 }, (_, index) => ({ seq: index }));
      for (const message of sent) await publisher.publish("log", message);
      for (const { messages } of hearers) await vi.waitFor(() => expect(messages).toEqual(sent));
    });

    test("carries any JSON value", async () => {
      await using opened = await open();
      const [bus] = opened.nodes;
      const { messages } = await hear(bus, "log");
      const sent: Json[] = [null, true, 0, -1.5, "", "日本 😀", [], {}, { a: [{ b: null }] }];
      for (const message of sent) await bus.publish("log", message);
      await vi.waitFor(() => expect(messages).toEqual(sent));
    });

    test("keeps topics apart", async () => {
      await using opened = await open();
      const [bus] = opened.nodes;
      const log = await hear(bus, "log");
      const other = await hear(bus, "log.other");
      await bus.publish("log.other", 1);
      await bus.publish("log", 2);
      await vi.waitFor(() => expect([log.messages, other.messages]).toEqual([[2], [1]]));
    });

    test("an ended subscription hears nothing more, and the others still do", async () => {
      await using opened = await open();
      const [bus] = opened.nodes;
      const ended = await hear(bus, "log");
      const kept = await hear(bus, "log");
      ended.end();
      ended.end();
      await bus.publish("log", 1);
      await vi.waitFor(() => expect(kept.messages).toEqual([1]));
      expect(ended.messages).toEqual([]);
    });

    test("one function that subscribes twice hears twice, until each is ended", async () => {
      await using opened = await open();
      const [bus] = opened.nodes;
      const messages: Json[] = [];
      const listener = (message: Json) => messages.push(message);
      const ends = [bus.subscribe("log", listener), bus.subscribe("log", listener)];
      const witness = await hear(bus, "log");
      messages.length = 0;
      await bus.publish("log", 1);
      await vi.waitFor(() => expect(messages).toEqual([1, 1]));
      ends[0]?.();
      await bus.publish("log", 2);
      await vi.waitFor(() => expect(witness.messages).toEqual([1, 2]));
      expect(messages).toEqual([1, 1, 2]);
    });

    test("a listener that throws is reported, and silences neither the others nor itself", async () => {
      await using opened = await open();
      const [bus] = opened.nodes;
      const failure = new Error("listener failed");
      let calls = 0;
      bus.subscribe("log", () => {
        calls += 1;
        throw failure;
      });
      const { messages } = await hear(bus, "log");
      const before = calls;
      await bus.publish("log", 1);
      await bus.publish("log", 2);
      await vi.waitFor(() => expect(messages).toEqual([1, 2]));
      expect(calls - before).toBe(2);
      expect(opened.reported).toContain(failure);
    });

    test("publishing does not wait for listeners, nor run them in its own stack", async () => {
      await using opened = await open();
      const [bus] = opened.nodes;
      const { messages } = await hear(bus, "log");
      const published = bus.publish("log", 1);
      expect(messages).toEqual([]);
      await published;
      await vi.waitFor(() => expect(messages).toEqual([1]));
    });

    test("answers a ping while it is open; once closed, STORE_UNAVAILABLE, and nobody hears", async () => {
      await using opened = await open();
      const [bus] = opened.nodes;
      const { messages } = await hear(bus, "log");
      const end = bus.onReconnect(() => {});
      await bus.ping();
      await bus.close();
      await bus.close();
      end();
      await expect(bus.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      await expect(bus.publish("log", 1)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      expect(messages).toEqual([]);
    });
  });
}
