/** Identical queries in flight are one request: whose, for how long, and who may end it. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { callerWith, down, failureOf, kept, observedRemote, query, system, until } from "./fixture.ts";
import { type Reply, startService } from "./service.ts";

const asked = query("query ($upc: ID!) { name(upc: $upc) }", { upc: "1" });

/** Answers with the number of the request once it is let go. */
async function heldService() {
  const held: (() => void)[] = [];
  let count = 0;
  const service = kept(
    await startService(async (): Promise<Reply> => {
      const number = ++count;
      await new Promise<void>((resolve) => held.push(resolve));
      return { data: { number } };
    }),
  );
  const release = () => {
    for (const resolve of held.splice(0)) resolve();
  };
  return { service, release };
}

const options = { headers: { forward: ["authorization"] } };

test("equal queries of equal credentials are one request, and all are given its answer", async () => {
  const { service, release } = await heldService();
  const { remote, requests } = observedRemote(service.url, options);
  const client = new AbortController();
  const all = [1, 2, 3].map(() => remote.execute(asked, callerWith({ authorization: "a" }, client.signal)));
  await until(() => service.received.length > 0, "it arrives");
  all.push(remote.execute({ ...asked }, { actor: "bob", headers: { authorization: "a", "user-agent": "other" } }));
  await delay(20);
  release();
  const [first, ...others] = await Promise.all(all);
  expect(first).toEqual({ data: { number: 1 } });
  for (const other of others) expect(other).toBe(first);
  expect([service.received.length, requests.length]).toEqual([1, 1]);
});

test("other variables, other credentials and mutations are requests of their own", async () => {
  const { service, release } = await heldService();
  const { remote } = observedRemote(service.url, options);
  const ann = callerWith({ authorization: "ann" });
  const all = [
    remote.execute(asked, ann),
    remote.execute({ ...asked, variables: { upc: "2" } }, ann),
    remote.execute(asked, callerWith({ authorization: "bob" })),
    remote.execute(asked, callerWith({})),
    remote.execute({ kind: "mutation", query: "mutation { a }" }, ann),
    remote.execute({ kind: "mutation", query: "mutation { a }" }, ann),
  ];
  await until(() => service.received.length === 6, "six arrive");
  release();
  await Promise.all(all);
  const seen = service.received.map(({ headers }) => headers.authorization).sort();
  expect(seen).toEqual(["ann", "ann", "ann", "ann", "bob", undefined]);
});

test("who goes ends only its own waiting; the last one ends the request", async () => {
  const { service } = await heldService();
  const { remote, requests } = observedRemote(service.url);
  const clients = [1, 2, 3].map(() => new AbortController());
  const all = clients.map(({ signal }) => failureOf(remote.execute(asked, callerWith({}, signal))));
  await until(() => service.received.length === 1, "it arrives");
  clients[0]?.abort();
  clients[2]?.abort();
  expect(await all[0]).toEqual(down("cancelled"));
  await delay(20);
  expect([service.received[0]?.isGone, requests.length]).toEqual([false, 0]);
  clients[1]?.abort();
  expect(await Promise.all(all)).toEqual([down("cancelled"), down("cancelled"), down("cancelled")]);
  await until(() => service.received[0]?.isGone === true, "it is gone");
});

test("who comes after the last one went starts anew", async () => {
  const { service, release } = await heldService();
  const { remote } = observedRemote(service.url);
  const client = new AbortController();
  const left = failureOf(remote.execute(asked, callerWith({}, client.signal)));
  await until(() => service.received.length === 1, "it arrives");
  client.abort();
  const next = remote.execute(asked, system);
  await until(() => service.received.length === 2, "another arrives");
  release();
  expect(await left).toEqual(down("cancelled"));
  expect(await next).toEqual({ data: { number: 2 } });
});

test("who reads behind its own write is not given what was read before it", async () => {
  let stock = 1;
  const held: (() => void)[] = [];
  const service = kept(
    await startService(async ({ query }): Promise<Reply> => {
      if (query.startsWith("mutation")) return { data: { stock: ++stock } };
      const read = stock;
      if (held.length === 0) await new Promise<void>((resolve) => held.push(resolve));
      return { data: { stock: read } };
    }),
  );
  const { remote } = observedRemote(service.url);
  const before = remote.execute(query("{ stock }"), system);
  await until(() => held.length === 1, "the first read has begun");
  await remote.execute({ kind: "mutation", query: "mutation { sell }" }, system);
  expect(await remote.execute(query("{ stock }"), system)).toEqual({ data: { stock: 2 } });
  held[0]?.();
  expect(await before).toEqual({ data: { stock: 1 } });
});

test("a failure reaches all who wait, and nothing is kept of it", async () => {
  let count = 0;
  const service = kept(
    await startService(() => (++count === 1 ? (response) => response.writeHead(404).end() : { data: { count } })),
  );
  const { remote } = observedRemote(service.url);
  const all = [1, 2, 3].map(() => failureOf(remote.execute(asked, system)));
  expect(await Promise.all(all)).toEqual([down("malformed"), down("malformed"), down("malformed")]);
  expect(await remote.execute(asked, system)).toEqual({ data: { count: 2 } });
});
