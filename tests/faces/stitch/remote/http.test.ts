/** Queries and mutations over HTTP, through a proxy that fails in every way. */

import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../src/base/errors.ts";
import { createRemote } from "../../../../src/faces/stitch/remote/create-remote.ts";
import { startFaultProxy } from "../../../servers/fault-proxy.ts";
import {
  callerWith,
  down,
  failureOf,
  kept,
  observedRemote,
  query,
  remoteAt,
  silent,
  system,
  until,
} from "./fixture.ts";
import { type Reply, startService } from "./service.ts";

async function proxied(reply: () => Reply = () => ({ data: { name: "Table" } })) {
  const service = kept(await startService(reply));
  const proxy = kept(await startFaultProxy(service.port));
  return { service, proxy };
}

describe("a request", () => {
  test("is a POST of JSON that accepts GraphQL responses, and its answer is handed over as it is", async () => {
    const service = kept(await startService(() => ({ data: { name: "Table" }, extensions: { internal: true } })));
    const { remote, requests } = observedRemote(service.url);
    const result = await remote.execute(query("query ($upc: ID!) { name(upc: $upc) }", { upc: "1" }), system);
    expect(result).toEqual({ data: { name: "Table" } });
    expect(service.received).toMatchObject([
      {
        query: "query ($upc: ID!) { name(upc: $upc) }",
        variables: { upc: "1" },
        headers: {
          accept: "application/graphql-response+json, application/json",
          "content-type": "application/json",
        },
      },
    ]);
    expect(requests).toMatchObject([{ service: "catalog", kind: "query", outcome: "ok", retry: 0, batchSize: 1 }]);
  });

  test("uses connections again", async () => {
    const service = kept(await startService(() => ({ data: {} })));
    const remote = remoteAt(service.url);
    for (let index = 0; index < 20; index++) await remote.execute(query(`{ a${index} }`), system);
    // Two, because the next request is there before undici has put the connection back.
    expect(await service.connections()).toBeLessThanOrEqual(2);
  });

  test("is none before it is asked for", async () => {
    const { proxy } = await proxied();
    remoteAt(proxy.url);
    await delay(20);
    expect(proxy.connections).toBe(0);
  });
});

