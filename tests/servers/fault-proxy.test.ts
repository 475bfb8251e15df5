/** The proxy that tests of remotes rely on does what its faults say. */
import { once } from "node:events";
import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { type Fault, startFaultProxy } from "./fault-proxy.ts";

async function proxied() {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/json" }).end('{"data":{"a":1}}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await startFaultProxy((server.address() as { port: number }).port);
  onTestFinished(async () => {
    await proxy.stop();
    server.close();
    server.closeAllConnections();
  });
  const ask = async (fault: Fault) => {
    proxy.fault(fault);
    const response = await fetch(proxy.url, { method: "POST", body: "{}", signal: AbortSignal.timeout(1_000) });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { proxy, ask };
}

test("passes, and counts", async () => {
  const { proxy, ask } = await proxied();
  expect(await ask("pass")).toMatchObject({ status: 200, text: '{"data":{"a":1}}' });
  expect(await ask({ dripMs: 1 })).toMatchObject({ status: 200, text: '{"data":{"a":1}}' });
  expect([proxy.requests, proxy.answering]).toEqual([2, 0]);
});

test("answers with a status, with broken JSON, with much", async () => {
  const { ask } = await proxied();
  const refused = await ask({ status: 503, retryAfter: "7" });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "7"]);
  expect(() => JSON.parse(refused.text)).toThrow();
  const { text } = await ask("invalid JSON");
  expect(() => JSON.parse(text)).toThrow();
  expect((await ask({ huge: 1_000_000 })).text.length).toBeGreaterThan(1_000_000);
});

test("hangs, cuts and refuses", async () => {
  const { proxy, ask } = await proxied();
  await expect(ask("hang")).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(ask("cut in mid-body")).rejects.toThrow();
  await proxy.network("refuse");
  await expect(ask("pass")).rejects.toThrow();
  await proxy.network("pass");
  expect(await ask("pass")).toMatchObject({ status: 200 });
});

test("cuts what stands every so often, until it is told to leave it", async () => {
  const { proxy, ask } = await proxied();
  proxy.cutEvery(50);
  await expect(ask("hang")).rejects.not.toMatchObject({ name: "TimeoutError" });
  proxy.cutEvery(0);
  expect(await ask({ dripMs: 10 })).toMatchObject({ status: 200 });
});
