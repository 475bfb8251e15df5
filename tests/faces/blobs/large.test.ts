/**
 * A large file up and down through the real server, in a process of its own whose memory is watched: 200 MB, and 2 GB with
 * WEFT_SOAK=1. At most 200 MB above idle.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryDirectory } from "../../stores/temporary-directory.ts";

const size = process.env.WEFT_SOAK ? 2 * 1024 ** 3 : 200 * 1024 ** 2;
const maxAboveIdle = 200 * 1024 ** 2;
const timeout = (size / 1024 ** 2 / 2) * 1000;

const block = Buffer.from(Array.from({ length: 1024 * 1024 }, (_, i) => (i * 7919) % 251));

function* film(number: number): Generator<Buffer> {
  yield Buffer.from(`film ${number}\n`.padEnd(block.length, "."));
  for (let sent = block.length; sent < size; sent += block.length) yield block;
}

function hashOf(number: number): string {
  const digest = createHash("sha256");
  for (const chunk of film(number)) digest.update(chunk);
  return digest.digest("hex");
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let child: ChildProcess;
let url: string;

const tell = async (message: string): Promise<{ aboveIdle: number }> => {
  child.send(message);
  const [answer] = await once(child, "message");
  return answer;
};

beforeAll(async () => {
  directory = await temporaryDirectory();
  child = fork(join(import.meta.dirname, "large-gateway.mjs"), [join(directory.path, "blob")]);
  const [ready] = await once(child, "message");
  url = ready.url;
  await graphql("{ filmCount }");
});
afterAll(async () => {
  const exited = once(child, "exit");
  child.disconnect();
  await exited;
  await directory[Symbol.asyncDispose]();
});

async function graphql(query: string, variables: object = {}) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return (await response.json()) as { data: Record<string, never> };
}

async function send(sending: ClientRequest, parts: Iterable<string | Buffer>): Promise<IncomingMessage> {
  const answered = once(sending, "response");
  await pipeline(Readable.from(parts), sending);
  const [response] = await answered;
  return response;
}

const boundary = "of-the-film";
const part = (name: string, extra = "") =>
  `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${extra}\r\n\r\n`;
const create = "mutation ($data: FilmInput!) { createFilm(data: $data) { data { file { fileId size url } } } }";

function* multipart(number: number): Generator<string | Buffer> {
  const operations = JSON.stringify({ query: create, variables: { data: { title: "t", file: { file: null } } } });
  yield `${part("operations")}${operations}\r\n${part("map")}{"0":["variables.data.file.file"]}\r\n`;
  yield part("0", '; filename="film"');
  yield* film(number);
  yield `\r\n--${boundary}--\r\n`;
}

async function hashOfDownload(from: string): Promise<string> {
  const digest = createHash("sha256");
  const response = await fetch(from);
  for await (const chunk of response.body ?? []) digest.update(chunk);
  return digest.digest("hex");
}

test("by a multipart request, and back", { timeout }, async () => {
  await tell("idle");
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}`, "x-weft-csrf": "1" };
  const response = await send(request(url, { method: "POST", headers }), multipart(1));
  const { file } = JSON.parse(await text(response)).data.createFilm.data;
  expect(file).toMatchObject({ fileId: hashOf(1), size: String(size) });
  expect(await hashOfDownload(file.url)).toBe(file.fileId);
  expect((await tell("peak")).aboveIdle).toBeLessThan(maxAboveIdle);
});

test("by an upload past GraphQL, and back by a slow reader", { timeout }, async () => {
  await tell("idle");
  const sha256 = hashOf(2);
  const { data } = await graphql(
    `mutation { prepareUpload(contentType: "video/x-test", size: "${size}", sha256: "${sha256}") { uploadId url } }`,
  );
  const prepared = data.prepareUpload as unknown as { uploadId: string; url: string };
  const response = await send(request(prepared.url, { method: "PUT", headers: { "content-length": size } }), film(2));
  expect(response.statusCode).toBe(204);
  await graphql(`mutation { completeUpload(uploadId: "${prepared.uploadId}") { fileId } }`);
  const made = await graphql(create, { data: { title: "u", file: { fileId: sha256 } } });
  const { file } = (made.data.createFilm as unknown as { data: { file: { url: string } } }).data;
  const slow = await fetch(file.url);
  const reader = slow.body?.getReader();
  for (let chunks = 0; chunks < 20; chunks++) {
    await reader?.read();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await reader?.cancel();
  expect(await hashOfDownload(file.url)).toBe(sha256);
  expect((await tell("peak")).aboveIdle).toBeLessThan(maxAboveIdle);
});
