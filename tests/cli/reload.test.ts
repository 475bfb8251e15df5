/** Living schemas from the operator's side: a service that changes, goes away and comes back, and `weft reload`. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { buildSchema } from "graphql";
import { createYoga } from "graphql-yoga";
import { expect, it } from "vitest";
import { type Folder, makeFolder, weft } from "./weft.ts";

const config = (url: string, options = "") => `
import { createGateway, z } from "weft";
const gateway = createGateway({
  meta: "memory:", payload: "memory:", blob: "memory:",
  stitch: [{ name: "catalog", url: "${url}", retries: 0, timeoutMs: 2000, poll: false ${options} }],
});
gateway.addModel("Zone", z.object({ name: z.string() }));
export default gateway;
`;

/** A service whose schema can be exchanged, and which can be taken away. */
async function serve(sdl: string) {
  let handler: RequestListener = yogaOf(sdl);
  const server: Server = createServer((request, response) => handler(request, response)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    change(next: string) {
      handler = yogaOf(next);
    },
    fail() {
      handler = (_request, response) => void response.writeHead(500).end("secret");
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const yogaOf = (sdl: string): RequestListener =>
  createYoga({
    schema: Object.assign(buildSchema(sdl)),
    logging: false,
    landingPage: false,
  }) as unknown as RequestListener;

async function started(folder: Folder) {
  const running = weft(folder, ["start"]);
  const end = Date.now() + 20_000;
  while (!running.out.includes("ready at") && running.child.exitCode === null && Date.now() < end) await delay(20);
  const url = /ready at (\S+)/.exec(running.out)?.[1];
  if (url === undefined) throw new Error(running.err);
  return Object.assign(running, { url });
}

async function fieldsOf(url: string, typeName: string): Promise<readonly string[]> {
  const query = `{ __type(name: "${typeName}") { fields { name } } }`;
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) };
  const { data } = (await (await fetch(url, init)).json()) as {
    data: { __type: { fields: { name: string }[] } | null };
  };
  return data.__type?.fields.map(({ name }) => name) ?? [];
}

async function reload(folder: Folder, args: readonly string[] = []) {
  await using command = weft(folder, ["reload", ...args]);
  const code = await command.exited;
  return { code, out: command.out.replace(/^\d+ /gm, ""), err: command.err };
}

it("takes a service's new schema, refuses one that breaks clients or cannot be read, and takes it by force", async () => {
  await using catalog = await serve("type Product { upc: ID! name: String } type Query { products: [Product] }");
  using folder = makeFolder({ "weft.config.ts": config(catalog.url) });
  await using gateway = await started(folder);
  expect(await fieldsOf(gateway.url, "Product")).toEqual(["upc", "name"]);
  expect(await reload(folder)).toEqual({ code: 0, out: "catalog: unchanged\n", err: "" });

  catalog.change("type Product { upc: ID! name: String price: Int } type Query { products: [Product] }");
  expect(await reload(folder)).toMatchObject({ code: 0, out: "catalog: changed\n" });
  expect(await fieldsOf(gateway.url, "Product")).toEqual(["upc", "name", "price"]);

  catalog.change("type Product { upc: ID! price: Int } type Query { products: [Product] }");
  expect(await reload(folder)).toMatchObject({
    code: 1,
    out: "catalog: refused (It would break clients: Product.name was removed.)\n",
  });
  expect(await fieldsOf(gateway.url, "Product")).toEqual(["upc", "name", "price"]);
  expect(await reload(folder, ["--force"])).toMatchObject({ code: 0, out: "catalog: changed\n" });
  expect(await fieldsOf(gateway.url, "Product")).toEqual(["upc", "price"]);

  catalog.change("type Zone { size: Int } type Query { zones: [Zone] }");
  const conflict = await reload(folder, ["--force"]);
  expect(conflict.out).toMatch(/^catalog: refused \(Zone of this gateway and of catalog cannot be one/);
  expect(await fieldsOf(gateway.url, "Product")).toEqual(["upc", "price"]);

  catalog.fail();
  expect(await reload(folder)).toMatchObject({ code: 1, out: "catalog: unreachable\n" });
  expect(await fieldsOf(gateway.url, "Product")).toEqual(["upc", "price"]);
}, 60_000);

it("starts with the last good schema while a service is down, and is not ready where a required one was never seen", async () => {
  await using catalog = await serve("type Product { upc: ID! } type Query { products: [Product] }");
  using folder = makeFolder({ "weft.config.ts": config(catalog.url, ", required: true") });
  const readiness = async (url: string) => {
    const answer = await fetch(new URL("/health/ready", url));
    return [answer.status, ((await answer.json()) as { checks: Record<string, string> }).checks["service catalog"]];
  };
  catalog.fail();
  {
    await using gateway = await started(folder);
    expect(await readiness(gateway.url)).toEqual([503, "never seen"]);
    expect(await fieldsOf(gateway.url, "Zone")).toEqual(["name"]);
    catalog.change("type Product { upc: ID! } type Query { products: [Product] }");
    expect(await reload(folder)).toMatchObject({ code: 0, out: "catalog: changed\n" });
    expect(await readiness(gateway.url)).toEqual([200, undefined]);
  }
  catalog.fail();
  await using again = await started(folder);
  expect(await readiness(again.url)).toEqual([200, undefined]);
  expect(await fieldsOf(again.url, "Product")).toEqual(["upc"]);
}, 60_000);

it("says where there is no gateway to reload", async () => {
  using folder = makeFolder();
  expect(await reload(folder)).toEqual({
    code: 1,
    out: "",
    err: "weft: No gateway runs in this directory (weft start).\n",
  });
});
