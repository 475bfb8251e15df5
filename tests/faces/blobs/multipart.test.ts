/** GraphQL multipart requests over the real server. */
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answered, type BlobGateway, createDoc, docOf, png, startBlobGateway } from "./blob-gateway.ts";

let server: BlobGateway;
beforeAll(async () => {
  server = await startBlobGateway();
});
afterAll(() => server[Symbol.asyncDispose]());

const operations = (data: object, query = createDoc) => JSON.stringify({ query, variables: { data } });
const map = (paths: Record<string, string>) =>
  JSON.stringify(Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, [path]])));
const codeOf = ({ json }: { json: { errors?: readonly { extensions: Record<string, unknown> }[] } }) =>
  json.errors?.[0]?.extensions.code;
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

describe("a multipart request", () => {
  test("brings a file into a binary field, with its type and size", async () => {
    const { json } = await server.multipart([
      ["operations", operations({ title: "a", file: { file: null } })],
      ["map", map({ 0: "variables.data.file.file" })],
      ["0", new File(["hello"], "hello.txt", { type: "text/plain" })],
    ]);
    const doc = docOf(json);
    expect(doc.data.file).toMatchObject({ fileId: sha256("hello"), size: "5", contentType: "text/plain" });
    expect(await (await fetch(doc.data.file.url)).text()).toBe("hello");
  });

  test("brings several, in another order than the fields have", async () => {
    const { json } = await server.multipart([
      [
        "operations",
        operations({
          title: "a",
          pages: [{ file: null }, { file: null }],
          file: { file: null },
          picture: { file: null },
        }),
      ],
      [
        "map",
        map({
          p: "variables.data.picture.file",
          b: "variables.data.pages.1.file",
          a: "variables.data.pages.0.file",
          f: "variables.data.file.file",
        }),
      ],
      ["p", new File([png], "p.png", { type: "image/png" })],
      ["f", new File(["f".repeat(300_000)], "f")],
      ["a", new File(["page a"], "a")],
      ["b", new File(["page b"], "b")],
    ]);
    const { data } = docOf(json);
    expect(data.pages.map(({ fileId }) => fileId)).toEqual([sha256("page a"), sha256("page b")]);
    expect(data.file).toMatchObject({ size: "300000", contentType: "application/octet-stream" });
  });

  const two = /* GraphQL */ `
    mutation ($a: DocInput!, $b: DocInput!) {
      a: createDoc(data: $a) { data { file { fileId } } }
      b: createDoc(data: $b) { data { file { fileId } } }
    }
  `;
  const bringTwo = (first: string, second: string) => {
    const content = { a: "a".repeat(2_000_000), b: "b".repeat(2_000_000) };
    const variables = { a: { title: "a", file: { file: null } }, b: { title: "b", file: { file: null } } };
    return server.multipart([
      ["operations", JSON.stringify({ query: two, variables })],
      ["map", map({ a: "variables.a.file.file", b: "variables.b.file.file" })],
      [first, new File([content[first as "a"]], "x")],
      [second, new File([content[second as "a"]], "y")],
    ]);
  };

  test("brings large ones to several fields, one after the other", async () => {
    const { json } = await bringTwo("a", "b");
    expect(json.errors).toBeUndefined();
    expect(json.data?.b).toEqual({ data: { file: { fileId: sha256("b".repeat(2_000_000)) } } });
  });

  test("in the wrong order of its fields serves the first and refuses the second, without waiting for ever", async () => {
    const { json } = await bringTwo("b", "a");
    expect(json.data).toEqual({ a: { data: { file: { fileId: sha256("a".repeat(2_000_000)) } } }, b: null });
    expect(json.errors?.[0]?.extensions.code).toBe("VALIDATION_FAILED");
  });

  test("is taken without a server too", async () => {
    const form = new FormData();
    form.append("operations", operations({ title: "a", file: { file: null } }));
    form.append("map", map({ 0: "variables.data.file.file" }));
    form.append("0", new File(["no server"], "x"));
    const request = new Request(server.url, { method: "POST", headers: { "x-weft-csrf": "1" }, body: form });
    const answer = (await (await server.gateway.fetch(request)).json()) as Answered;
    expect(docOf(answer).data.file).toMatchObject({ fileId: sha256("no server") });
  });

  test("without files is a request like any other", async () => {
    const { json } = await server.multipart([
      ["operations", JSON.stringify({ query: "{ docCount }" })],
      ["map", "{}"],
    ]);
    expect(json.errors).toBeUndefined();
  });

  test("needs the header x-weft-csrf", async () => {
    const form = new FormData();
    form.append("operations", operations({ title: "a" }));
    form.append("map", "{}");
    const response = await fetch(server.url, { method: "POST", body: form });
    expect(response.status).toBe(415);
    expect(JSON.stringify(await response.json())).toContain("x-weft-csrf");
  });

  test.each<[string, [string, string | File][], number]>([
    ["no operations", [["map", "{}"]], 400],
    ["no map", [["operations", operations({ title: "a" })]], 400],
    [
      "operations that are no JSON",
      [
        ["operations", "{"],
        ["map", "{}"],
      ],
      400,
    ],
    [
      "a map that is no object",
      [
        ["operations", operations({ title: "a" })],
        ["map", "[]"],
      ],
      400,
    ],
    [
      "a file before its operation",
      [
        ["0", new File(["x"], "x")],
        ["operations", operations({ title: "a" })],
        ["map", "{}"],
      ],
      400,
    ],
    [
      "a path to what is no null",
      [
        ["operations", operations({ title: "a" })],
        ["map", map({ 0: "variables.data.title" })],
      ],
      400,
    ],
    [
      "a path outside the variables",
      [
        ["operations", operations({ title: "a" })],
        ["map", map({ 0: "query" })],
      ],
      400,
    ],
    [
      "a path to a prototype",
      [
        ["operations", operations({ title: "a" })],
        ["map", map({ 0: "variables.__proto__.x" })],
      ],
      400,
    ],
    [
      "a batch",
      [
        ["operations", "[]"],
        ["map", "{}"],
      ],
      400,
    ],
  ])("with %s is refused", async (_name, parts, status) => {
    const answer = await server.multipart(parts);
    expect(answer.status, JSON.stringify(answer.json)).toBe(status);
    expect(["VALIDATION_FAILED", "LIMIT_EXCEEDED"]).toContain(codeOf(answer));
  });

  test("whose file never comes is refused at its field", async () => {
    const answer = await server.multipart([
      ["operations", operations({ title: "a", file: { file: null } })],
      ["map", map({ 0: "variables.data.file.file" })],
    ]);
    expect(codeOf(answer)).toBe("VALIDATION_FAILED");
  });

  test("whose operation fails takes none of the file, and keeps nothing", async () => {
    const { unfinished: _, ...before } = await server.onDisk();
    const answer = await server.multipart([
      ["operations", operations({ title: 5, file: { file: null } })],
      ["map", map({ 0: "variables.data.file.file" })],
      ["0", new File([Buffer.alloc(3_000_000, 9)], "big")],
    ]);
    expect(codeOf(answer)).toBe("VALIDATION_FAILED");
    expect(await server.onDisk()).toEqual({ ...before, unfinished: [] });
  });

  test("is refused where JSON would do no harm, and the Upload scalar takes nothing else", async () => {
    const answer = await server.graphql(createDoc, { data: { title: "a", file: { file: "text" } } });
    expect(answer.errors?.[0]?.extensions.code).toBe("VALIDATION_FAILED");
  });
});

