/** What refers to a resource and must not be seen: it stands in the way where it has to, and is never named. */
import { describe, expect, it } from "vitest";
import { createGateway, type Policy, ref, WeftError, z } from "../../../src/index.ts";

const own: Policy = ({ actor }) => ({ where: { owner: { in: [String(actor), "all"] } } });

async function open(onDelete: "cascade" | "setNull" | "restrict") {
  const gateway = createGateway({ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" });
  const zones = gateway.addModel("Zone", z.object({ name: z.string() }));
  const monsters = gateway.addModel(
    "Monster",
    z.object({ owner: z.string(), zoneId: ref("Zone", { onDelete }).nullable() }),
    {
      indexedFields: ["owner"],
      policies: { universal: [own] },
    },
  );
  const { meta } = await zones.asRoot().create({ name: "z" });
  const { resourceId } = meta;
  const make = async (owner: string) => (await monsters.asRoot().create({ owner, zoneId: resourceId })).meta.resourceId;
  const mine = await make("ann");
  const hidden = await make("ghost");
  return { gateway, zones, monsters, resourceId, mine, hidden, [Symbol.asyncDispose]: () => gateway.close() };
}

const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error) => (error instanceof WeftError ? `${error.code} ${JSON.stringify(error.details)}` : String(error)),
  );

describe("a hidden referrer", () => {
  it.each(["cascade", "setNull"] as const)("forbids a deletion that would change it (%s)", async (onDelete) => {
    await using world = await open(onDelete);
    const failure = await failureOf(world.zones.as("ann").delete(world.resourceId));
    expect(failure).toMatch(/^FORBIDDEN /);
    expect(failure).not.toContain(world.hidden);
    expect((await world.zones.get(world.resourceId)).meta.isDeleted).toBe(false);
    expect((await world.monsters.asRoot().get(world.mine)).data.zoneId).toBe(world.resourceId);
  });

  it("restricts a deletion without being named; the plan names what may be read", async () => {
    await using world = await open("restrict");
    const ann = world.zones.as("ann");
    expect(await failureOf(ann.delete(world.resourceId))).toBe(
      `REFERENCE_RESTRICTED ${JSON.stringify({ resourceIds: [world.mine] })}`,
    );
    expect(await ann.deletePlan(world.resourceId)).toEqual({ cascades: [], setNulls: [], restrictedBy: [world.mine] });
    expect((await ann.asRoot().deletePlan(world.resourceId)).restrictedBy).toHaveLength(2);
  });

  it("keeps who may not see it from restoring what went with it, unnamed", async () => {
    await using world = await open("cascade");
    await world.zones.asRoot().delete(world.resourceId);
    const ann = world.zones.as("ann");
    const failure = await failureOf(ann.restore(world.resourceId, { cascade: true }));
    expect(failure).toMatch(/^FORBIDDEN /);
    expect(failure).not.toContain(world.hidden);
    await ann.asRoot().restore(world.resourceId, { cascade: true });
    expect((await world.monsters.asRoot().get(world.hidden)).meta.isDeleted).toBe(false);
  });
});
