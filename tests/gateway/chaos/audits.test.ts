/** GraphQL over HTTP, by the official audits of graphql-http, on a gateway with two services: through the server and without one. */
import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "./clients.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

it("has both services in its schema", async () => {
  expect(await ask(world.url, "{ products { upc reviews { id } } }")).toEqual({
    data: { products: ["1", "2", "3"].map((upc) => ({ upc, reviews: [{ id: `r${upc}` }] })) },
  });
});

const doors = [
  ["through the server", () => serverAudits({ url: () => world.url })],
  [
    "without a server",
    () =>
      serverAudits({
        url: "http://weft.test/graphql",
        fetchFn: (url: string, init: RequestInit) => world.gateway.fetch(new Request(url, init)),
      }),
  ],
] as const;

describe.each(doors)("%s", (_, audits) => {
  it("there are 61 audits", () => {
    expect(audits()).toHaveLength(61);
  });

  for (const audit of audits()) {
    it(`${audit.id} ${audit.name}`, async () => {
      const result = await audit.fn();
      expect(result.status === "ok" ? "" : result.reason).toBe("");
    });
  }
});
