/**
 * Worlds that differ in nothing but what an actor may not see: the values of hidden fields, and the content of hidden rows; in one of them the hidden rows
 * are not there at all. Whatever can be asked must have the same answer in all of them.
 */
import { binary, createGateway, type Gateway, type Policy, type PolicyChains, ref, z } from "../../../src/index.ts";
import { emptyState, type MemoryState, memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import { memoryPayloadStore } from "../../../src/stores/payload/drivers/memory.ts";

export type Variant = "one" | "other" | "without";

export const actors = ["ann", "bob", "carl"] as const;

export interface World {
  readonly gateway: Gateway;
  /** Of each model: resources that everybody sees, that nobody sees, that come and go; and one that is not there. */
  readonly ids: Readonly<Record<"Zone" | "Monster" | "Rumour", readonly string[]>>;
  /** Values that nobody but the admin may see, as they stand in answers. */
  readonly secrets: readonly string[];
  /** Those of them that no query finds any more: of a draft that was edited, and of a purged row. */
  readonly gone: readonly string[];
  /** As it was when it was made. */
  reset(): void;
  /** As many changes in each world: of what is seen, of what is not, and of what comes into sight and leaves it. */
  goOn(): Promise<void>;
}

/** By actor, then model: what is hidden from it. */
const hiddenFields: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  ann: { Zone: ["budget", "motto"], Monster: ["hp", "lair.trap", "drops.rate"], Rumour: ["source"] },
  bob: { Zone: ["budget", "motto"], Monster: ["hp", "lair", "drops", "file"], Rumour: ["source", "tags"] },
  carl: {
    Zone: ["budget", "motto"],
    Monster: ["hp", "lair", "drops", "zoneId", "friendIds", "file"],
    Rumour: ["source", "about"],
  },
};

function guard(model: string): PolicyChains {
  const guarded: Policy = ({ actor }) => {
    if (actor === "admin") return true;
    if (typeof actor !== "string") return false;
    return {
      where: { or: [{ owner: { eq: actor } }, { owner: { eq: "all" } }] },
      fields: { read: { except: hiddenFields[actor]?.[model] ?? [] } },
    };
  };
  return { universal: [guarded] };
}

