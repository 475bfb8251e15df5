/** The breaker alone, by a clock in hand, and in a remote. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type BreakerState, createBreaker, type Verdict } from "../../../../src/faces/stitch/remote/breaker.ts";
import { startFaultProxy } from "../../../servers/fault-proxy.ts";
import { callerWith, down, failureOf, kept, observedRemote, query, system, until } from "./fixture.ts";
import { startService } from "./service.ts";

function timed(options = {}) {
  const clock = { now: 0 };
  const states: BreakerState[] = [];
  const breaker = createBreaker(options, { now: () => clock.now, onChange: (state) => states.push(state) });
  const ask = (verdict: Verdict, times = 1): (Verdict | "shed")[] =>
    Array.from({ length: times }, () => {
      const settle = breaker.admit();
      settle?.(verdict);
      return settle ? verdict : "shed";
    });
  return { clock, states, breaker, ask };
}

describe("a breaker", () => {
  test("opens where enough requests failed, and so large a share of them", () => {
    const { ask, states } = timed();
    ask("well", 5);
    ask("ill", 4);
    expect(states).toEqual([]);
    expect(ask("ill")).toEqual(["ill"]);
    expect(states).toEqual(["open"]);
    expect(ask("well")).toEqual(["shed"]);
  });

  test("does not count what says nothing of the service", () => {
    const { ask, states } = timed();
    ask("neutral", 100);
    ask("ill", 9);
    expect(states).toEqual([]);
  });

  test("forgets what is older than its window", () => {
    const { ask, states, clock } = timed({ windowMs: 1_000 });
    ask("ill", 9);
    clock.now = 1_100;
    ask("ill", 9);
    expect(states).toEqual([]);
    clock.now = 1_500;
    ask("ill");
    expect(states).toEqual(["open"]);
  });

  test("lets one request through when its time has come, and closes where that goes well", () => {
    const { ask, breaker, states, clock } = timed({ openMs: 500 });
    ask("ill", 10);
    clock.now = 499;
    expect(ask("well")).toEqual(["shed"]);
    clock.now = 500;
    const probe = breaker.admit();
    expect(probe).toBeDefined();
    expect(ask("well", 50)).toEqual(Array(50).fill("shed"));
    probe?.("well");
    expect(states).toEqual(["open", "half-open", "closed"]);
    expect(ask("well")).toEqual(["well"]);
  });

  test("opens again where the probe fails, for as long as before", () => {
    const { ask, states, clock } = timed({ openMs: 500 });
    ask("ill", 10);
    clock.now = 600;
    ask("ill");
    clock.now = 1_099;
    expect(ask("well")).toEqual(["shed"]);
    clock.now = 1_100;
    expect(ask("well")).toEqual(["well"]);
    expect(states).toEqual(["open", "half-open", "open", "half-open", "closed"]);
  });

  test("sends another probe where the first one's client has gone", () => {
    const { ask, states, clock } = timed({ openMs: 500 });
    ask("ill", 10);
    clock.now = 500;
    expect(ask("neutral")).toEqual(["neutral"]);
    expect(states).toEqual(["open", "half-open"]);
    expect(ask("well")).toEqual(["well"]);
    expect(states).toEqual(["open", "half-open", "closed"]);
  });

  test("is not moved by requests that began before it opened", () => {
    const { ask, breaker, states, clock } = timed({ openMs: 500 });
    const early = Array.from({ length: 5 }, () => breaker.admit());
    ask("ill", 10);
    for (const settle of early) settle?.("well");
    clock.now = 500;
    const probe = breaker.admit();
    probe?.("ill");
    expect(states).toEqual(["open", "half-open", "open"]);
  });

  test("can be left out", () => {
    const breaker = createBreaker(false, { now: () => 0, onChange: () => expect.fail("it has no states") });
    for (let index = 0; index < 100; index++) breaker.admit()?.("ill");
    expect(breaker.admit()).toBeDefined();
  });
});

describe("in a remote", () => {
  const options = { retries: 0, timeoutMs: 200, breaker: { minRequests: 5, openMs: 100 } };

  async function proxied() {
    const service = kept(await startService(() => ({ data: { a: 1 } })));
    return kept(await startFaultProxy(service.port));
  }

  test.each([{ status: 503 }, "hang", "invalid JSON", "cut in mid-body"] as const)(
    "%j opens it, what comes is shed unasked, and it closes when the service is well again",
    async (fault) => {
      const proxy = await proxied();
      const { remote, breaker, requests } = observedRemote(proxy.url, options);
      proxy.fault(fault);
      await Promise.all([1, 2, 3, 4, 5].map((at) => failureOf(remote.execute(query(`{ a${at} }`), system))));
      expect(breaker).toEqual(["open"]);
      const before = proxy.requests;
      expect(await failureOf(remote.execute(query("{ a }"), system))).toEqual(down("breaker"));
      expect(proxy.requests).toBe(before);
      expect(requests.at(-1)).toMatchObject({ outcome: "breaker", retry: 0 });
      proxy.fault("pass");
      await delay(110);
      expect(await remote.execute(query("{ a }"), system)).toEqual({ data: { a: 1 } });
      expect(breaker).toEqual(["open", "half-open", "closed"]);
    },
  );

  test("one client's tokens, limits and queries open it for nobody: 401, 404, 429, answers too large, GraphQL errors under 500", async () => {
    const service = kept(
      await startService(({ query }) => (response) => {
        const status = Number(/\d{3}/.exec(query)?.[0]);
        response.writeHead(status).end(status === 500 ? '{"errors":[{"message":"a"}]}' : "x".repeat(2_000));
      }),
    );
    const { remote, breaker } = observedRemote(service.url, { ...options, maxResponseBytes: 1_000 });
    for (const status of [200, 401, 404, 429, 500]) {
      for (let index = 0; index < 10; index++) await failureOf(remote.execute(query(`{ a${status} }`), system));
    }
    expect(service.received).toHaveLength(50);
    expect(breaker).toEqual([]);
  });

  test("deadlines of clients do not open it, shorter than the service's own as they are", async () => {
    const service = kept(await startService(() => () => {}));
    const { remote, breaker } = observedRemote(service.url, options);
    const all = Array.from({ length: 20 }, (_, index) =>
      failureOf(remote.execute(query(`{ a${index} }`), callerWith({}, AbortSignal.timeout(30)))),
    );
    expect(await Promise.all(all)).toEqual(Array(20).fill(down("timeout")));
    expect(breaker).toEqual([]);
  });

  test("clients that go do not open it", async () => {
    const service = kept(await startService(() => () => {}));
    const { remote, breaker } = observedRemote(service.url, options);
    for (let index = 0; index < 10; index++) {
      const client = new AbortController();
      const failed = failureOf(remote.execute(query("{ a }"), callerWith({}, client.signal)));
      await until(() => service.received.length === index + 1, "it arrives");
      client.abort();
      await failed;
    }
    expect(breaker).toEqual([]);
  });
});
