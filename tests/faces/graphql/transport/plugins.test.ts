/** Plugins of Yoga and envelop, on every door. */
import { GraphQLError, type ValidationRule } from "graphql";
import type { Plugin } from "graphql-yoga";
import { describe, expect, it } from "vitest";
import {
  ConfigurationError,
  createGateway,
  type GatewayOptions,
  type GatewayPlugin,
  WeftError,
  z,
} from "../../../../src/index.ts";
import { until } from "./fixture.ts";
import { acknowledged, subscribe } from "./probe.ts";

async function openGateway(plugins: readonly GatewayPlugin[], options: GatewayOptions = {}) {
  const gateway = createGateway({
    ...{ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent", port: 0, pollMs: 20 },
    plugins,
    ...options,
  });
  const notes = gateway.addModel("Note", z.object({ text: z.string() }));
  const { url } = await gateway.listen();
  return { gateway, notes, url, wsUrl: url.replace("http", "ws"), [Symbol.asyncDispose]: () => gateway.close() };
}

type Open = Awaited<ReturnType<typeof openGateway>>;
const json = { "content-type": "application/json", accept: "application/json" };

async function post({ url }: Open, query: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...json, ...headers },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Runs one operation by a door and says what came of it. */
const doors: Readonly<Record<string, (open: Open, query: string) => Promise<unknown>>> = {
  post: async (open, query) => (await post(open, query)).body,
  get: async ({ url }, query) => (await fetch(`${url}?query=${encodeURIComponent(query)}`, { headers: json })).json(),
  multipart: async ({ url }, query) => {
    const form = new FormData();
    form.set("operations", JSON.stringify({ query }));
    form.set("map", "{}");
    const headers = { "x-weft-csrf": "1", accept: "application/json" };
    return (await fetch(url, { method: "POST", headers, body: form })).json();
  },
  sse: async ({ url }, query) => {
    const headers = { ...json, accept: "text/event-stream" };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
    const text = await response.text();
    // What fails ahead of the stream is answered as JSON.
    return JSON.parse(/^data: (\{.*)$/m.exec(text)?.[1] ?? text);
  },
  websocket: async (open, query) => {
    using client = await acknowledged(open);
    client.send(subscribe("1", query));
    const { type, payload } = await client.next();
    return type === "error" ? { errors: payload } : payload;
  },
  "gateway.fetch": async ({ gateway }, query) => {
    const request = new Request("http://weft.test/graphql", {
      method: "POST",
      headers: json,
      body: JSON.stringify({ query }),
    });
    return (await gateway.fetch(request)).json();
  },
};

/** Notes each phase that it is called in. */
function counting(log: string[]): Plugin {
  return {
    onPluginInit: () => void log.push("init"),
    onParse: () => {
      log.push("parse");
      return ({ result }) => void log.push(result instanceof Error ? "not parsed" : "parsed");
    },
    onValidate: () => void log.push("validate"),
    onContextBuilding: ({ extendContext }) => {
      log.push("context");
      extendContext({ colour: "red" } as never);
    },
    onExecute: ({ args }) => {
      log.push(`execute ${(args.contextValue as unknown as { colour: string }).colour}`);
      return { onExecuteDone: () => void log.push("executed") };
    },
    onSubscribe: () => {
      log.push("subscribe");
      return { onSubscribeResult: () => ({ onNext: () => void log.push("event"), onEnd: () => void log.push("end") }) };
    },
    onRequest: () => void log.push("request"),
    onParams: () => void log.push("params"),
    onResultProcess: () => void log.push("result"),
    onResponse: () => void log.push("response"),
    onDispose: () => void log.push("dispose"),
  } as Plugin;
}

const operationPhases = ["parse", "parsed", "validate", "context", "execute red", "executed"];
const httpPhases = ["request", "params", ...operationPhases, "result", "response"];

describe("plugins", () => {
  it.each(Object.keys(doors))("have their phases, once each, on the door %s", async (door) => {
    const log: string[] = [];
    await using open = await openGateway([counting(log)]);
    for (let round = 0; round < 2; round++) {
      log.splice(0);
      expect(await doors[door]?.(open, "{ noteCount }")).toEqual({ data: { noteCount: 0 } });
      if (door !== "websocket") await until(() => log.includes("response"));
      expect(log).toEqual(door === "websocket" ? operationPhases : httpPhases);
    }
  });

  it("may bring others, whose hooks count on every door, and hear of the schema", async () => {
    const log: string[] = [];
    const schemas: unknown[] = [];
    const bringing: Plugin = {
      onPluginInit: ({ addPlugin }) => addPlugin(counting(log)),
      onSchemaChange: ({ schema }) => void schemas.push(schema),
    };
    await using open = await openGateway([bringing]);
    expect(schemas).toEqual([open.gateway.schema()]);
    log.splice(0);
    await doors.websocket?.(open, "{ noteCount }");
    expect(log).toEqual(operationPhases);
    log.splice(0);
    await doors.post?.(open, "{ noteCount }");
    await until(() => log.includes("response"));
    expect(log).toEqual(httpPhases);
  });

  it("may answer with what they have fetched, to other origins too", async () => {
    await using upstream = await openGateway([]);
    const proxying: Plugin = {
      async onRequest({ endResponse }) {
        endResponse(await fetch(`${upstream.url}?query={noteCount}`, { headers: json }));
      },
    };
    await using open = await openGateway([proxying], { cors: { origins: ["https://app.example.org"] } });
    const answer = await post(open, "{ nonsense }", { origin: "https://app.example.org" });
    expect(answer.body).toEqual({ data: { noteCount: 0 } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example.org");
  });

  it("are made ready once and disposed of at the end", async () => {
    const log: string[] = [];
    const open = await openGateway([counting(log)]);
    await open.gateway.close();
    expect(log).toEqual(["init", "dispose"]);
  });

  it("have their phases for the events of subscriptions, over websockets and event streams, until the end", async () => {
    const log: string[] = [];
    await using open = await openGateway([counting(log)]);
    const query = `subscription { noteChanged(after: "0") { cursor resource { data { text } } } }`;
    {
      using client = await acknowledged(open);
      client.send(subscribe("1", query));
      await open.notes.create({ text: "a" });
      await open.notes.create({ text: "b" });
      expect(await client.next()).toMatchObject({
        payload: { data: { noteChanged: { cursor: "1", resource: { data: { text: "a" } } } } },
      });
      expect(await client.next()).toMatchObject({ payload: { data: { noteChanged: { cursor: "2" } } } });
    }
    await until(() => log.includes("end"));
    expect(log).toEqual(["init", "parse", "parsed", "validate", "context", "subscribe", "event", "event", "end"]);
    log.splice(0);
    const gone = new AbortController();
    const headers = { ...json, accept: "text/event-stream" };
    const response = await fetch(open.url, {
      method: "POST",
      headers,
      body: JSON.stringify({ query }),
      signal: gone.signal,
    });
    await until(() => log.includes("event"));
    gone.abort();
    await response.text().catch(() => undefined);
    await until(() => log.includes("end"));
    expect(log.slice(0, 7)).toEqual(["request", "params", "parse", "parsed", "validate", "context", "subscribe"]);
  });

  it.each(Object.keys(doors))(
    "may put a result in the place of an operation's, and change one, on the door %s",
    async (door) => {
      const replacing: Plugin = {
        onExecute({ args, setResultAndStopExecution }) {
          if (args.operationName === "Cached") setResultAndStopExecution({ data: { noteCount: 42 } });
          return {
            onExecuteDone({ result, setResult }) {
              if ("data" in result) setResult({ ...result, extensions: { seen: true } });
            },
          };
        },
      };
      await using open = await openGateway([replacing]);
      expect(await doors[door]?.(open, "query Cached { noteCount }")).toEqual({
        data: { noteCount: 42 },
        extensions: { seen: true },
      });
      expect(await doors[door]?.(open, "query Own { noteCount }")).toEqual({
        data: { noteCount: 0 },
        extensions: { seen: true },
      });
    },
  );

  it.each(Object.keys(doors))(
    "that throw are masked as INTERNAL, and the server lives, on the door %s",
    async (door) => {
      let phase = "";
      const failing = (name: string) => () => {
        if (phase === name) throw new Error("secret");
      };
      const names = ["onParse", "onValidate", "onContextBuilding", "onExecute"];
      const ofHttp = ["onRequest", "onRequestParse", "onParams", "onResultProcess", "onResponse"];
      const plugin = Object.fromEntries([...names, ...ofHttp].map((name) => [name, failing(name)]));
      await using open = await openGateway([plugin]);
      for (const name of door === "websocket" ? names : [...names, ...ofHttp]) {
        phase = name;
        const answer = (await doors[door]?.(open, "{ noteCount }")) as { errors: GraphQLError[]; data?: unknown };
        expect([name, answer.errors.map(({ message, extensions }) => [message, extensions.code])]).toEqual([
          name,
          [["Internal error.", "INTERNAL"]],
        ]);
        expect(answer.errors[0]?.extensions.requestId, name).toBeTypeOf("string");
        expect(JSON.stringify(answer)).not.toMatch(/secret|http/);
      }
      phase = "";
      expect(await doors[door]?.(open, "{ noteCount }")).toEqual({ data: { noteCount: 0 } });
    },
  );

  it.each(["post", "websocket"])(
    "may refuse by a WeftError and by a GraphQLError with a code, on the door %s",
    async (door) => {
      let error: Error = new WeftError("RATE_LIMITED");
      const refusing: Plugin = {
        onExecute() {
          throw error;
        },
      };
      await using open = await openGateway([refusing]);
      expect(await doors[door]?.(open, "{ noteCount }")).toMatchObject({
        errors: [{ extensions: { code: "RATE_LIMITED" } }],
      });
      error = new GraphQLError("Not today", { extensions: { code: "CLOSED" } });
      expect(await doors[door]?.(open, "{ noteCount }")).toMatchObject({
        errors: [{ message: "Not today", extensions: { code: "CLOSED" } }],
      });
    },
  );

  it("may refuse requests before they are operations, by error and by response", async () => {
    const plugin: Plugin = {
      onRequest({ request, endResponse, fetchAPI }) {
        if (request.headers.has("x-teapot")) endResponse(new fetchAPI.Response("short and stout", { status: 418 }));
      },
      onParams() {
        throw new WeftError("UNAUTHENTICATED");
      },
    };
    await using open = await openGateway([plugin]);
    const teapot = await fetch(open.url, {
      method: "POST",
      headers: { ...json, "x-teapot": "1" },
      body: `{"query":"{ noteCount }"}`,
    });
    expect([teapot.status, await teapot.text()]).toEqual([418, "short and stout"]);
    const refused = await post(open, "{ noteCount }");
    expect([refused.status, refused.body.errors[0].extensions]).toEqual([401, { code: "UNAUTHENTICATED" }]);
  });

  it("may answer from a cache, so that nothing runs", async () => {
    const log: string[] = [];
    const caching: Plugin = {
      onParams: ({ params, setResult }) => {
        if (params.query === "cached") setResult({ data: { cached: true } });
      },
    };
    await using open = await openGateway([caching, counting(log)]);
    expect((await post(open, "cached")).body).toEqual({ data: { cached: true } });
    expect(log).not.toContain("parse");
  });

  it.each(["post", "websocket"])(
    "may add rules and documents; limits hold of these too, on the door %s",
    async (door) => {
      const noCounts: ValidationRule = (context) => ({
        Field(node) {
          if (node.name.value === "noteCount") context.reportError(new GraphQLError("No counting"));
        },
      });
      await using open = await openGateway([
        { onValidate: ({ addValidationRule }) => addValidationRule(noCounts) } as Plugin,
      ]);
      expect(await doors[door]?.(open, "{ noteCount }")).toMatchObject({
        errors: [{ message: "No counting", extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
      });
      const deep = `{ note(resourceId: "note:1") ${"{ revisions { nodes ".repeat(30)} { __typename } ${"} }".repeat(30)} }`;
      expect(await doors[door]?.(open, deep)).toMatchObject({ errors: [{ extensions: { code: "LIMIT_EXCEEDED" } }] });
      expect(await doors[door]?.(open, "{ nonsense")).toMatchObject({
        errors: [{ extensions: { code: "GRAPHQL_PARSE_FAILED" } }],
      });
      expect(await doors[door]?.(open, "{ nonsense }")).toMatchObject({
        errors: [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
      });
    },
  );

  it("cannot take the session's place in the context, and see the request on every door", async () => {
    const seen: unknown[] = [];
    const plugin: Plugin = {
      onContextBuilding: ({ context, extendContext }) => {
        const { request, connectionParams } = context as unknown as { request: Request; connectionParams?: unknown };
        seen.push([request.headers.get("host") !== null, connectionParams]);
        extendContext({ session: { actor: "root", isRoot: true } } as never);
      },
    };
    await using open = await openGateway([plugin], { defaultUser: "ann" });
    for (const door of ["post", "get", "websocket"]) await doors[door]?.(open, "{ noteCount }");
    const created = await post(open, `mutation { createNote(data: { text: "a" }) { meta { createdBy } } }`);
    expect(created.body).toEqual({ data: { createNote: { meta: { createdBy: "ann" } } } });
    expect(seen).toEqual([
      [true, undefined],
      [true, undefined],
      [true, undefined],
      [true, undefined],
    ]);
  });

  it("end with the gateway: subscriptions get SHUTTING_DOWN and their cursor", async () => {
    const open = await openGateway([counting([])]);
    using client = await acknowledged(open);
    client.send(subscribe("1", `subscription { noteChanged(after: "0") { cursor } }`));
    await open.notes.create({ text: "a" });
    expect(await client.next()).toMatchObject({ type: "next" });
    const closing = open.gateway.close();
    expect(await client.next()).toMatchObject({
      type: "error",
      payload: [{ extensions: { code: "SHUTTING_DOWN", cursor: "1" } }],
    });
    expect((await client.closed)[0]).toBe(1001);
    await closing;
  });

  it("that are none are refused by the option's name", () => {
    const gateway = createGateway({ meta: "memory:", logLevel: "silent", plugins: [null as never] });
    gateway.addModel("Note", z.object({ text: z.string() }));
    return expect(gateway.listen({ port: 0 })).rejects.toThrow(ConfigurationError);
  });
});

describe("a gateway with plugins", () => {
  it("keeps to GraphQL over HTTP: media types, statuses, files, and mutations by POST only", async () => {
    await using open = await openGateway([counting([])]);
    const accept = "application/graphql-response+json";
    const invalid = await post(open, "{ nonsense }", { accept });
    expect([invalid.status, invalid.headers.get("content-type")]).toEqual([400, `${accept}; charset=utf-8`]);
    expect((await post(open, "{ nonsense }")).status).toBe(200);
    const mutation = `mutation { createNote(data: { text: "a" }) { id } }`;
    const byGet = await fetch(`${open.url}?query=${encodeURIComponent(mutation)}`, { headers: json });
    expect([byGet.status, byGet.headers.get("allow")]).toEqual([405, "POST"]);
    const stream = await post(open, "subscription { noteChanged { cursor } }");
    expect(stream.status).toBe(406);
    const text = await fetch(open.url, { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" });
    expect(text.status).toBe(415);
    const broken = await fetch(open.url, { method: "POST", headers: json, body: "{" });
    expect(broken.status).toBe(400);
  });
});
