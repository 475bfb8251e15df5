/** Fields of users' own beside weft's. */
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigurationError } from "../../../src/base/errors.ts";
import { type Backing, createFaceFixture, type FaceFixture, memoryBacking } from "./face-fixture.ts";

const person = z.object({
  first: z.string(),
  last: z.string(),
  address: z.object({ city: z.string(), street: z.string() }),
  notes: z.array(z.string()),
});

let reads: string[];
let fixture: FaceFixture;
let refs: ReturnType<FaceFixture["add"]>;

/** Memory stores that note which payloads are read. */
function notingReads(backing: Backing): Backing {
  const services = backing.services();
  const payload: typeof services.payload = {
    ...services.payload,
    get(key) {
      reads.push(key);
      return services.payload.get(key);
    },
  };
  return { ...backing, services: () => ({ ...services, payload }) };
}

beforeEach(() => {
  reads = [];
  fixture = createFaceFixture(notingReads(memoryBacking()));
  refs = fixture.add("Person", person, { indexedFields: ["first", "last", "address.city"] });
});

async function ask(selection: string): Promise<unknown> {
  await fixture.run(`mutation { createPerson(resourceId: "person:a", data: {
    first: "Ada", last: "Byron", address: { city: "London", street: "x" }, notes: ["n"]
  }) { meta { etag } } }`);
  reads.length = 0;
  const { data, errors } = await fixture.run(`{ person(resourceId: "person:a") { ${selection} } }`);
  if (errors?.[0]) throw errors[0];
  return JSON.parse(JSON.stringify(data?.person));
}

describe("a field added to data", () => {
  it("gets the stored fields that it names, and no payload is read where these are indexed", async () => {
    fixture.face.builder.objectField(refs.data, "label", (t) =>
      t.string({
        nullable: false,
        extensions: { weft: { needs: ["first", "last", "address.city"] } },
        resolve: ({ first, last, address }) => `${first} ${last}, ${(address as { city: string }).city}`,
      }),
    );
    expect(await ask("data { label }")).toEqual({ data: { label: "Ada Byron, London" } });
    expect(reads).toEqual([]);
  });

  it("gets the whole document where it names nothing", async () => {
    fixture.face.builder.objectField(refs.data, "size", (t) =>
      t.int({ nullable: false, resolve: (document) => Object.keys(document).length }),
    );
    expect(await ask("data { size }")).toEqual({ data: { size: 4 } });
    expect(reads).toHaveLength(1);
  });

  it("is refused where it needs what is not stored", () => {
    fixture.face.builder.objectField(refs.data, "label", (t) =>
      t.string({ nullable: true, extensions: { weft: { needs: ["address.zip"] } }, resolve: () => "" }),
    );
    expect(() => fixture.schema()).toThrow(/Person\.label needs address\.zip/);
  });
});

describe("a field that refers to a resource", () => {
  it("may resolve to its id, and is null where there is none", async () => {
    const { builder } = fixture.face;
    builder.objectFields(refs.resource, (t) => ({
      self: t.field({ type: refs.resource, nullable: true, resolve: ({ head }) => head.resourceId }),
      nobody: t.field({ type: refs.resource, nullable: true, resolve: () => "person:nobody" }),
      asNode: t.node({ id: ({ head }) => ({ type: refs.resource, id: head.resourceId }) }),
    }));
    const answer = await ask(
      "self { data { first } } nobody { id } asNode { ... on PersonResource { data { last } } }",
    );
    expect(answer).toEqual({ self: { data: { first: "Ada" } }, nobody: null, asNode: { data: { last: "Byron" } } });
  });
});

describe("types of users' own", () => {
  it("stand beside the models, as nodes too", async () => {
    const { builder } = fixture.face;
    builder.node(builder.objectRef<{ id: string; n: number }>("Planet"), {
      id: { resolve: ({ id }) => id },
      isTypeOf: (value) => typeof value === "object" && value !== null && "n" in value,
      loadOne: (id) => (id === "3" ? { id, n: 3 } : null),
      fields: (t) => ({ n: t.exposeInt("n", { nullable: false }) }),
    });
    builder.queryField("planet", (t) => t.field({ type: "ID", nullable: false, resolve: () => "x" }));
    const ids = ["3", "4"].map((id) => Buffer.from(`Planet:${id}`).toString("base64"));
    const { data, errors } = await fixture.run(
      "query ($ids: [ID!]!) { planet nodes(ids: $ids) { id ... on Planet { n } } }",
      { ids },
    );
    expect(errors).toBeUndefined();
    expect(JSON.parse(JSON.stringify(data))).toEqual({ planet: "x", nodes: [{ id: ids[0], n: 3 }, null] });
  });
});

describe("the builder", () => {
  it("refuses by name what comes after the schema is built", () => {
    fixture.schema();
    for (const late of [
      () => fixture.face.builder.queryField("late", (t) => t.string({ resolve: () => "" })),
      () => fixture.face.builder.enumType("Late", { values: ["A"] }),
      () => fixture.face.builder.toSchema(),
    ]) {
      expect(late).toThrow(ConfigurationError);
    }
    expect(() => fixture.face.builder.queryField("late", (t) => t.string({ resolve: () => "" }))).toThrow(
      /builder\.queryField\(\) comes too late/,
    );
  });

  it("reports what is wrong with a schema as a mistake of configuration", () => {
    const { builder } = fixture.face;
    builder.queryField("persons", (t) => t.string({ nullable: true, resolve: () => "" }));
    expect(() => fixture.schema()).toThrow(ConfigurationError);
  });
});
