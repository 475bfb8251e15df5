/** AutoCRUD's cases of `GET …/referrers`, in the words of this API: a reference by one field of one model is a group of its own. */
import { describe, expect, it } from "vitest";
import { createGateway, ref, z } from "../../../src/index.ts";
import { casesOf } from "../../cases/cases.ts";
import { ask } from "../../faces/ask.ts";

function world() {
  const gateway = createGateway({ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" });
  const monsters = gateway.addModel(
    "Monster",
    z.object({ zoneId: ref("Zone").optional(), zoneSnapshotId: ref("Zone", { type: "revision" }).optional() }),
  );
  const heroes = gateway.addModel("Hero", z.object({ skillIds: z.array(ref("Skill")) }));
  const zones = gateway.addModel("Zone", z.object({ name: z.string() }));
  const skills = gateway.addModel("Skill", z.object({ name: z.string() }));
  return { gateway, monsters, heroes, zones, skills };
}

const idOf = async (made: Promise<{ readonly meta: { readonly resourceId: string } }>) => (await made).meta.resourceId;

const cases: Readonly<Record<string, () => Promise<void>>> = {
  async referrers() {
    const { gateway, monsters, zones } = world();
    const [zone, other] = [await idOf(zones.create({ name: "Z" })), await idOf(zones.create({ name: "other" }))];
    const [one, two] = [await idOf(monsters.create({ zoneId: zone })), await idOf(monsters.create({ zoneId: zone }))];
    await monsters.create({ zoneId: other });
    const group = { resourceName: "monster", field: "zoneId", onDelete: "dangling" };
    const { edges } = await zones.referrers(zone);
    expect(edges.map(({ node }) => node)).toEqual([one, two].map((resourceId) => ({ ...group, resourceId })));
    await gateway.close();
  },
  async "referrers-not-a-target"() {
    const { gateway, monsters } = world();
    const id = await idOf(monsters.create({}));
    const { errors } = await ask(gateway, `{ monster(resourceId: "${id}") { referrers { totalCount } } }`);
    expect(errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    await gateway.close();
  },
  async "referrers-list-field"() {
    const { gateway, heroes, skills } = world();
    const [first, second] = [await idOf(skills.create({ name: "S1" })), await idOf(skills.create({ name: "S2" }))];
    const both = await idOf(heroes.create({ skillIds: [first, second] }));
    const one = await idOf(heroes.create({ skillIds: [first] }));
    await heroes.create({ skillIds: [second] });
    const { edges } = await skills.referrers(first, { field: "skillIds" });
    expect(edges.map(({ node }) => node.resourceId)).toEqual([both, one]);
    await gateway.close();
  },
  async "referrers-exclude-revision-refs"() {
    const { gateway, monsters, zones } = world();
    const zone = await idOf(zones.create({ name: "E" }));
    await monsters.create({ zoneSnapshotId: `${zone}:1` });
    expect((await zones.referrers(zone)).edges).toEqual([]);
    await gateway.close();
  },
};

describe("AutoCRUD: referrers", () => {
  it("has all of its cases", () => {
    const ids = casesOf<{ readonly id: string }>("ref_on_delete").map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith("referrers")).sort()).toEqual(Object.keys(cases).sort());
  });

  for (const [id, run] of Object.entries(cases)) it(id, run);
});
