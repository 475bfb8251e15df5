/** GraphQL over HTTP, by the official audits of graphql-http: every MUST, SHOULD and MAY, through the server and without one. */
import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, startFixture } from "./fixture.ts";

/** A plugin that hooks into everything and changes nothing: every request goes through Yoga, every operation through envelop. */
const watching = {
  onRequest: () => undefined,
  onParse: () => undefined,
  onValidate: () => undefined,
  onContextBuilding: () => undefined,
  onExecute: () => undefined,
  onResponse: () => undefined,
};

describe.each([
  ["without plugins", []],
  ["with plugins", [watching]],
])("%s", (_, plugins) => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await startFixture({ plugins });
  });
  afterAll(() => fixture.close(100));

  for (const audit of serverAudits({ url: () => fixture.url })) {
    it(`${audit.id} ${audit.name}`, async () => {
      const result = await audit.fn();
      expect(result.status === "ok" ? "" : result.reason).toBe("");
    });
  }

  describe("without a server", () => {
    const fetchFn = (url: string, init: RequestInit) => fixture.fetch(new Request(url, init));
    for (const audit of serverAudits({ url: "http://weft.test/graphql", fetchFn })) {
      it(`${audit.id} ${audit.name}`, async () => {
        const result = await audit.fn();
        expect(result.status === "ok" ? "" : result.reason).toBe("");
      });
    }
  });
});
