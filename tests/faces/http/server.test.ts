import { once } from "node:events";
import { connect } from "node:net";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { Health } from "../../../src/faces/http/health.ts";
import type { Route } from "../../../src/faces/http/route.ts";
import { createRouter } from "../../../src/faces/http/router.ts";
import { serve } from "../../../src/faces/http/server.ts";

interface Setting {
  readonly check?: Health["check"];
  readonly endStreams?: (graceMs: number) => Promise<void>;
}

/** A server with one route: `/slow` answers when it is told to. */
async function startServer({ check = async () => ({ meta: "ok" }), endStreams = async () => {} }: Setting = {}) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const state = { isShuttingDown: false, running: 0, answer: () => {} };
  const answered = new Promise<void>((resolve) => {
    state.answer = resolve;
  });
  const slow: Route = {
    path: "/slow",
    async handle(request, response, exchange) {
      if (request.url?.includes("fail")) throw new Error("secret");
      exchange.operationName = "Slow";
      state.running += 1;
      await answered;
      response.end("done");
    },
    fetch: async () => new Response("fetched"),
  };
  const router = createRouter({ routes: [slow], health: { check, isShuttingDown: () => state.isShuttingDown }, log });
  const server = await serve({ router, host: "127.0.0.1", port: 0, log, endStreams });
  const close = (graceMs?: number) => {
    state.isShuttingDown = true;
    return server.close(graceMs);
  };
  return { server, router, state, lines, close, [Symbol.asyncDispose]: () => close(10) };
}

const until = (isTrue: () => boolean) => expect.poll(isTrue, { interval: 5 }).toBe(true);

describe("health", () => {
  it("is live while the process turns, and ready while every store answers", async () => {
    await using own = await startServer();
    const live = await fetch(`${own.server.url}/health/live`);
    expect([live.status, await live.json()]).toEqual([200, { status: "live" }]);
    const ready = await fetch(`${own.server.url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: "ready", checks: { meta: "ok" } }]);
  });

  it.each([
    [
      "a store says what is wrong",
      async () => ({ meta: "ok", payload: "no space" }),
      { meta: "ok", payload: "no space" },
    ],
    [
      "the check fails",
      () => Promise.reject(new Error("postgres://user:secret@host")),
      { stores: "cannot be reached" },
    ],
    ["a store never answers", () => new Promise<never>(() => {}), { stores: "no answer within 2000 ms" }],
  ])("is not ready where %s", async (_name, check, checks) => {
    await using own = await startServer({ check });
    const ready = await fetch(`${own.server.url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: "not ready", checks }]);
  });
});

describe("paths", () => {
  it("that nobody serves are 404 in JSON, through both doors", async () => {
    await using own = await startServer();
    const url = `${own.server.url}/nowhere?x=1`;
    for (const response of [await fetch(url), await own.router.fetch(new Request(url))]) {
      expect([response.status, await response.json()]).toEqual([
        404,
        { title: "Not found", detail: "Nothing is served at /nowhere." },
      ]);
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it("/ sends browsers to the API and tells programs where it is", async () => {
    await using own = await startServer();
    const browser = await fetch(own.server.url, { headers: { accept: "text/html" }, redirect: "manual" });
    expect([browser.status, browser.headers.get("location")]).toEqual([302, "/slow"]);
    expect(await (await fetch(own.server.url)).json()).toMatchObject({ name: "weft" });
  });

  it("may end with a slash", async () => {
    await using own = await startServer();
    expect(await (await own.router.fetch(new Request(`${own.server.url}/slow/`))).text()).toBe("fetched");
  });
});

describe("a route that throws", () => {
  it("is a masked 500, logged in full", async () => {
    await using own = await startServer();
    const response = await fetch(`${own.server.url}/slow?fail`, { headers: { "x-request-id": "r1" } });
    const errors = [{ message: "Internal error.", extensions: { code: "INTERNAL", requestId: "r1" } }];
    expect([response.status, await response.json()]).toEqual([500, { errors }]);
    expect(JSON.stringify(own.lines)).toContain("secret");
  });
});

describe("shutdown", () => {
  it("finishes what runs, refuses what comes, and logs both", async () => {
    await using own = await startServer();
    const running = fetch(`${own.server.url}/slow`);
    await until(() => own.state.running === 1);
    const closed = own.close();
    await expect(fetch(`${own.server.url}/slow`)).rejects.toThrow();
    own.state.answer();
    expect(await (await running).text()).toBe("done");
    await closed;
    expect(own.lines.filter(({ msg }) => msg === "request")).toMatchObject([
      { path: "/slow", status: 200, operationName: "Slow" },
    ]);
  });

  it("answers 503 SHUTTING_DOWN on a connection that was open, and closes it", async () => {
    await using own = await startServer();
    const socket = connect(own.server.port, own.server.host);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.write("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
    await until(() => own.state.running === 1);
    socket.write("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
    const closed = own.close();
    own.state.answer();
    await closed;
    await until(() => socket.closed);
    expect(text).toContain("200 OK");
    if (text.includes("503")) expect(text).toContain("SHUTTING_DOWN");
  });

  it("ends streams first, and cuts what outlasts the grace time", async () => {
    const asked: number[] = [];
    await using own = await startServer({ endStreams: async (graceMs) => void asked.push(graceMs) });
    const stuck = fetch(`${own.server.url}/slow`);
    stuck.catch(() => undefined);
    await until(() => own.state.running === 1);
    await own.close(50);
    await expect(stuck).rejects.toThrow();
    expect(asked).toEqual([50]);
    await until(() => own.lines.some(({ isCut }) => isCut === true));
  });

  it("is not held up by idle connections", async () => {
    await using own = await startServer();
    await (await fetch(`${own.server.url}/health/live`)).text();
    const startedAt = performance.now();
    await own.close();
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it("is not held up by connections that have sent nothing yet", async () => {
    await using own = await startServer();
    const socket = connect(own.server.port, own.server.host);
    await once(socket, "connect");
    const startedAt = performance.now();
    await own.close();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    await until(() => socket.closed);
  });
});
