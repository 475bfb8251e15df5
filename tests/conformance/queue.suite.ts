/** What every Queue must do (src/messaging/queue/queue.ts). Nodes are queues on the same broker; a local queue has one. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import type { Json } from "../../src/base/json.ts";
import type { Queue } from "../../src/messaging/queue/queue.ts";

export interface OpenQueue extends AsyncDisposable {
  /** At least one; where there are several, each takes what any sends. */
  readonly nodes: readonly [Queue, ...Queue[]];
  /** What handlers threw and the queue reported so far, on all nodes. */
  readonly reported: readonly unknown[];
}

const soon = { timeout: 15_000 };

/** A promise to be kept by hand. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

export function queueSuite(name: string, durability: Queue["durability"], open: () => Promise<OpenQueue>): void {
  describe(`queue: ${name}`, () => {
    test(`messages survive the ${durability}`, async () => {
      await using opened = await open();
      for (const queue of opened.nodes) expect(queue.durability).toBe(durability);
    });

    test("hands each message to one consumer, on whichever node, and leaves none", async () => {
      await using opened = await open();
      const handled: Json[][] = opened.nodes.map(() => []);
      const handlers = opened.nodes.map((queue, index) =>
        queue.consume("jobs", async (message) => void handled[index]?.push(message), { concurrency: 4 }),
      );
      await Promise.all(handlers);
      const [sender] = opened.nodes;
      const sent = Array.from({ length: 100 }, (_, index) => index);
      await Promise.all(sent.map((message) => sender.send("jobs", message)));
      await vi.waitFor(() => expect(handled.flat().length).toBe(sent.length), soon);
      expect(
        handled
          .flat()
          .map(Number)
          .sort((a, b) => a - b),
      ).toEqual(sent);
    });

    test("carries any JSON value, and says that each is handed out for the first time", async () => {
      await using opened = await open();
      const [queue] = opened.nodes;
      const handled: [Json, number][] = [];
      await queue.consume("jobs", async (...args) => void handled.push(args));
      const sent: Json[] = [null, true, 0, -1.5, "", "日本 😀\n", [], {}, { a: [{ b: null }] }];
      for (const message of sent) await queue.send("jobs", message);
      await vi.waitFor(() => expect(handled.length).toBe(sent.length), soon);
      expect(handled).toEqual(expect.arrayContaining(sent.map((message) => [message, 1])));
    });

    test("keeps topics apart", async () => {
      await using opened = await open();
      const [queue] = opened.nodes;
      const handled: string[] = [];
      for (const topic of ["jobs", "jobs.other"]) {
        await queue.consume(topic, async (message) => void handled.push(`${topic} ${message}`));
      }
      await queue.send("jobs.other", 1);
      await queue.send("jobs", 2);
      await vi.waitFor(() => expect(handled.sort()).toEqual(["jobs 2", "jobs.other 1"]), soon);
    });

    test("keeps what was sent before anybody consumed", async () => {
      await using opened = await open();
      const [queue] = opened.nodes;
      await queue.send("jobs", "early");
      const handled: Json[] = [];
      await queue.consume("jobs", async (message) => void handled.push(message));
      await vi.waitFor(() => expect(handled).toEqual(["early"]), soon);
    });

    for (const concurrency of [undefined, 3]) {
      test(`runs ${concurrency ?? "one, unless told otherwise,"} at once and never more`, async () => {
        await using opened = await open();
        const [queue] = opened.nodes;
        let [running, most, done] = [0, 0, 0];
        const handler = async () => {
          running += 1;
          most = Math.max(most, running);
          await sleep(20);
          running -= 1;
          done += 1;
        };
        for (let count = 0; count < 12; count += 1) await queue.send("jobs", count);
        await queue.consume("jobs", handler, concurrency === undefined ? {} : { concurrency });
        await vi.waitFor(() => expect(done).toBe(12), soon);
        expect(most).toBe(concurrency ?? 1);
      });
    }

    test("a message whose handler rejected comes again, later and later, counted, and holds up no other", async () => {
      await using opened = await open();
      const [queue] = opened.nodes;
      const failure = new Error("handler failed");
      const tries: { readonly delivery: number; readonly at: number }[] = [];
      const others: Json[] = [];
      await queue.consume("jobs", async (message, delivery) => {
        if (message !== "bad") return void others.push(message);
        tries.push({ delivery, at: performance.now() });
        if (delivery < 3) throw failure;
      });
      await queue.send("jobs", "bad");
      await queue.send("jobs", "good");
      await vi.waitFor(() => expect(others).toEqual(["good"]), { timeout: 900 });
      await vi.waitFor(() => expect(tries.length).toBe(3), soon);
      expect(tries.map(({ delivery }) => delivery)).toEqual([1, 2, 3]);
      const [first, second, third] = tries.map(({ at }) => at) as [number, number, number];
      expect(second - first).toBeGreaterThan(950);
      expect(third - second).toBeGreaterThan(1950);
      expect(opened.reported.filter((error) => error === failure).length).toBe(2);
      await sleep(500);
      expect(tries.length).toBe(3);
    });

    test("stop takes no more, waits for what runs, and leaves the rest to others", async () => {
      await using opened = await open();
      const [queue] = opened.nodes;
      const last = opened.nodes.at(-1) ?? queue;
      const { open: letGo, opened: released } = gate();
      const [started, finished, taken]: [Json[], Json[], Json[]] = [[], [], []];
      const consumer = await queue.consume("jobs", async (message) => {
        started.push(message);
        await released;
        finished.push(message);
      });
      for (const message of [1, 2, 3]) await queue.send("jobs", message);
      await vi.waitFor(() => expect(started.length).toBe(1), soon);
      let isStopped = false;
      const stopping = Promise.all([consumer.stop(), consumer.stop()]).then(() => {
        isStopped = true;
      });
      await sleep(100);
      expect(isStopped).toBe(false);
      letGo();
      await stopping;
      expect([started.length, finished.length]).toEqual([1, 1]);
      await last.consume("jobs", async (message) => void taken.push(message));
      await vi.waitFor(() => expect([...finished, ...taken].sort()).toEqual([1, 2, 3]), soon);
    });

    test("closing waits for handlers; then calls answer STORE_UNAVAILABLE, and closing again is nothing", async () => {
      await using opened = await open();
      const [queue] = opened.nodes;
      await queue.ping();
      const { open: letGo, opened: released } = gate();
      let [isStarted, isFinished] = [false, false];
      await queue.consume("jobs", async () => {
        isStarted = true;
        await released;
        isFinished = true;
      });
      await queue.send("jobs", 1);
      await vi.waitFor(() => expect(isStarted).toBe(true), soon);
      const closing = queue.close();
      setTimeout(letGo, 50);
      await closing;
      expect(isFinished).toBe(true);
      await queue.close();
      for (const call of [queue.ping(), queue.send("jobs", 1), queue.consume("jobs", async () => undefined)]) {
        await expect(call).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      }
    });

    test("refuses a concurrency that is no positive integer", async () => {
      await using opened = await open();
      const [queue] = opened.nodes;
      for (const concurrency of [0, -1, 1.5, Number.NaN]) {
        const consuming = queue.consume("jobs", async () => undefined, { concurrency });
        await expect(consuming).rejects.toThrow("concurrency must be a positive integer");
      }
    });
  });
}

/** For queues with a broker: on one of the test's own, since it is killed. */
export interface OutageQueue extends OpenQueue {
  readonly nodes: readonly [Queue, Queue, ...Queue[]];
  /** The broker is gone, with every connection. */
  goAway(): Promise<void>;
  /** It is there again, on the same address, with its files. */
  comeBack(): Promise<void>;
  /** The first node alone loses the broker, as if its machine had died. */
  isolateFirst(): Promise<void>;
}

