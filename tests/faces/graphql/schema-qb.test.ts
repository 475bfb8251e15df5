/** `qb:` through the schema, from the argument to the place of an error. */
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createFaceFixture, type FaceFixture, memoryBacking } from "./face-fixture.ts";

let fixture: FaceFixture;

beforeAll(async () => {
  fixture = createFaceFixture(memoryBacking());
  const schema = z.object({ name: z.string(), level: z.number().int(), secret: z.string().optional() });
  fixture.add("Hero", schema, { indexedFields: ["name", "level"] });
  for (const [i, name] of ["Ann", "Bob", "Cid"].entries()) {
    const created = await fixture.run(
      `mutation { createHero(resourceId: "hero:${i}", data: { name: "${name}", level: ${i} }) { id } }`,
    );
    expect(created.errors).toBeUndefined();
  }
  await fixture.run('mutation { deleteHero(resourceId: "hero:2") { id } }');
});

async function search(qb: string, query: object | null = null) {
  const { data, errors } = await fixture.run(
    `query ($qb: String, $query: ResourceQuery) {
      heroList(qb: $qb, query: $query) { data { name } }
      heroCount(qb: $qb, query: $query)
    }`,
    { qb, query },
  );
  const list = data?.heroList as readonly { readonly data: { readonly name: string } }[] | null;
  const places = errors?.map(({ originalError }) => originalError);
  return { names: list?.map((hero) => hero.data.name), count: data?.heroCount, errors: places };
}

describe("qb", () => {
  it("finds and counts; its sort and limit are for the list", async () => {
    const found = await search("(QB['level'] >= 0).sort('-level').limit(1)");
    expect(found).toEqual({ names: ["Bob"], count: 2, errors: undefined });
  });

  it("leaves deleted ones out, unless it or the query speaks of them", async () => {
    expect((await search("QB.all().sort('name')")).names).toEqual(["Ann", "Bob"]);
    expect((await search("QB.is_deleted() == True")).names).toEqual(["Cid"]);
    expect((await search("QB.all().sort('name')", { isDeleted: null })).names).toEqual(["Ann", "Bob", "Cid"]);
    expect((await search("QB.all().limit(5).offset(1).sort('name')", { limit: 1, offset: 0 })).names).toEqual(["Ann"]);
  });

  it("tells where it is wrong", async () => {
    const { names, count, errors } = await search("(QB['level'] > 1) &\n QB['secret'].eq('x')");
    expect([names, count]).toEqual([undefined, null]);
    expect(errors).toMatchObject([
      { code: "FIELD_NOT_INDEXED", details: { field: "secret", line: 2, column: 2 } },
      { code: "FIELD_NOT_INDEXED", details: { line: 2, column: 2 } },
    ]);
    const { errors: both } = await search("QB.all()", { sorts: [{ data: { fieldPath: "level" } }] });
    expect(both).toMatchObject([{ code: "QUERY_INVALID", details: { at: ["sorts"] } }, { code: "QUERY_INVALID" }]);
  });
});
