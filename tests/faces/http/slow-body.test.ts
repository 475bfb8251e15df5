/** How long a request may take to come: uploads may take longer than others. */
import { connect } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Route } from "../../../src/faces/http/route.ts";
import { createRouter } from "../../../src/faces/http/router.ts";
import { type RunningServer, serve } from "../../../src/faces/http/server.ts";

const log = pino({ level: "silent" });
let server: RunningServer;

function counting(path: string, extra: Partial<Route>): Route {
  return {
    path,
    ...extra,
    async handle(request, response) {
      let size = 0;
      try {
        for await (const chunk of request) size += (chunk as Buffer).length;
        response.end(`${size} bytes`);
      } catch {
        response.destroy();
      }
    },
    fetch: async () => new Response(),
  };
}

beforeAll(async () => {
  const routes = [counting("/plain", {}), counting("/large/", { isFolder: true, takesUpload: () => true })];
  const health = { check: async () => ({}), isShuttingDown: () => false };
  const router = createRouter({ routes, health, log, requestTimeoutMs: 150 });
  server = await serve({ router, host: "127.0.0.1", port: 0, log, endStreams: async () => {} });
});
afterAll(() => server.close(100));

/** Sends half of a body, the rest after `pauseMs`; everything that is answered. */
function sendSlowly(path: string, pauseMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", () => {});
    socket.once("close", () => resolve(answer));
    socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 10\r\n\r\nhalf.`);
    setTimeout(() => socket.write("half."), pauseMs);
  });
}

test("a request that does not come in time is cut off", async () => {
  expect(await sendSlowly("/plain", 500)).toBe("");
  expect(await sendSlowly("/plain", 10)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*10 bytes/);
});

test("an upload may take longer, below a folder as at any path", async () => {
  expect(await sendSlowly("/large/a/b", 500)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*10 bytes/);
});

test("a folder is not served at its own name, nor at one that only begins alike", async () => {
  for (const path of ["/large", "/largest/x"]) {
    expect((await fetch(`${server.url}${path}`)).status).toBe(404);
  }
});
