/** Files of a client that are for a service: they flow through the gateway, as multipart requests on both sides. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createYoga } from "graphql-yoga";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGateway, type Gateway, z } from "../../../../src/index.ts";
import { service } from "../weave.ts";

interface Given {
  readonly file: File;
  readonly note?: { readonly text: string; readonly files: File[] };
}

const schema = service(
  `scalar Upload input Note { text: String! files: [Upload!]! }
   type Query { size: Int } type Mutation { store(file: Upload!, note: Note): String other: String }`,
  {
    "Mutation.store": async (_: never, { file, note }: Given) => {
      const more = await Promise.all((note?.files ?? []).map((one) => one.text()));
      return [(await file.text()).length, note?.text, ...more].join(" ");
    },
    "Mutation.other": () => "other",
  },
);

describe("a file", () => {
  const yoga = createYoga({ schema, logging: false, maskedErrors: false });
  const server = createServer(yoga);
  let gateway: Gateway;
  let url: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    gateway = createGateway({
      meta: "memory:",
      payload: "memory:",
      blob: "memory:",
      remoteSchemas: "memory:",
      logLevel: "silent",
      stitch: [
        { name: "files", url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, timeoutMs: 20_000 },
      ],
    });
    gateway.addModel("Zone", z.object({ name: z.string() }));
    url = `${(await gateway.listen({ port: 0, host: "127.0.0.1" })).url}`;
  });

  afterAll(async () => {
    await gateway.close();
    server.closeAllConnections();
    server.close();
  });

  const send = async (operations: object, files: readonly (readonly [path: string, content: string])[]) => {
    const form = new FormData();
    form.set("operations", JSON.stringify(operations));
    form.set("map", JSON.stringify(Object.fromEntries(files.map(([path], at) => [at, [path]]))));
    files.forEach(([, content], at) => {
      form.set(String(at), new File([content], "name.txt"));
    });
    const address = url.endsWith("/graphql") ? url : `${url}/graphql`;
    const init = { method: "POST", body: form, headers: { "apollo-require-preflight": "true", "x-weft-csrf": "1" } };
    return (await (await fetch(address, init)).json()) as { data?: unknown; errors?: unknown };
  };

  it("reaches the service whose argument it is, large or small", async () => {
    const query = "mutation ($f: Upload!) { store(file: $f) }";
    for (const size of [0, 5, 3_000_000])
      expect(await send({ query, variables: { f: null } }, [["variables.f", "x".repeat(size)]])).toEqual({
        data: { store: `${size} ` },
      });
  });

  it("reaches it inside of inputs and lists, beside others", async () => {
    const query = "mutation ($f: Upload!, $n: Note) { store(file: $f, note: $n) }";
    const variables = { f: null, n: { text: "note", files: [null, null] } };
    expect(
      await send({ query, variables }, [
        ["variables.f", "abc"],
        ["variables.n.files.0", "one"],
        ["variables.n.files.1", "two"],
      ]),
    ).toEqual({ data: { store: "3 note one two" } });
  });
});
