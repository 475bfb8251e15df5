/** A world over services: who has which types and fields, by which keys they are found, and under which names. */
import type { Random } from "./random.ts";
import { type Entity, entityOf, type World, type WorldField } from "./world.ts";

export interface Split {
  readonly parts: readonly Share[];
  /** Is the first of them the gateway itself? */
  readonly hasLocal: boolean;
}

/** What one service has. */
export interface Share {
  readonly name: string;
  readonly entities: ReadonlyMap<string, SharedEntity>;
  /** Has it names of its own for its types? */
  readonly isRenamed: boolean;
  readonly maxBatchSize: number;
  /** By the name of a root field: what it answers. */
  readonly roots: ReadonlyMap<string, WorldField>;
}

export interface SharedEntity {
  readonly entity: Entity;
  readonly keys: readonly Key[];
  readonly lookUps: readonly KeyLookUp[];
  readonly fields: readonly WorldField[];
  /** Fields that this service alone says may be null, or never are. */
  readonly looser: ReadonlySet<string>;
  /** Fields of which it takes no arguments. */
  readonly argless: ReadonlySet<string>;
}

export type Key = "id" | "code";

export interface KeyLookUp {
  readonly key: Key;
  readonly style: "one" | "many" | "shuffled" | "objects" | "below" | "collection";
}

const styles = ["one", "many", "shuffled", "objects", "below", "collection"] as const;

export function randomSplit(world: World, random: Random): Split {
  const names = Array.from({ length: 2 + random.below(3) }, (_, n) => `svc${n}`);
  const shares = new Map(names.map((name) => [name, new Map<string, SharedEntity>()]));
  const hasLocal = random.chance(0.4);
  for (const entity of world.entities) spread(entity, { names, shares, random, hasLocal });
  for (const entities of shares.values()) completeStubs(entities, world);
  return {
    hasLocal,
    parts: names.map((name, at) => {
      const entities = shares.get(name) ?? new Map();
      const isLocal = hasLocal && at === 0;
      return {
        name,
        entities: isLocal ? localOf(entities) : entities,
        isRenamed: !isLocal && random.chance(0.3),
        maxBatchSize: random.one([100, 100, 2]),
        roots: rootsOf(name, entities, random),
      };
    }),
  };
}

/** The gateway has no look-ups that services' objects could be asked of. */
function localOf(entities: ReadonlyMap<string, SharedEntity>): ReadonlyMap<string, SharedEntity> {
  return new Map([...entities].map(([name, shared]) => [name, { ...shared, lookUps: [] }]));
}

interface Spreading {
  readonly names: readonly string[];
  readonly shares: ReadonlyMap<string, Map<string, SharedEntity>>;
  readonly random: Random;
  readonly hasLocal: boolean;
}

/** Each field has one service or more; from each service every other is reached by a key. */
function spread(entity: Entity, { names, shares, random, hasLocal }: Spreading): void {
  const holders = random.some(names, 0.6);
  // No way between two services leads through the gateway.
  const isBridged = !hasLocal && random.chance(0.4);
  const bridge = random.one(holders);
  const keysOf = (name: string): Key[] =>
    name === bridge && isBridged ? ["id", "code"] : isBridged ? [random.one(["id", "code"] as const)] : ["id"];
  const keys = new Map(holders.map((name) => [name, keysOf(name)]));
  const owners = new Map(entity.fields.map((field) => [field.name, ownersOf(field, holders, random)]));
  for (const name of holders) {
    // No service computes anything of what only the gateway knows of another's object.
    const fields = entity.fields.filter(
      (field) => owners.get(field.name)?.includes(name) && !(hasLocal && field.computedOf),
    );
    shares.get(name)?.set(entity.name, {
      entity,
      keys: keys.get(name) ?? [],
      lookUps: (keys.get(name) ?? []).map((key) => ({ key, style: random.one(styles) })),
      fields,
      looser: new Set(fields.filter(() => random.chance(0.2)).map((field) => field.name)),
      argless: new Set(
        fields
          .filter((field) => owners.get(field.name)?.at(0) !== name && random.chance(0.5))
          .map((field) => field.name),
      ),
    });
  }
}

function ownersOf({ of }: WorldField, holders: readonly string[], random: Random): readonly string[] {
  // What an abstract field may hold depends on the service.
  if (of === "Named" || of === "Any") return [random.one(holders)];
  return random.chance(0.25) ? random.some(holders, 0.6) : [random.one(holders)];
}

/** Entities that fields of a service refer to, of which it knows the key only. */
function completeStubs(entities: Map<string, SharedEntity>, world: World): void {
  const targets = [...entities.values()].flatMap(({ fields }) => fields.map(({ of }) => of));
  for (const name of targets) {
    if (!/^E\d$/.test(name) || entities.has(name)) continue;
    entities.set(name, {
      entity: entityOf(world, name),
      keys: ["id"],
      lookUps: [],
      fields: [],
      looser: new Set(),
      argless: new Set(),
    });
  }
  if (targetsIn(entities, "Named").length > 0) return;
  for (const [name, shared] of entities)
    entities.set(name, { ...shared, fields: shared.fields.filter(({ of }) => of !== "Named") });
}

function rootsOf(
  service: string,
  entities: ReadonlyMap<string, SharedEntity>,
  random: Random,
): ReadonlyMap<string, WorldField> {
  const roots = new Map<string, WorldField>();
  const add = (name: string, of: string, list: boolean) =>
    roots.set(`${service}${name}`, {
      name: `${service}${name}`,
      of,
      list,
      nullable: random.chance(0.3),
      hasArguments: random.chance(0.3),
    });
  add("Ping", "String", false);
  for (const name of entities.keys()) {
    if (random.chance(0.7)) add(`${name}s`, name, true);
    if (random.chance(0.4)) add(`${name}`, name, false);
  }
  if (targetsIn(entities, "Named").length > 0 && random.chance(0.7)) add("Nameds", "Named", true);
  if (targetsIn(entities, "Any").length > 0 && random.chance(0.7)) add("Anys", "Any", true);
  return roots;
}

/** Entities that a field of a service may hold. */
export function targetsIn(entities: ReadonlyMap<string, SharedEntity>, of: string): readonly string[] {
  if (of === "Any") return [...entities.keys()];
  if (of !== "Named") return [of];
  return [...entities.values()]
    .filter(({ entity, keys }) => entity.isNamed && keys.includes("id"))
    .map(({ entity }) => entity.name);
}
