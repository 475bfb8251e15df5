/** A gateway with binary fields behind the real server, on memory stores but for the blobs. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { createGateway } from "../../../src/gateway.ts";
import { binary } from "../../../src/model/binary.ts";
import type { GatewayOptions } from "../../../src/options.ts";
import { temporaryDirectory } from "../../stores/temporary-directory.ts";

export const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(600, 7)]);

const schema = z.object({
  title: z.string(),
  file: binary().nullish(),
  picture: binary({ types: ["image/*"], maxBytes: 1000 }).nullish(),
  small: binary({ maxBytes: 10 }).nullish(),
  pages: z.array(binary()).default([]),
});

export interface Answered {
  readonly data?: Record<string, Record<string, never>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

export type BlobGateway = Awaited<ReturnType<typeof startBlobGateway>>;

export async function startBlobGateway(options: GatewayOptions = {}) {
  const directory = await temporaryDirectory();
  const blobs = join(directory.path, "blob");
  const gateway = createGateway({
    meta: "memory:",
    payload: "memory:",
    blob: `disk:${blobs}`,
    logLevel: "silent",
    port: 0,
    authenticate: ({ request }) => request.headers.get("x-actor") ?? "ann",
    ...options,
  });
  const files = gateway.addModel("Doc", schema);
  gateway.addModel("Note", z.object({ text: z.string() }));
  const { url } = await gateway.listen();
  const origin = new URL(url).origin;

  const graphql = async (query: string, variables: object = {}, headers: Record<string, string> = {}) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answered;
  };
  /** @param parts in the order in which they are sent */
  const multipart = async (
    parts: readonly (readonly [string, string | File])[],
    headers: Record<string, string> = {},
  ) => {
    const form = new FormData();
    for (const [name, value] of parts) form.append(name, value);
    const response = await fetch(url, { method: "POST", headers: { "x-weft-csrf": "1", ...headers }, body: form });
    return { status: response.status, json: (await response.json()) as Answered };
  };

  /** Ids of the blobs on the disk, and what is left of unfinished ones. */
  const onDisk = async () => {
    const folders = (await readdir(blobs)).filter((name) => /^[0-9a-f]{2}$/.test(name));
    const found = await Promise.all(folders.map((folder) => readdir(join(blobs, folder))));
    return { blobs: found.flat().sort(), unfinished: await readdir(join(blobs, "tmp")) };
  };

  return {
    gateway,
    files,
    url,
    origin,
    graphql,
    multipart,
    onDisk,
    /** Waits until so many files are being written; fails after five seconds. */
    async whenUnfinished(count: number) {
      for (const deadline = performance.now() + 5000; (await onDisk()).unfinished.length !== count; ) {
        if (performance.now() > deadline) throw new Error(`There were never ${count} unfinished files`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

export const createDoc = /* GraphQL */ `
  mutation ($data: DocInput!) {
    createDoc(data: $data) {
      meta { resourceId }
      revision { revisionId }
      data {
        file { fileId size contentType url }
        picture { fileId size contentType }
        small { fileId size contentType }
        pages { fileId size contentType }
      }
    }
  }
`;

export interface DocResult {
  readonly meta: { readonly resourceId: string };
  readonly revision: { readonly revisionId: string };
  readonly data: {
    readonly file: {
      readonly fileId: string;
      readonly size: string;
      readonly contentType: string;
      readonly url: string;
    };
    readonly pages: readonly { readonly fileId: string; readonly size: string; readonly contentType: string }[];
  };
}

export function docOf(answer: Answered): DocResult {
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data?.createDoc as unknown as DocResult;
}