/** What a queue with a broker must do while that is away, and after. @param reason why it is skipped; "" where it is not */
export function queueOutageSuite(name: string, open: () => Promise<OutageQueue>, reason: string): void {
  describe.skipIf(reason !== "")(`queue in outages: ${name} ${reason}`, () => {
    test("over two kills of the broker, every message that was acknowledged is handled, by consumers that return by themselves", async () => {
      await using opened = await open();
      const [sender, taker] = opened.nodes;
      const handled = new Set<Json>();
      const acknowledged: number[] = [];
      let refused = 0;
      for (const queue of [sender, taker]) {
        const handler = async (message: Json) => {
          await sleep(2);
          handled.add(message);
        };
        await queue.consume("jobs", handler, { concurrency: 4 });
      }
      let isOver = false;
      const sending = async (lane: number) => {
        for (let message = lane; !isOver; message += 4) {
          await sender.send("jobs", message).then(
            () => acknowledged.push(message),
            (error) => {
              expect(error).toMatchObject({ code: "STORE_UNAVAILABLE" });
              refused += 1;
            },
          );
          await sleep(1);
        }
      };
      const lanes = Promise.all([0, 1, 2, 3].map(sending));
      for (let round = 1; round <= 2; round += 1) {
        const before = acknowledged.length;
        await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(before + 100), { timeout: 30_000 });
        await opened.goAway();
        await opened.comeBack();
      }
      const before = acknowledged.length;
      await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(before + 100), { timeout: 30_000 });
      isOver = true;
      await lanes;
      const missing = () => acknowledged.filter((message) => !handled.has(message));
      await vi.waitFor(() => expect(missing()).toEqual([]), { timeout: 30_000 });
      expect(refused).toBeGreaterThan(0);
    });

    test("what waits for its next try survives a kill of the broker", async () => {
      await using opened = await open();
      const [queue] = opened.nodes;
      const deliveries: number[] = [];
      await queue.consume("waiting", async (_, delivery) => {
        deliveries.push(delivery);
        if (delivery === 1) throw new Error("not yet");
      });
      await queue.send("waiting", 1);
      await vi.waitFor(() => expect(deliveries).toEqual([1]), soon);
      await sleep(300);
      await opened.goAway();
      await opened.comeBack();
      await vi.waitFor(() => expect(deliveries.at(-1)).toBeGreaterThan(1), { timeout: 30_000 });
    });

    test("while the broker is away, calls answer STORE_UNAVAILABLE in time, and closing ends in time", async () => {
      await using opened = await open();
      const [queue] = opened.nodes;
      await queue.consume("jobs", async () => undefined);
      await opened.goAway();
      const start = performance.now();
      const calls = [queue.send("jobs", 1), queue.ping(), queue.consume("other", async () => undefined)];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      expect(performance.now() - start).toBeLessThan(12_000);
      await queue.close();
      expect(performance.now() - start).toBeLessThan(24_000);
      await opened.comeBack();
    });

    test("what a node ran when it was lost is handed to another, and counted", async () => {
      await using opened = await open();
      const [lost, other] = opened.nodes;
      const { open: letGo, opened: released } = gate();
      let isStarted = false;
      await lost.consume("jobs", async () => {
        isStarted = true;
        await released;
      });
      await other.send("jobs", "precious");
      await vi.waitFor(() => expect(isStarted).toBe(true), soon);
      const handled: [Json, number][] = [];
      await other.consume("jobs", async (...args) => void handled.push(args));
      await opened.isolateFirst();
      await vi.waitFor(() => expect(handled).toEqual([["precious", 2]]), { timeout: 30_000 });
      letGo();
    });
  });
}