describe("limits of a field", () => {
  const bring = (field: string, file: File) =>
    server.multipart([
      ["operations", operations({ title: "a", [field]: { file: null } })],
      ["map", map({ 0: `variables.data.${field}.file` })],
      ["0", file],
    ]);

  test("end a file at the first byte too many, with the field's path, and leave nothing", async () => {
    const before = await server.onDisk();
    const answer = await bring("small", new File([Buffer.alloc(5_000_000, 1)], "x"));
    expect(answer.json.errors?.[0]?.extensions).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      path: ["small"],
      maxBytes: 10,
    });
    expect(await server.onDisk()).toEqual(before);
  });

  test.each([
    ["a page", "<!DOCTYPE html><script>alert(1)</script>", "image/png"],
    ["a page of the type it says", "<html>", "text/html"],
    ["text that only says it is a picture", "not a picture", "image/png"],
    ["a program", "MZ\x90\0", "image/jpeg"],
    ["what says nothing", "\0\0\0\0", ""],
  ])("refuse %s in a field of pictures, whatever it is called", async (_name, bytes, type) => {
    const answer = await bring("picture", new File([bytes], "cat.png", { type }));
    expect(answer.json.errors?.[0]?.extensions).toMatchObject({
      code: "VALIDATION_FAILED",
      issues: [{ path: ["picture"] }],
    });
  });

  test("take a picture that is called something else, as what it is", async () => {
    const answer = await bring("picture", new File([png], "x.exe", { type: "text/html" }));
    expect(answer.json.errors).toBeUndefined();
    expect(answer.json.data?.createDoc?.data).toMatchObject({ picture: { contentType: "image/png" } });
  });
});

