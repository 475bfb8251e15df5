/** Which headers go out, and that they tell credentials apart. */
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../src/base/errors.ts";
import type { HeaderOptions } from "../../../../src/faces/stitch/options.ts";
import { createOutgoingHeaders } from "../../../../src/faces/stitch/remote/outgoing-headers.ts";
import { callerWith, kept, query, remoteAt, system } from "./fixture.ts";
import { startService } from "./service.ts";

const headersFor = (options: HeaderOptions | undefined, headers: Record<string, string>) =>
  createOutgoingHeaders("catalog", options)(callerWith(headers)).headers;

const everything = {
  authorization: "Bearer a",
  cookie: "session=1",
  connection: "keep-alive, X-Inner",
  "x-inner": "1",
  host: "gateway",
  te: "trailers",
  upgrade: "websocket",
  origin: "https://app",
  accept: "*/*",
  "keep-alive": "1",
  "accept-encoding": "br",
  "accept-language": "de",
  "content-length": "17",
  "content-type": "text/plain",
  "content-encoding": "br",
  "content-digest": "a",
  "if-none-match": "*",
  range: "bytes=0-1",
  "proxy-authorization": "Basic a",
  "transfer-encoding": "chunked",
  "sec-websocket-key": "a",
  "x-tenant": "t1",
};

describe("headers", () => {
  test("are none by default", () => {
    expect(headersFor(undefined, everything)).toEqual({});
  });

  test("are those that are named, whatever their case, and those that are set", () => {
    const options = { forward: ["Authorization", "cookie", "x-absent"], set: { "X-Gateway": "weft" } };
    expect(headersFor(options, everything)).toEqual({
      authorization: "Bearer a",
      cookie: "session=1",
      "x-gateway": "weft",
    });
  });

  test("that are set win over those of the client", () => {
    expect(headersFor({ forward: ["x-tenant"], set: { "x-tenant": "fixed" } }, everything)).toEqual({
      "x-tenant": "fixed",
    });
  });

  test("of a function are sent without those of one hop, of one body, and cookies", () => {
    expect(headersFor(({ headers }) => headers, everything)).toEqual({
      authorization: "Bearer a",
      "accept-language": "de",
      "x-tenant": "t1",
    });
  });

  test("that the client's Connection header names stay behind", () => {
    expect(headersFor({ forward: ["x-inner", "x-tenant"] }, everything)).toEqual({ "x-tenant": "t1" });
  });

  test("that no header can hold stay behind: line breaks, NUL, what is no Latin-1, names that are none", () => {
    const hostile = { a: "x\r\nhost: b", b: "x\ny", c: "x\0", d: "😀", "e f": "1", "g:": "1", h: "fine" };
    expect(headersFor(({ headers }) => headers, hostile)).toEqual({ h: "fine" });
    expect(headersFor({ forward: ["a", "b", "c", "d", "h"] }, hostile)).toEqual({ h: "fine" });
  });

  test("of a client's prototype are none", () => {
    expect(headersFor({ forward: ["constructor", "tostring"] }, {})).toEqual({});
  });

  test.each([
    [{ forward: ["Connection"] }],
    [{ forward: ["transfer-encoding"] }],
    [{ forward: ["not a name"] }],
    [{ set: { Host: "a" } }],
    [{ set: { "x-a": "a\r\nb: c" } }],
    [{ set: { "content-type": "text/plain" } }],
  ])("that could never be sent are refused in the configuration: %j", (options) => {
    expect(() => createOutgoingHeaders("catalog", options)).toThrow(ConfigurationError);
  });
});

describe("credentials", () => {
  const credentials = (options: HeaderOptions, headers: Record<string, string>) =>
    createOutgoingHeaders("catalog", options)(callerWith(headers)).credentials;

  test("are equal where the outgoing headers are, whatever else the client sends", () => {
    const options = { forward: ["authorization", "x-tenant"] };
    const one = credentials(options, { authorization: "a", "x-tenant": "b", "user-agent": "1" });
    expect(credentials(options, { "x-tenant": "b", authorization: "a" })).toBe(one);
    expect(credentials(options, { "x-tenant": "a", authorization: "b" })).not.toBe(one);
    expect(credentials(options, { authorization: "a" })).not.toBe(one);
  });

  test("cannot be made equal by what a header holds", () => {
    const options = { forward: ["a", "b"] };
    expect(credentials(options, { a: '1","b","2' })).not.toBe(credentials(options, { a: "1", b: "2" }));
  });
});

test("on the wire are what was resolved for this very caller", async () => {
  const service = kept(await startService(() => ({ data: {} })));
  const remote = remoteAt(service.url, { headers: { forward: ["authorization"], set: { "x-gateway": "weft" } } });
  await Promise.all(["ann", "bob"].map((name) => remote.execute(query("{ a }"), callerWith({ authorization: name }))));
  await remote.execute(query("{ a }"), system);
  const seen = service.received.map(({ headers }) => [headers.authorization, headers["x-gateway"], headers.cookie]);
  expect(seen).toHaveLength(3);
  expect(seen).toEqual(
    expect.arrayContaining([
      ["ann", "weft", undefined],
      ["bob", "weft", undefined],
      [undefined, "weft", undefined],
    ]),
  );
});
