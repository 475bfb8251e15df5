/** What holds for subscriptions over either protocol: websockets and server-sent events. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Remote, RemoteCaller, RemoteResult } from "../../../../src/faces/stitch/remote/remote.ts";
import { startFaultProxy } from "../../../servers/fault-proxy.ts";
import { callerWith, down, failureOf, kept, observedRemote, system, until } from "./fixture.ts";
import { type SubscriptionService, startSubscriptionService } from "./subscription-service.ts";

const asked = { kind: "subscription" as const, query: "subscription { ticks }" };
const quick = { attempts: 3, firstWaitMs: 10, longestWaitMs: 40 };

/** Reads until the stream ends; what it ends with is told as well. */
function readAll(stream: AsyncIterable<RemoteResult>) {
  const events: unknown[] = [];
  const read = async () => {
    for await (const { data, errors } of stream) events.push(errors ? errors[0]?.message : data?.ticks);
  };
  return { events, ended: failureOf(read()) };
}

function read(remote: Remote, caller: RemoteCaller = system) {
  return readAll(remote.subscribe(asked, caller));
}

describe.each(["ws", "sse"] as const)("over %s", (protocol) => {
  const optionsFor = ({ port }: { port: number }) => ({
    subscriptions: { protocol, url: `${protocol === "ws" ? "ws" : "http"}://127.0.0.1:${port}/graphql` },
    headers: { forward: ["authorization", "x-tenant"] },
    resumption: quick,
  });
  const start = async () => {
    const service = kept(await startSubscriptionService());
    return { service, ...observedRemote(service.url, optionsFor(service)) };
  };
  const behindProxy = async () => {
    const service = kept(await startSubscriptionService());
    const proxy = kept(await startFaultProxy(service.port));
    return { service, proxy, ...observedRemote(service.url, optionsFor(proxy)) };
  };
  const opens = (service: SubscriptionService, count: number) =>
    until(() => service.open === count, `${count} are open, not ${service.open}`);
  /** What comes back at once may not be seen to have gone. */
  const opensAgain = (service: SubscriptionService, times: number) =>
    until(
      () => service.subscribed.length === times && service.open === 1,
      `it is open for the ${times}th time, not the ${service.subscribed.length}th`,
    );

  test("events come in order, then the end where the service completes", async () => {
    const { service, remote, subscriptions } = await start();
    const { events, ended } = read(remote);
    await opens(service, 1);
    for (const tick of [1, 2, 3]) service.publish(tick);
    await until(() => events.length === 3, "three arrive");
    service.complete();
    expect(await ended).toBeUndefined();
    expect(events).toEqual([1, 2, 3]);
    await until(() => subscriptions.at(-1)?.sockets === 0, "the socket is freed");
    expect(subscriptions.at(-1)).toEqual({ subscriptions: 0, sockets: 0 });
    expect(service.sockets.size).toBe(0);
  });

  test("1,000 subscribers of one field are one upstream subscription, and share each event", async () => {
    const { service, remote, subscriptions } = await start();
    const streams = Array.from({ length: 1_000 }, () => remote.subscribe(asked, { actor: null, headers: {} }));
    await opens(service, 1);
    const next = streams.map((stream) => stream.next());
    service.publish(7);
    const events = await Promise.all(next);
    expect(events).toHaveLength(1_000);
    expect(new Set(events.map(({ value }) => value)).size).toBe(1);
    expect(events[0]?.value).toEqual({ data: { ticks: 7 } });
    expect([service.subscribed.length, service.open]).toEqual([1, 1]);
    expect(subscriptions.at(-1)).toEqual({ subscriptions: 1, sockets: 1 });
    for (const stream of streams.slice(1)) await stream.return?.();
    expect(service.open).toBe(1);
    await streams[0]?.return?.();
    await opens(service, 0);
    await until(() => subscriptions.at(-1)?.sockets === 0, "the socket is freed");
  });

  test("never one user's credentials for another: each has its own socket and subscription", async () => {
    const { service, remote, subscriptions } = await start();
    const users = ["ann", "bob", "ann"].map((name) =>
      callerWith({ authorization: name, "x-other": `${Math.random()}` }),
    );
    const readers = users.map((caller) => read(remote, caller));
    await opens(service, 2);
    expect(service.subscribed.map(({ headers }) => headers.authorization).sort()).toEqual(["ann", "bob"]);
    expect(service.subscribed.every(({ headers }) => headers["x-other"] === undefined)).toBe(true);
    if (protocol === "ws") {
      const params = service.subscribed.map(({ connectionParams }) => connectionParams);
      for (const name of ["ann", "bob"]) {
        expect(params).toContainEqual({ authorization: name, headers: { authorization: name } });
      }
    }
    expect(subscriptions.at(-1)).toEqual({ subscriptions: 2, sockets: 2 });
    service.publish(1);
    await until(() => readers.every(({ events }) => events.length === 1), "all have it");
  });

  test("other variables are another subscription", async () => {
    const { service, remote, subscriptions } = await start();
    const of = (name: string) => ({
      kind: "subscription" as const,
      query: "subscription ($of: String) { ticks(of: $of) }",
      variables: { of: name },
    });
    for (const name of ["a", "b", "a"]) void readAll(remote.subscribe(of(name), system));
    await opens(service, 2);
    expect(service.subscribed.map(({ variables }) => variables).sort()).toEqual([{ of: "a" }, { of: "b" }]);
    expect(subscriptions.at(-1)).toEqual({ subscriptions: 2, sockets: protocol === "ws" ? 1 : 2 });
  });

  test("one that the service refuses is one result with its errors, and harms no other", async () => {
    const { service, remote } = await start();
    const other = read(remote);
    await opens(service, 1);
    const refused = readAll(remote.subscribe({ kind: "subscription", query: "subscription { tocks }" }, system));
    expect(await refused.ended).toBeUndefined();
    expect(refused.events).toEqual([expect.stringContaining('Cannot query field "tocks"')]);
    service.publish(1);
    await until(() => other.events.length === 1, "the other has its event");
    expect(service.subscribed).toHaveLength(2);
  });

  test("is taken up again when it is cut, and cut again, on every Node", async () => {
    const { service, proxy, remote, subscriptions } = await behindProxy();
    const { events, ended } = read(remote);
    for (let round = 1; round <= 6; round++) {
      await opensAgain(service, round);
      service.publish(round);
      await until(() => events.length === round, `event ${round} arrives`);
      proxy.cut();
    }
    await opensAgain(service, 7);
    service.publish(7);
    await until(() => events.length === 7, "the last one arrives");
    expect(events).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(subscriptions.at(-1)).toEqual({ subscriptions: 1, sockets: 1 });
    await remote.close();
    expect(await ended).toEqual(down("closed"));
  });

  test("does not end with an empty error where the service goes: each subscriber is told UPSTREAM_UNAVAILABLE", async () => {
    const { service, proxy, remote, subscriptions } = await behindProxy();
    const readers = [1, 2, 3].map(() => read(remote));
    await opens(service, 1);
    service.publish(1);
    await until(() => readers.every(({ events }) => events.length === 1), "all have it");
    await proxy.network("refuse");
    for (const { events, ended } of readers) {
      expect(await ended).toEqual(down("unreachable"));
      expect(events).toEqual([1]);
    }
    expect(subscriptions.at(-1)).toEqual({ subscriptions: 0, sockets: 0 });
  });

  test("that stood for a second begins its count of attempts anew, even without an event", async () => {
    const service = kept(await startSubscriptionService());
    const proxy = kept(await startFaultProxy(service.port));
    const resumption = { attempts: 1, firstAttempts: 1, firstWaitMs: 5 };
    const { remote } = observedRemote(service.url, { ...optionsFor(proxy), resumption });
    const { events } = read(remote);
    for (let round = 1; round <= 3; round++) {
      await opensAgain(service, round);
      await delay(1_400);
      proxy.cut();
    }
    await opensAgain(service, 4);
    service.publish(1);
    await until(() => events.length === 1, "it arrives");
  });

  test("comes back where the service does, within its attempts", async () => {
    const { service, proxy, remote } = await behindProxy();
    const { events } = read(remote);
    await opens(service, 1);
    service.publish(1);
    await until(() => events.length === 1, "it arrives");
    await proxy.network("refuse");
    await delay(20);
    await proxy.network("pass");
    await opens(service, 1);
    service.publish(2);
    await until(() => events.length === 2, "it arrives again");
  });

  test.each(["refuse", "black hole"] as const)("a service that never answers is told of in time: %s", async (mode) => {
    const service = kept(await startSubscriptionService());
    const proxy = kept(await startFaultProxy(service.port));
    await proxy.network(mode);
    const options = { ...optionsFor(proxy), timeoutMs: 60, resumption: { ...quick, firstAttempts: 2 } };
    const { remote, subscriptions } = observedRemote(service.url, options);
    const startedAt = performance.now();
    expect(await read(remote).ended).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", service: "catalog" });
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect(subscriptions.at(-1)).toEqual({ subscriptions: 0, sockets: 0 });
  });

  test("a reader that falls behind is ended, and the others go on", async () => {
    const { service, remote } = await start();
    const slow = remote.subscribe(asked, system);
    const { events } = read(remote);
    await opens(service, 1);
    for (let tick = 0; tick < 1_500; tick++) service.publish(tick);
    await until(() => events.length === 1_500, "the other has all");
    const { events: queued, ended } = readAll(slow);
    expect(await ended).toEqual({ code: "SLOW_CONSUMER", service: "catalog" });
    expect(queued).toEqual(Array.from({ length: 1_000 }, (_, tick) => tick));
    expect(service.open).toBe(1);
  });

  test("who leaves gets nothing more, even while it waits; who is aborted is told", async () => {
    const { service, remote } = await start();
    const client = new AbortController();
    const aborted = read(remote, callerWith({}, client.signal));
    const left = remote.subscribe(asked, system);
    const waiting = left.next();
    await opens(service, 1);
    await left.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await left.next()).toEqual({ done: true, value: undefined });
    client.abort();
    expect(await aborted.ended).toEqual(down("cancelled"));
    await opens(service, 0);
    expect(await read(remote, callerWith({}, AbortSignal.abort())).ended).toEqual(down("cancelled"));
  });

  test("who comes when the last one has just left is served", async () => {
    const { service, remote } = await start();
    for (let round = 0; round < 5; round++) {
      const stream = remote.subscribe(asked, system);
      const next = stream.next();
      await until(() => service.subscribed.length === round + 1 && service.open > 0, "it is open");
      service.publish(round);
      expect(await next).toEqual({ done: false, value: { data: { ticks: round } } });
      await stream.return?.();
    }
  });

  test("an event that is too large is no reason to take memory without end", async () => {
    const service = kept(await startSubscriptionService());
    const { remote } = observedRemote(service.url, { ...optionsFor(service), maxResponseBytes: 100_000 });
    const large = { kind: "subscription" as const, query: "subscription { text(size: 2000000) }" };
    expect(await readAll(remote.subscribe(large, system)).ended).toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
  });

  test("a service that answers with 503 is tried again, one that answers with 404 is not", async () => {
    const { service, proxy, remote } = await behindProxy();
    proxy.fault({ status: 503 });
    expect(await read(remote).ended).toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
    expect(proxy.requests).toBe(4);
    if (protocol === "sse") {
      proxy.fault({ status: 404 });
      expect(await read(remote).ended).toEqual(down("malformed"));
      expect(proxy.requests).toBe(5);
    }
    expect(service.subscribed).toHaveLength(0);
  });

  test("close ends all, and frees every socket", async () => {
    const { service, remote } = await start();
    const readers = ["a", "b"].map((name) => read(remote, callerWith({ authorization: name })));
    await opens(service, 2);
    await Promise.all([remote.close(), remote.close()]);
    for (const { ended } of readers) expect(await ended).toEqual(down("closed"));
    await opens(service, 0);
    expect(service.sockets.size).toBe(0);
    expect(await read(remote).ended).toEqual(down("closed"));
  });
});

test("a remote without subscriptions has none", async () => {
  const { remote } = observedRemote("http://127.0.0.1:1/graphql");
  expect(await read(remote).ended).toEqual(down("closed"));
});
