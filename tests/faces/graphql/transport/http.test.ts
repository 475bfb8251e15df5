import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, startFixture, until } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({ cors: { origins: ["https://app.example"] } });
});
afterAll(() => fixture.close(100));

const codeOf = (result: { json: { errors?: readonly { extensions: Record<string, unknown> }[] } }) =>
  result.json.errors?.[0]?.extensions.code;

describe("requests", () => {
  it("echoes a sane request id and makes one where there is none", async () => {
    const echoed = await fixture.post({ query: "{ me }" }, { "x-request-id": "abc-1" });
    expect(echoed.headers.get("x-request-id")).toBe("abc-1");
    const made = await fixture.post({ query: "{ me }" }, { "x-request-id": "a b <script>" });
    expect(made.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("writes one log line a request, with the operation's name", async () => {
    await fixture.post({ query: "query Named { me }" }, { "x-request-id": "logged" });
    const lines = fixture.lines.filter((line) => line.requestId === "logged");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 30,
      method: "POST",
      path: "/graphql",
      status: 200,
      operationName: "Named",
    });
  });

  it("takes compressed bodies", async () => {
    const body = gzipSync(JSON.stringify({ query: "{ me }" }));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const response = await fetch(fixture.url, { method: "POST", headers, body });
    expect(await response.json()).toEqual({ data: { me: '"anonymous"' } });
  });

  it("refuses batches", async () => {
    const result = await fixture.post([{ query: "{ me }" }, { query: "{ me }" }]);
    expect([result.status, codeOf(result)]).toEqual([400, "LIMIT_EXCEEDED"]);
  });

  it.each([
    ["no JSON", "{", []],
    ["no query", "{}", ["query"]],
    ["a query that is no text", '{"query":{}}', ["query"]],
    ["variables in a list", '{"query":"{me}","variables":[]}', ["variables"]],
  ])("refuses %s with the place", async (_name, body, path) => {
    const { status, json } = await fixture.post(body);
    expect(status).toBe(400);
    expect(json.errors?.[0]?.extensions).toMatchObject({ code: "VALIDATION_FAILED", issues: [{ path }] });
  });

  it("refuses mutations by GET", async () => {
    const response = await fetch(
      `${fixture.url}?query=${encodeURIComponent('mutation { rename(id: 1, title: "x") { id } }')}`,
    );
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(JSON.stringify(await response.json())).toContain("GRAPHQL_VALIDATION_FAILED");
  });

  it("refuses broken parameters of a GET in words", async () => {
    const response = await fetch(`${fixture.url}?query={me}&variables={`);
    expect([response.status, codeOf({ json: (await response.json()) as object })]).toEqual([400, "VALIDATION_FAILED"]);
  });

  it("refuses other methods", async () => {
    const response = await fetch(fixture.url, { method: "DELETE" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST, OPTIONS"]);
  });

  it("answers a subscription that asks for JSON with 406", async () => {
    const result = await fixture.post({ query: "subscription { ticks { cursor } }" }, { accept: "application/json" });
    expect([result.status, codeOf(result)]).toEqual([406, "VALIDATION_FAILED"]);
  });

  it("gives urql, which accepts events beside JSON, JSON for a query", async () => {
    const accept =
      "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed";
    const { headers, json } = await fixture.post({ query: "{ me }" }, { accept });
    expect(headers.get("content-type")).toBe("application/graphql-response+json; charset=utf-8");
    expect(json.data).toEqual({ me: '"anonymous"' });
  });
});

describe("pages of other origins", () => {
  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])(
    "cannot send a simple request: %s is refused",
    async (type) => {
      const body = new TextEncoder().encode(JSON.stringify({ query: 'mutation { rename(id: 1, title: "x") { id } }' }));
      const response = await fetch(fixture.url, {
        method: "POST",
        body,
        headers: type ? { "content-type": type } : {},
      });
      expect(response.status).toBe(415);
      expect(codeOf({ json: (await response.json()) as object })).toBe("VALIDATION_FAILED");
    },
  );

  it("get CORS headers only where the origin is listed", async () => {
    const preflight = (origin: string) =>
      fetch(fixture.url, { method: "OPTIONS", headers: { origin, "access-control-request-headers": "content-type" } });
    const listed = await preflight("https://app.example");
    expect(listed.status).toBe(204);
    expect(listed.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(listed.headers.get("access-control-allow-headers")).toBe("content-type");
    expect((await preflight("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
    const { headers } = await fixture.post({ query: "{ me }" }, { origin: "https://app.example" });
    expect(headers.get("access-control-allow-origin")).toBe("https://app.example");
  });
});

describe("bodies", () => {
  it("are refused above the limit by their content-length, before they are read", async () => {
    const startedAt = performance.now();
    const answer = await rawPost(fixture.url, { length: 100 * 1024 * 1024, send: 64 * 1024 });
    expect(performance.now() - startedAt).toBeLessThan(100);
    expect(answer).toContain("413");
    expect(answer).toContain("PAYLOAD_TOO_LARGE");
  });

  it("are counted when they come in chunks", async () => {
    const answer = await rawPost(fixture.url, { send: 1024 * 1024 + 1 });
    expect(answer).toContain("413");
    expect(answer).toContain("PAYLOAD_TOO_LARGE");
  });

  it("reach a client that writes all of 100 MB before it reads as 413 too", async () => {
    const response = await fetch(fixture.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new Uint8Array(100 * 1024 * 1024),
    });
    expect(response.status).toBe(413);
  });

  it("are counted after decompression", async () => {
    const body = gzipSync(Buffer.alloc(50 * 1024 * 1024, "x"));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const response = await fetch(fixture.url, { method: "POST", headers, body });
    expect([response.status, codeOf({ json: (await response.json()) as object })]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
  });

  it("are counted without a server as well", async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body, duplex: "half" };
    const response = await fixture.fetch(new Request(fixture.url, init as RequestInit));
    expect(response.status).toBe(413);
  });

  it("of exactly the limit are taken", async () => {
    const query = "{ me }";
    const filler = " ".repeat(1024 * 1024 - JSON.stringify({ query }).length);
    expect((await fixture.post({ query: query + filler })).json.data).toEqual({ me: '"anonymous"' });
  });

  it("that are cut off are no errors of ours", async () => {
    const { hostname, port } = new URL(fixture.url);
    const before = fixture.lines.length;
    const socket = connect(Number(port), hostname);
    const head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    socket.write(head, () => setTimeout(() => socket.destroy(), 20));
    await until(() => fixture.lines.length > before);
    expect(fixture.lines.slice(before)).toMatchObject([{ level: 30, isCut: true }]);
  });

  it("in an unknown encoding are refused", async () => {
    const headers = { "content-type": "application/json", "content-encoding": "zstd" };
    expect((await fetch(fixture.url, { method: "POST", headers, body: "x" })).status).toBe(415);
  });
});

describe("actors", () => {
  it("come from authenticate, once a request", async () => {
    await using own = await startFixture({ authenticate: ({ request }) => request.headers.get("x-user") });
    expect((await own.post({ query: "{ me }" }, { "x-user": "ann" })).json.data).toEqual({ me: '"ann"' });
    const response = await fetch(`${own.url}?query={me}`, { headers: { "x-user": "bob" } });
    expect(await response.json()).toEqual({ data: { me: '"bob"' } });
    expect((await own.post({ query: "{ me }" })).json.data).toEqual({ me: "null" });
  });

  it("are nobody where authenticate returns nothing", async () => {
    await using own = await startFixture({ authenticate: () => undefined as never });
    expect((await own.post({ query: "{ me }" })).json.data).toEqual({ me: "null" });
    expect(await (await fetch(`${own.url}?query={me}`)).json()).toEqual({ data: { me: "null" } });
  });

  it("that authenticate refuses get 401, whatever they accept", async () => {
    const { WeftError } = await import("../../../../src/base/errors.ts");
    await using own = await startFixture({
      authenticate: async () => {
        throw new WeftError("UNAUTHENTICATED");
      },
    });
    const byPost = await own.post({ query: "{ me }" });
    expect([byPost.status, codeOf(byPost)]).toEqual([401, "UNAUTHENTICATED"]);
    expect((await fetch(`${own.url}?query={me}`)).status).toBe(401);
  });

  it("are not told why authenticate itself failed", async () => {
    await using own = await startFixture({
      authenticate: () => {
        throw new Error("ldap://secret");
      },
    });
    for (const response of [await fetch(`${own.url}?query={me}`), await own.fetch(post(own.url))]) {
      expect(response.status).toBe(500);
      const text = await response.text();
      expect(text).toContain("INTERNAL");
      expect(text).not.toContain("secret");
    }
    expect(JSON.stringify(own.lines)).toContain("ldap://secret");
  });
});

function post(url: string): Request {
  return new Request(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"query":"{ me }"}',
  });
}

/** Sends some bytes of a body and waits for the answer, leaving the request unfinished. */
function rawPost(url: string, { length, send }: { length?: number; send: number }): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const framing = length === undefined ? "transfer-encoding: chunked" : `content-length: ${length}`;
  const type = "content-type: application/json";
  socket.write(`POST /graphql HTTP/1.1\r\nhost: ${hostname}:${port}\r\n${type}\r\n${framing}\r\n\r\n`);
  socket.write(length === undefined ? `${send.toString(16)}\r\n${" ".repeat(send)}\r\n` : " ".repeat(send));
  return new Promise((resolve, reject) => {
    let text = "";
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      text += chunk.toString();
      if (text.includes("}]}")) {
        resolve(text);
        socket.destroy();
      }
    });
  });
}
