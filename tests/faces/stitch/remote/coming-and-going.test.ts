/** Subscribers that come, go and are cut at random: nobody is forgotten, and nothing stays behind. */

import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startFaultProxy } from "../../../servers/fault-proxy.ts";
import { callerWith, failureOf, kept, observedRemote, until } from "./fixture.ts";
import { startSubscriptionService } from "./subscription-service.ts";

const asked = (of: string) => ({
  kind: "subscription" as const,
  query: "subscription ($of: String) { ticks(of: $of) }",
  variables: { of },
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("subscribe" as const), user: fc.nat(2), of: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("leave" as const, "abort" as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("cut" as const, "pause" as const, "complete" as const) }) },
);

describe.each(["ws", "sse"] as const)("over %s", (protocol) => {
  test("every reader goes on or is told, and at the end no subscription and no socket is left", async () => {
    const service = kept(await startSubscriptionService());
    const proxy = kept(await startFaultProxy(service.port));
    const url = `${protocol === "ws" ? "ws" : "http"}://127.0.0.1:${proxy.port}/graphql`;
    const { remote, subscriptions } = observedRemote(service.url, {
      subscriptions: { protocol, url },
      headers: { forward: ["authorization"] },
      resumption: { attempts: 100, firstAttempts: 100, firstWaitMs: 2, longestWaitMs: 10 },
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const readers: { leave(): unknown; abort(): void; isOver: boolean; last: unknown; ended: Promise<unknown> }[] =
          [];
        for (const it of steps) {
          if (it.do === "subscribe") {
            const client = new AbortController();
            const caller = callerWith({ authorization: `user${it.user}` }, client.signal);
            const stream = remote.subscribe(asked(`${it.of}`), caller);
            const reader = {
              leave: () => stream.return?.(),
              abort: () => client.abort(),
              isOver: false,
              last: 0 as unknown,
            };
            const read = async () => {
              for await (const { data } of stream) reader.last = data?.ticks;
            };
            const ended = failureOf(read()).finally(() => {
              reader.isOver = true;
            });
            readers.push(Object.assign(reader, { ended }));
          } else if (it.do === "cut") proxy.cut();
          else if (it.do === "pause") await delay(5);
          else if (it.do === "complete") service.complete();
          else if ("which" in it) readers[it.which % readers.length]?.[it.do]();
        }
        const open = () => readers.filter(({ isOver }) => !isOver);
        const sent = Math.random();
        await until(() => {
          service.publish(sent);
          return open().every(({ last }) => last !== 0);
        }, "each reader that is there has an event");
        for (const reader of readers) reader.leave();
        await Promise.all(readers.map(({ ended }) => ended));
        await until(() => service.open === 0, "the service has none");
        await until(() => (subscriptions.at(-1)?.sockets ?? 0) === 0, "no socket is left");
        expect(subscriptions.at(-1)?.subscriptions ?? 0).toBe(0);
      }),
      { numRuns: 40, interruptAfterTimeLimit: 20_000 },
    );
  });
});
