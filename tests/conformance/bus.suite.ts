/** What every Bus must do (src/messaging/bus/bus.ts). Nodes are buses on the same broker; a local bus has one. */
import { describe, expect, test, vi } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { type Bus, silenceMs } from "../../src/messaging/bus/bus.ts";

export interface OpenBus extends AsyncDisposable {
  /** At least one; where there are several, what one publishes all hear. */
  readonly nodes: readonly [Bus, ...Bus[]];
  /** What listeners threw and the bus reported so far, on all nodes. */
  readonly reported: readonly unknown[];
}

/** For buses with a broker: on one of the test's own, since it is killed. */
export interface OutageBus extends OpenBus {
  readonly nodes: readonly [Bus, Bus, ...Bus[]];
  /** The broker is gone, with every connection. */
  goAway(): Promise<void>;
  /** It is there again, on the same address. */
  comeBack(): Promise<void>;
}

/** For buses with a broker: a node behind a proxy of the test's own. */
export interface CutBus extends OpenBus {
  /** From now on nothing comes through, either way, and no connection ends. */
  fallSilent(): Promise<void>;
  /** Every connection is reset, and none comes to stand. */
  cut(): Promise<void>;
  /** As at first. */
  mend(): Promise<void>;
}

/** A call answers in this time, come what may: well above a driver's own deadline. */
const inTimeMs = 12_000;

/** A subscription that remembers, and is known to be in force. */
async function hear(bus: Bus, topic: string): Promise<{ messages: Json[]; end(): void }> {
  const messages: Json[] = [];
  let isReady = false;
  const end = bus.subscribe(topic, (message) => {
    if (message === "ready?") isReady = true;
    else messages.push(message);
  });
  await vi.waitFor(
    async () => {
      if (isReady) return;
      await bus.publish(topic, "ready?");
      expect(isReady).toBe(true);
    },
    { timeout: 5000 },
  );
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

    test("answers a ping while it is open; once closed, STORE_UNAVAILABLE, and nobody hears, nor of a lost connection", async () => {
      await using opened = await open();
      const [bus] = opened.nodes;
      const { messages } = await hear(bus, "log");
      const changes: string[] = [];
      const ends = [
        bus.onReconnect(() => void changes.push("back")),
        bus.onDisconnect(() => void changes.push("lost")),
        bus.onDisconnect(() => void changes.push("lost")),
      ];
      await bus.ping();
      await bus.close();
      await bus.close();
      for (const end of ends) end();
      await expect(bus.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      await expect(bus.publish("log", 1)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      expect(messages).toEqual([]);
      expect(changes).toEqual([]);
    });
  });
}

/** What a node must know of its own connection. @param reason why it is skipped; "" where it is not */
export function busCutSuite(name: string, open: () => Promise<CutBus>, reason: string): void {
  describe.skipIf(reason !== "")(`bus cut off: ${name} ${reason}`, () => {
    test.each([
      ["is cut", "cut", 2000],
      ["falls silent", "fallSilent", silenceMs],
    ] as const)(
      "a node whose connection %s is told once, in time, and before it is told that it is back",
      async (_, fault, mostMs) => {
        await using opened = await open();
        const [bus] = opened.nodes;
        const { messages } = await hear(bus, "log");
        const changes: string[] = [];
        bus.onDisconnect(() => {
          changes.push("lost");
          throw new Error("of a listener");
        });
        bus.onDisconnect(() => void changes.push("lost"));
        bus.onReconnect(() => void changes.push("back"));
        for (let round = 1; round <= 2; round += 1) {
          changes.length = 0;
          const start = performance.now();
          await opened[fault]();
          await vi.waitFor(() => expect(changes).toEqual(["lost", "lost"]), { timeout: 30_000 });
          expect(performance.now() - start).toBeLessThan(mostMs);
          const late: string[] = [];
          const end = bus.onDisconnect(() => void late.push("lost"));
          expect(late).toEqual(["lost"]);
          end();
          expect(changes).toEqual(["lost", "lost"]);
          await opened.mend();
          await vi.waitFor(() => expect(changes).toEqual(["lost", "lost", "back"]), { timeout: 30_000 });
          await bus.publish("log", round);
          await vi.waitFor(() => expect(messages).toContain(round));
        }
        expect(opened.reported).toContainEqual(expect.objectContaining({ message: "of a listener" }));
        expect(opened.reported).toContainEqual(
          expect.objectContaining({
            message: expect.stringMatching(/^The connection of the bus to \w+ at .* is lost/),
          }),
        );
      },
    );
  });
}

/** What a bus with a broker must do while that is away, and after. @param reason why it is skipped; "" where it is not */
export function busOutageSuite(name: string, open: () => Promise<OutageBus>, reason: string): void {
  describe.skipIf(reason !== "")(`bus in outages: ${name} ${reason}`, () => {
    test("while the broker is away, calls answer STORE_UNAVAILABLE in time; then onReconnect fires on each node and all hear again", async () => {
      await using opened = await open();
      const [one, other] = opened.nodes;
      const heard = await hear(other, "log");
      for (let round = 1; round <= 2; round += 1) {
        const returned = opened.nodes.map(() => 0);
        const ends = opened.nodes.map((bus, index) =>
          bus.onReconnect(() => {
            returned[index] = (returned[index] ?? 0) + 1;
          }),
        );
        await opened.goAway();
        const start = performance.now();
        for (const call of [one.publish("log", "lost"), other.ping(), one.publish("new", 1)]) {
          await expect(call).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
        }
        expect(performance.now() - start).toBeLessThan(inTimeMs);
        const late = hearLater(one, `late ${round}`);
        await opened.comeBack();
        await vi.waitFor(() => expect(returned.every((times) => times > 0)).toBe(true), { timeout: 30_000 });
        await one.publish("log", round);
        await vi.waitFor(() => expect(heard.messages.at(-1)).toBe(round), { timeout: 5000 });
        await other.publish(`late ${round}`, round);
        await vi.waitFor(() => expect(late).toEqual([round]), { timeout: 5000 });
        await Promise.all(opened.nodes.map((bus) => bus.ping()));
        for (const end of ends) end();
      }
      expect(heard.messages).toEqual([1, 2]);
    });

    test("closes at once while the broker is away, and stays closed", async () => {
      await using opened = await open();
      const [bus] = opened.nodes;
      let returned = 0;
      bus.onReconnect(() => {
        returned += 1;
      });
      await opened.goAway();
      const start = performance.now();
      await bus.close();
      expect(performance.now() - start).toBeLessThan(3000);
      await opened.comeBack();
      await vi.waitFor(() => opened.nodes[1].ping(), { timeout: 30_000, interval: 200 });
      await expect(bus.publish("log", 1)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      expect(returned).toBe(0);
    });
  });
}

function hearLater(bus: Bus, topic: string): Json[] {
  const messages: Json[] = [];
  bus.subscribe(topic, (message) => messages.push(message));
  return messages;
}
