/** Requests with files as multipart bodies (https://github.com/jaydenseric/graphql-multipart-request-spec): they flow through, and are held nowhere. */
import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { type ByteSource, isByteSource } from "../../../../model/byte-source.ts";
import type { RemoteRequest } from "../remote.ts";

export interface MultipartBody {
  readonly contentType: string;
  readonly body: Readable;
}

interface FilePart {
  readonly path: string;
  readonly source: ByteSource;
}

/** Undefined where there are no files: then it is JSON. */
export function multipartOf({ query, variables }: RemoteRequest): MultipartBody | undefined {
  if (variables === undefined || !hasFile(variables)) return undefined;
  const files: FilePart[] = [];
  const plain = withoutFiles(variables, "variables", files);
  const boundary = `weft-${randomUUID()}`;
  const map = Object.fromEntries(files.map(({ path }, at) => [String(at), [path]]));
  const texts = { operations: JSON.stringify({ query, variables: plain }), map: JSON.stringify(map) };
  const body = Readable.from(partsOf(boundary, texts, files), { objectMode: false });
  // Whoever sends it hears of it too.
  body.on("error", () => {});
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

function hasFile(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasFile);
  return isByteSource(value) || Object.values(value).some(hasFile);
}

/** A copy with null in the places of files. */
function withoutFiles(value: unknown, path: string, files: FilePart[]): unknown {
  if (isByteSource(value)) {
    files.push({ path, source: value });
    return null;
  }
  if (Array.isArray(value)) return value.map((item, at) => withoutFiles(item, `${path}.${at}`, files));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, withoutFiles(one, `${path}.${name}`, files)]),
  );
}

async function* partsOf(
  boundary: string,
  texts: Readonly<Record<string, string>>,
  files: readonly FilePart[],
): AsyncGenerator<Buffer> {
  for (const [name, text] of Object.entries(texts)) yield Buffer.from(`${head(boundary, name)}\r\n\r\n${text}\r\n`);
  for (const [at, { source }] of files.entries()) {
    const type = source instanceof Blob && source.type !== "" ? source.type : "application/octet-stream";
    // What the client called it stays with the gateway: no more is sent than a service asks for.
    yield Buffer.from(`${head(boundary, String(at))}; filename="file"\r\ncontent-type: ${type}\r\n\r\n`);
    if (source instanceof Uint8Array) yield Buffer.from(source);
    else for await (const chunk of source instanceof Blob ? source.stream() : source) yield Buffer.from(chunk);
    yield Buffer.from("\r\n");
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

function head(boundary: string, name: string): string {
  return `--${boundary}\r\ncontent-disposition: form-data; name="${name}"`;
}