describe("an answer", () => {
  test.each([400, 401, 422, 500, 503])("that is a GraphQL response under %d is a response", async (status) => {
    const errors = [{ message: "No.", path: ["a", 0, "b"], extensions: { code: "FORBIDDEN" } }];
    const service = kept(
      await startService(() => (response) => response.writeHead(status).end(JSON.stringify({ errors, data: null }))),
    );
    const { remote, requests } = observedRemote(service.url);
    expect(await remote.execute(query("{ a }"), system)).toEqual({ errors, data: null });
    expect(requests).toMatchObject([{ outcome: "errors" }]);
    expect(service.received).toHaveLength(1);
  });

  test.each([
    ["no JSON", "<html>"],
    ["cut JSON", '{"data":'],
    ["nothing", ""],
    ["a list", "[]"],
    ["neither data nor errors", '{"message":"hello"}'],
    ["data that is a list", '{"data":[]}'],
    ["data that is text", '{"data":"x"}'],
    ["errors that are no list", '{"errors":{"message":"a"}}'],
    ["an empty list of errors, and no data", '{"errors":[]}'],
    ["errors without messages", '{"errors":[{"text":"a"}]}'],
    ["errors at no path", '{"errors":[{"message":"a","path":"x.y"}]}'],
    ["data by inheritance only", '{"__proto__":{"data":{}}}'],
  ])("that holds %s is malformed", async (_what, body) => {
    const service = kept(await startService(() => (response) => response.end(body)));
    const remote = remoteAt(service.url);
    expect(await failureOf(remote.execute(query("{ a }"), system))).toEqual(down("malformed"));
  });

  test.each([301, 400, 401, 404])(
    "under %d that is none of GraphQL is malformed, not followed, and not asked for again",
    async (status) => {
      const { proxy } = await proxied();
      proxy.fault({ status });
      expect(await failureOf(remoteAt(proxy.url).execute(query("{ a }"), system))).toEqual(down("malformed"));
      expect(proxy.requests).toBe(1);
    },
  );

  test("says nothing of the service's internals where it fails: no URL, no text", async () => {
    const { proxy } = await proxied();
    proxy.fault({ status: 500 });
    const error: unknown = await remoteAt(proxy.url, { retries: 0 })
      .execute(query("{ a }"), system)
      .catch((it) => it);
    expect(error).toBeInstanceOf(Error);
    const { cause: _cause, ...shown } = error as Error & { details: object };
    expect(JSON.stringify([String(error), shown])).not.toMatch(/127\.0\.0\.1|secret|html|stack/);
  });

  test("may hold null in place of errors, of a path or of extensions", async () => {
    const service = kept(
      await startService(({ query }) =>
        query === "{ a }"
          ? { data: { a: 1 }, errors: null }
          : { data: null, errors: [{ message: "No.", path: null, extensions: null, locations: [] }] },
      ),
    );
    const remote = remoteAt(service.url);
    expect(await remote.execute(query("{ a }"), system)).toEqual({ data: { a: 1 } });
    expect(await remote.execute(query("{ b }"), system)).toEqual({ data: null, errors: [{ message: "No." }] });
  });

  test("with hostile keys pollutes no prototype", async () => {
    const service = kept(
      await startService(() => (response) => {
        response.end('{"data":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}');
      }),
    );
    await remoteAt(service.url).execute(query("{ a }"), system);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test("that is nested a million deep is refused: nobody could write it down again", async () => {
    const deep = `{"data":{"a":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}}`;
    const service = kept(await startService(() => (response) => response.end(deep)));
    expect(await failureOf(remoteAt(service.url).execute(query("{ a }"), system))).toEqual(down("too-large"));
  });

  test("that is compressed is read; one that becomes too large is left", async () => {
    const service = kept(
      await startService(({ query }) => (response) => {
        const text = query === "{ a }" ? "x" : "x".repeat(4 * 1024 * 1024);
        const body = gzipSync(JSON.stringify({ data: { text } }));
        response.writeHead(200, { "content-encoding": "gzip" }).end(body);
      }),
    );
    const remote = remoteAt(service.url, { maxResponseBytes: 1024 * 1024 });
    expect(await remote.execute(query("{ a }"), system)).toEqual({ data: { text: "x" } });
    expect(await failureOf(remote.execute(query("{ b }"), system))).toEqual(down("too-large"));
  });
});

describe("faults", () => {
  test("refuse: unreachable, as often as it is tried", async () => {
    const { proxy } = await proxied();
    await proxy.network("refuse");
    const { remote, requests } = observedRemote(proxy.url);
    expect(await failureOf(remote.execute(query("{ a }"), system))).toEqual(down("unreachable"));
    expect(requests.map(({ outcome, retry }) => [outcome, retry])).toEqual([0, 1, 2].map((at) => ["unreachable", at]));
  });

  test.each(["hang", { dripMs: 20 }] as const)(
    "%j: a timeout when it is due, and the connection is freed",
    async (fault) => {
      const { proxy } = await proxied();
      proxy.fault(fault);
      const { remote, requests } = observedRemote(proxy.url, { timeoutMs: 150 });
      const startedAt = performance.now();
      expect(await failureOf(remote.execute(query("{ a }"), system))).toEqual(down("timeout"));
      expect(performance.now() - startedAt).toBeLessThan(600);
      expect(requests).toMatchObject([{ outcome: "timeout" }]);
      await until(() => proxy.answering === 0, "nothing is answered any more");
    },
  );

  test("a black hole of the network: a timeout when it is due", async () => {
    const { proxy } = await proxied();
    await proxy.network("black hole");
    const remote = remoteAt(proxy.url, { timeoutMs: 100 });
    expect(await failureOf(remote.execute(query("{ a }"), system))).toEqual(down("timeout"));
  });

  test("cut in mid-body: a query is sent again, a mutation never", async () => {
    const { proxy } = await proxied(() => ({ data: { text: "x".repeat(100_000) } }));
    proxy.fault("cut in mid-body");
    const remote = remoteAt(proxy.url);
    expect(await failureOf(remote.execute(query("{ a }"), system))).toEqual(down("unreachable"));
    expect(proxy.requests).toBe(3);
    const mutation = { kind: "mutation" as const, query: "mutation { a }" };
    expect(await failureOf(remote.execute(mutation, system))).toEqual(down("unreachable"));
    expect(proxy.requests).toBe(4);
  });

  test("500: status, after its retries", async () => {
    const { proxy } = await proxied();
    proxy.fault({ status: 500 });
    expect(await failureOf(remoteAt(proxy.url).execute(query("{ a }"), system))).toEqual(down("status"));
    expect(proxy.requests).toBe(3);
  });

  test("invalid JSON: malformed, at once", async () => {
    const { proxy } = await proxied();
    proxy.fault("invalid JSON");
    expect(await failureOf(remoteAt(proxy.url).execute(query("{ a }"), system))).toEqual(down("malformed"));
    expect(proxy.requests).toBe(1);
  });

  test("a huge body: too large when the limit is passed, and the rest is not read", async () => {
    const { proxy } = await proxied();
    proxy.fault({ huge: 1024 ** 3 });
    const remote = remoteAt(proxy.url, { maxResponseBytes: 1024 * 1024 });
    expect(await failureOf(remote.execute(query("{ a }"), system))).toEqual(down("too-large"));
    await until(() => proxy.answering === 0, "nothing is answered any more");
  });

  test("a kept connection that the service has reset is no failure of the next query", async () => {
    const { proxy } = await proxied();
    const remote = remoteAt(proxy.url);
    for (let round = 0; round < 5; round++) {
      expect(await remote.execute(query("{ a }"), system)).toEqual({ data: { name: "Table" } });
      proxy.cut();
    }
  });
});

describe("a caller", () => {
  test("that goes ends the request upstream", async () => {
    const service = kept(await startService(() => () => {}));
    const { remote, requests } = observedRemote(service.url);
    const client = new AbortController();
    const failed = failureOf(remote.execute(query("{ a }"), callerWith({}, client.signal)));
    await until(() => service.received.length === 1, "it arrives");
    client.abort();
    expect(await failed).toEqual(down("cancelled"));
    await until(() => service.received[0]?.isGone === true, "its connection is closed");
    expect(requests).toMatchObject([{ outcome: "cancelled", retry: 0 }]);
  });

  test("whose deadline passes is told of a timeout", async () => {
    const service = kept(await startService(() => () => {}));
    const caller = callerWith({}, AbortSignal.timeout(30));
    expect(await failureOf(remoteAt(service.url).execute(query("{ a }"), caller))).toEqual(down("timeout"));
  });

  test("that has gone asks nothing", async () => {
    const { proxy } = await proxied();
    const caller = callerWith({}, AbortSignal.abort());
    expect(await failureOf(remoteAt(proxy.url).execute(query("{ a }"), caller))).toEqual(down("cancelled"));
    expect(proxy.requests).toBe(0);
  });
});

test("one caller may ask much at once: no warning of too many listeners", async () => {
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.name);
  process.on("warning", note);
  const service = kept(await startService(() => ({ data: {} })));
  const remote = remoteAt(service.url);
  const caller = callerWith({}, new AbortController().signal);
  await Promise.all(Array.from({ length: 300 }, (_, index) => remote.execute(query(`{ a${index} }`), caller)));
  await delay(5);
  process.off("warning", note);
  expect(warnings).toEqual([]);
  expect(await service.connections()).toBeLessThanOrEqual(128);
});

describe("the configuration", () => {
  test.each([
    ["ftp://a/graphql", {}],
    ["graphql", {}],
    ["http://ann:secret@a/graphql", {}],
    ["http://a/graphql", { subscriptions: "http://a/graphql" }],
    ["http://a/graphql", { subscriptions: "ws://ann:secret@a/graphql" }],
    ["http://a/graphql", { subscriptions: { protocol: "sse" as const, url: "ws://a/graphql" } }],
  ])("is refused where a URL cannot be asked: %s %j", (url, options) => {
    const create = () => createRemote({ name: "catalog", url, ...options }, { log: silent });
    expect(create).toThrow(ConfigurationError);
    expect(create).not.toThrow(/secret/);
  });
});

describe("close", () => {
  test("ends what runs and what comes, and frees every socket", async () => {
    const service = kept(await startService(() => () => {}));
    const remote = remoteAt(service.url);
    const running = [1, 2, 3].map((index) => failureOf(remote.execute(query(`{ a${index} }`), system)));
    await until(() => service.received.length === 3, "they arrive");
    await Promise.all([remote.close(), remote.close()]);
    expect(await Promise.all(running)).toEqual([down("closed"), down("closed"), down("closed")]);
    expect(await failureOf(remote.execute(query("{ a }"), system))).toEqual(down("closed"));
    await until(async () => (await service.connections()) === 0, "no connection stands");
  });
});