export async function createWorld(variant: Variant): Promise<World> {
  const state = emptyState();
  let counter = 0;
  const kept = keepingPayloads();
  const gateway = createGateway({
    meta: memoryMetaStore(state),
    payload: kept,
    blob: "memory:",
    logLevel: "silent",
    secret: "of all worlds, so that links are the same in each",
    idGenerator: () => `n${++counter}`,
    defaultNow: () => new Date("2026-11-21T12:00:00Z"),
    authenticate: ({ request }) => request.headers.get("x-actor"),
    introspection: true,
  });
  const zones = gateway.addModel(
    "Zone",
    z.object({ name: z.string(), owner: z.string(), budget: z.number().int(), motto: z.string().nullish() }),
    { indexedFields: ["name", "owner", "budget", "motto"], policies: guard("Zone") },
  );
  const monsters = gateway.addModel(
    "Monster",
    z.object({
      name: z.string(),
      owner: z.string(),
      hp: z.number().int(),
      zoneId: ref("Zone").nullish(),
      friendIds: z.array(ref("Monster")).default([]),
      lair: z.object({ place: z.string(), trap: z.string() }),
      drops: z.array(z.object({ item: z.string(), rate: z.number() })).default([]),
      file: binary().nullish(),
    }),
    { indexedFields: ["name", "owner", "hp", "lair.place", "lair.trap"], policies: guard("Monster") },
  );
  const rumours = gateway.addModel(
    "Rumour",
    z.object({
      text: z.string(),
      owner: z.string(),
      source: z.string().nullable(),
      about: ref("Monster", { type: "revision" }).nullish(),
      tags: z.array(z.string()).default([]),
    }),
    { indexedFields: ["text", "owner", "source", "tags"], policies: guard("Rumour") },
  );
  const fillers = gateway.addModel("Filler", z.object({ n: z.number().int() }), {
    policies: { universal: [({ actor }) => actor === "admin"] },
  });

  const secrets: string[] = [];
  /** Another in each world. */
  const secret = (word: string) => {
    const text = `${word}-${variant === "other" ? "zz" : "aa"}${secrets.length}`;
    secrets.push(text);
    return text;
  };
  const number = (one: number, other: number) => (variant === "other" ? other : one);
  const rate = (n: number) => number(n, 1 - n);
  const isThere = variant !== "without";
  const root = {
    zones: zones.asRoot(),
    monsters: monsters.asRoot(),
    rumours: rumours.asRoot(),
    fillers: fillers.asRoot(),
  };
  /** What nobody sees, or as many changes of what nobody could. */
  const hidden = async (
    make: () => Promise<{ meta: { resourceId: string } }>,
    updates: ((id: string) => Promise<unknown>)[] = [],
  ) => {
    if (isThere) {
      const { meta } = await make();
      for (const update of updates) await update(meta.resourceId);
      return meta.resourceId;
    }
    const { meta } = await root.fillers.create({ n: 0 });
    for (let n = 1; n <= updates.length; n++) await root.fillers.update(meta.resourceId, { n });
    return "";
  };
  const zone = (name: string, owner: string, budget: number) => ({ name, owner, budget, motto: secret("motto") });
  const monster = (name: string, owner: string, more: object = {}) => ({
    name,
    owner,
    hp: number(10 + secrets.length, 1000 - secrets.length),
    lair: { place: "cave", trap: secret("trap") },
    drops: [{ item: "gold", rate: rate(0.25) }],
    ...more,
  });

  const z1 = (await root.zones.create(zone("north", "all", number(5, 70)))).meta.resourceId;
  const z2 = (await root.zones.create(zone("south", "all", number(6, 60)))).meta.resourceId;
  const zAnn = (await root.zones.create(zone("annland", "ann", number(7, 50)))).meta.resourceId;
  const zGhost = await hidden(() => root.zones.create(zone(secret("ghostland"), "ghost", number(8, 40))));
  // It exists as an id in every world: who sees the id need not see the zone.
  const ghostZoneId = isThere ? zGhost : "zone:n4";
  const m1 = (await root.monsters.create(monster("orc", "all", { zoneId: z1 }))).meta.resourceId;
  const file = { base64: { data: Buffer.from("treasure map").toString("base64"), contentType: "text/plain" } };
  const m2 = (await root.monsters.create(monster("elf", "all", { zoneId: ghostZoneId, friendIds: [m1], file }))).meta
    .resourceId;
  const mAnn = (await root.monsters.create(monster("pet", "ann", { zoneId: zAnn, friendIds: [m1, m2] }))).meta
    .resourceId;
  const mBob = (await root.monsters.create(monster("ogre", "bob", { zoneId: z1 }))).meta.resourceId;
  const mGhost = await hidden(
    () =>
      root.monsters.create(monster(secret("ghost"), "ghost", { zoneId: variant === "one" ? z1 : z2, friendIds: [m1] })),
    [(id) => root.monsters.update(id, monster(secret("ghost"), "ghost", { zoneId: z2, friendIds: [m2] }))],
  );
  const ghostId = isThere ? mGhost : "monster:n9";
  await root.monsters.update(m1, monster("orc", "all", { zoneId: z1, friendIds: [m2, ghostId] }));
  // Hidden, then seen by all, then by ann alone, then by all again.
  const shifting = (await root.monsters.create(monster(secret("shy"), "ghost"))).meta.resourceId;
  await root.monsters.update(shifting, monster("bold", "all", { zoneId: z2 }));
  const edited = secrets.length;
  await root.monsters.update(shifting, monster("bold", "all", { zoneId: z2 }), { status: "draft" });
  const gone: string[] = secrets.slice(edited);
  await root.monsters.modify(shifting, { data: monster("bolder", "all", { zoneId: z1 }) });
  const deleted = (await root.monsters.create(monster("gone", "all", { zoneId: z1 }))).meta.resourceId;
  await root.monsters.delete(deleted);
  const rumour = (text: string, owner: string, more: object = {}) => ({
    text,
    owner,
    source: secret("source"),
    ...more,
  });
  const r1 = (await root.rumours.create(rumour("orcs eat", "all", { about: `${m1}:1`, tags: ["food"] }))).meta
    .resourceId;
  const r2 = (await root.rumours.create(rumour("shy ones", "all", { about: `${shifting}:1`, tags: ["x"] }))).meta
    .resourceId;
  const rGhost = await hidden(() =>
    root.rumours.create(rumour(secret("hush"), "ghost", { about: `${m1}:1`, tags: [secret("tag")] })),
  );
  const purging = secrets.length;
  const purged = await hidden(
    () => root.rumours.create(rumour(secret("purged"), "ghost")),
    [(id) => root.rumours.purge(id)],
  );

  gone.push(...secrets.slice(purging));
  const initial = copyOf(state);
  const made = counter;
  return {
    gateway,
    secrets,
    gone,
    ids: {
      Zone: [z1, zAnn, ghostZoneId, "zone:nowhere"],
      Monster: [m1, m2, mAnn, mBob, shifting, deleted, ghostId, "monster:nowhere"],
      Rumour: [r1, r2, rGhost || "rumour:n14", purged || "rumour:n15", "rumour:nowhere"],
    },
    async goOn() {
      await root.monsters.update(m1, monster("orc", "all", { zoneId: z2 }));
      await root.monsters.update(shifting, monster(secret("shy"), "ghost"));
      await root.monsters.update(shifting, monster(secret("shyer"), "ghost"));
      await root.monsters.update(shifting, monster("bold", "ann"));
      await root.zones.update(z1, zone("north", "all", number(77, 99)));
      await hidden(
        () => root.monsters.create(monster(secret("late"), "ghost", { zoneId: z1 })),
        [(id) => root.monsters.delete(id)],
      );
      if (isThere) await root.monsters.purge(mGhost);
      else await root.fillers.create({ n: 1 });
      await root.rumours.delete(r1);
      await root.rumours.restore(r1);
    },
    reset() {
      counter = made;
      restore(state, initial);
    },
  };
}

/** Keys are never written twice, so that a state of before finds its payloads again. */
function keepingPayloads() {
  const store = memoryPayloadStore();
  return { ...store, delete: async () => undefined };
}

function copyOf({ heads, revisions, log }: MemoryState): MemoryState {
  return structuredClone({ heads, revisions, log });
}

function restore(state: MemoryState, initial: MemoryState): void {
  const { heads, revisions, log } = copyOf(initial);
  state.heads.clear();
  for (const [id, head] of heads) state.heads.set(id, head);
  state.revisions.clear();
  for (const [id, some] of revisions) state.revisions.set(id, some);
  state.log.length = 0;
  state.log.push(...log);
}