describe("a hostile sender", () => {
  const boundary = "xxBOUNDARYxx";
  const part = (headers: string, body: string) => `--${boundary}\r\n${headers}\r\n\r\n${body}\r\n`;
  const field = (name: string, body: string) => part(`content-disposition: form-data; name="${name}"`, body);
  const begin = (data: object, path: string) => field("operations", operations(data)) + field("map", map({ 0: path }));
  const send = async (body: string) => {
    const response = await fetch(server.url, {
      method: "POST",
      headers: { "content-type": `multipart/form-data; boundary=${boundary}`, "x-weft-csrf": "1" },
      body,
    });
    return { status: response.status, json: await response.json() };
  };

  test.each(["../../../etc/passwd", "a\\r\\nx-evil: 1", 'a"; filename="b', "\u0000", "..\\..\\x", "x".repeat(5000)])(
    "gains nothing by the file name %j",
    async (name) => {
      const body =
        begin({ title: "a", file: { file: null } }, "variables.data.file.file") +
        part(`content-disposition: form-data; name="0"; filename="${name}"\r\ncontent-type: text/html`, "<html>hi") +
        `--${boundary}--\r\n`;
      const doc = docOf((await send(body)).json);
      const response = await fetch(doc.data.file.url);
      expect(await response.text()).toBe("<html>hi");
      expect(response.headers.get("content-disposition")).toBe(
        `attachment; filename="${doc.data.file.fileId.slice(0, 16)}.html"`,
      );
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("x-evil")).toBeNull();
    },
  );

  test("cannot break a header by a content type", async () => {
    const body =
      begin({ title: "a", file: { file: null } }, "variables.data.file.file") +
      part('content-disposition: form-data; name="0"; filename="x"\r\ncontent-type: text/"x', "1") +
      `--${boundary}--\r\n`;
    expect(docOf((await send(body)).json).data.file.contentType).toBe("application/octet-stream");
  });

  test.each(["", "garbage", `--${boundary}`, `--${boundary}\r\n`, begin({ title: "a" }, "x")])(
    "is refused a body that is cut off: %#",
    async (body) => {
      const { status } = await send(body);
      expect(status).toBe(400);
    },
  );

  test("who goes away in the middle of a file leaves nothing", async () => {
    const before = await server.onDisk();
    const { port, hostname } = new URL(server.origin);
    const socket = connect(Number(port), hostname);
    const body =
      begin({ title: "cut", file: { file: null } }, "variables.data.file.file") +
      `--${boundary}\r\ncontent-disposition: form-data; name="0"; filename="x"\r\n\r\n`;
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\nx-weft-csrf: 1\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: 9000000\r\n\r\n${body}`,
    );
    socket.write(Buffer.alloc(1_000_000, 65));
    await server.whenUnfinished(1);
    socket.destroy();
    await server.whenUnfinished(0);
    expect(await server.onDisk()).toEqual(before);
    expect(await server.files.count()).toBeGreaterThan(0);
  });
});
