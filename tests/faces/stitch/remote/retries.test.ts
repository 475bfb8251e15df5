/** What is sent again: how often, when, and within which budget. */
import { describe, expect, test } from "vitest";
import type { UnavailableReason } from "../../../../src/faces/stitch/remote/remote.ts";
import { createRetryPolicy, retryAfter } from "../../../../src/faces/stitch/remote/retries.ts";
import { startFaultProxy } from "../../../servers/fault-proxy.ts";
import { callerWith, down, failureOf, kept, observedRemote, query, system } from "./fixture.ts";
import { type Reply, startService } from "./service.ts";

const first = { retry: 0, remainingMs: 5_000 };

describe("the policy", () => {
  test("retries what was not answered, and nothing that was", () => {
    const reasons: UnavailableReason[] = [
      ...["unreachable", "status", "timeout", "malformed", "too-large", "breaker", "cancelled", "closed"],
    ] as UnavailableReason[];
    const retried = reasons.filter((reason) => createRetryPolicy(2).next({ reason }, first) !== undefined);
    expect(retried).toEqual(["unreachable", "status"]);
  });

  test("waits twice as long each time, spread over all of it", () => {
    const waits = [0, 0.5, 0.999].map((random) =>
      [0, 1, 2, 9].map((retry) =>
        createRetryPolicy(10, () => random).next({ reason: "unreachable" }, { retry, remainingMs: 5_000 }),
      ),
    );
    expect(waits).toEqual([
      [0, 0, 0, 0],
      [12.5, 25, 50, 500],
      [24.975, 49.95, 99.9, 999],
    ]);
  });

  test("waits as long as Retry-After asks, and not at all where that is longer than what is left", () => {
    const policy = createRetryPolicy(2, () => 0);
    expect(policy.next({ reason: "status", retryAfterMs: 2_000 }, first)).toBe(2_000);
    expect(policy.next({ reason: "status", retryAfterMs: 5_000 }, first)).toBeUndefined();
  });

  test("spends ten retries at once, and then a fifth of what is sent", () => {
    const policy = createRetryPolicy(2);
    let retried = 0;
    const ask = () => {
      policy.sent();
      if (policy.next({ reason: "unreachable" }, first) !== undefined) retried++;
    };
    for (let index = 0; index < 10_000; index++) ask();
    expect(retried).toBeGreaterThan(2_000);
    expect(retried).toBeLessThanOrEqual(2_010);
  });

  test.each([
    ["0", 0],
    ["120", 120_000],
    ["Thu, 01 Jan 1970 00:01:00 GMT", 59_000],
    ["Wed, 31 Dec 1969 23:00:00 GMT", 0],
    ["-5", undefined],
    ["soon", undefined],
    [undefined, undefined],
  ])("reads Retry-After: %s", (header, ms) => {
    expect(retryAfter(header, 1_000)).toBe(ms);
  });
});

describe("a remote", () => {
  test("answers a query at the second attempt, and says which it was", async () => {
    let count = 0;
    const service = kept(
      await startService((): Reply => (++count === 1 ? (response) => response.writeHead(503).end() : { data: {} })),
    );
    const { remote, requests } = observedRemote(service.url);
    expect(await remote.execute(query("{ a }"), system)).toEqual({ data: {} });
    expect(requests.map(({ outcome, retry }) => [outcome, retry])).toEqual([
      ["status", 0],
      ["ok", 1],
    ]);
  });

  test("waits for what Retry-After asks", async () => {
    let count = 0;
    const refused: Reply = (response) => response.writeHead(503, { "retry-after": "1" }).end();
    const service = kept(await startService((): Reply => (++count === 1 ? refused : { data: {} })));
    const startedAt = performance.now();
    const { remote } = observedRemote(service.url);
    expect(await remote.execute(query("{ a }"), system)).toEqual({ data: {} });
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    count = 0;
    const { remote: hurried } = observedRemote(service.url, { timeoutMs: 900 });
    expect(await failureOf(hurried.execute(query("{ a }"), system))).toEqual(down("status"));
    expect(count).toBe(1);
  });

  test.each(["unreachable", "status"])("never sends a mutation again: %s", async (reason) => {
    const service = kept(
      await startService(() => (response) => {
        if (reason === "status") response.writeHead(503).end();
        else response.destroy();
      }),
    );
    const { remote } = observedRemote(service.url);
    const mutation = { kind: "mutation" as const, query: "mutation { a }" };
    expect(await failureOf(remote.execute(mutation, system))).toEqual(down(reason));
    expect(service.received).toHaveLength(1);
  });

  test("sends nothing again for who has gone", async () => {
    const client = new AbortController();
    const service = kept(
      await startService(() => (response) => {
        response.writeHead(503, { "retry-after": "1" }).end(() => setTimeout(() => client.abort(), 20));
      }),
    );
    const { remote } = observedRemote(service.url);
    const startedAt = performance.now();
    expect(await failureOf(remote.execute(query("{ a }"), callerWith({}, client.signal)))).toEqual(down("cancelled"));
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(service.received).toHaveLength(1);
  });

  test("that is down gets a fifth more requests, not thrice as many", async () => {
    const service = kept(await startService(() => ({ data: {} })));
    const proxy = kept(await startFaultProxy(service.port));
    proxy.fault({ status: 500 });
    const { remote, requests } = observedRemote(proxy.url, { breaker: false });
    for (let at = 0; at < 200; at++) await failureOf(remote.execute(query(`{ a${at} }`), system));
    expect(requests.filter(({ retry }) => retry > 0).length).toBeLessThanOrEqual(50);
    expect(proxy.requests).toBe(requests.length);
  });
});
