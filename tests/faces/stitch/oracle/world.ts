/** One graph of objects, whole: what each field of each object holds. Services tell parts of it, the oracle all of it. */
import { numberOf, type Random } from "./random.ts";

export interface World {
  readonly seed: number;
  readonly entities: readonly Entity[];
}

export interface Entity {
  readonly name: string;
  readonly isNamed: boolean;
  /** Besides `id` and `code`. */
  readonly fields: readonly WorldField[];
}

export interface WorldField {
  readonly name: string;
  /** Named type: a scalar, Color, Spot, an entity, Named or Any. */
  readonly of: string;
  readonly list: boolean;
  /** Can it be null, or the whole of a list? */
  readonly nullable: boolean;
  readonly hasArguments: boolean;
  /** The field of the entity that it is computed of. */
  readonly computedOf?: string;
}

/** An object, by what it is. */
export interface Thing {
  readonly t: string;
  readonly id: string;
}

export const population = 4;
export const leaves = ["Int", "Float", "String", "Boolean", "ID", "Color", "Stamp"] as const;
export const colors = ["RED", "GREEN", "BLUE"] as const;

export function randomWorld(seed: number, random: Random): World {
  const names = Array.from({ length: 2 + random.below(3) }, (_, n) => `E${n}`);
  const entities = names.map((name) => {
    // Alike in all entities, so that they can be asked for side by side.
    const alike = { hasArguments: false, nullable: random.chance(0.5) };
    const scalars = [
      { ...alike, name: "s", of: "String", list: false },
      { ...alike, name: "t", of: "Int", list: true },
      ...Array.from({ length: 2 + random.below(3) }, (_, n) => scalarField(`s${n}`, random)),
    ];
    const links = [
      { ...alike, name: "r", of: "E0", list: random.chance(0.1) },
      ...Array.from({ length: 1 + random.below(3) }, (_, n) => ({
        name: `r${n}`,
        of: random.one([...names, "Spot", "Named", "Any"]),
        list: random.chance(0.5),
        nullable: random.chance(0.8),
        hasArguments: random.chance(0.15),
      })),
    ];
    const source = scalars.find(({ hasArguments, list }) => !hasArguments && !list);
    const computed =
      source && random.chance(0.4)
        ? [
            {
              name: "computed",
              of: "String",
              list: false,
              nullable: true,
              hasArguments: false,
              computedOf: source.name,
            },
          ]
        : [];
    return { name, isNamed: random.chance(0.6), fields: [...scalars, ...links, ...computed] };
  });
  const [first, ...others] = entities;
  return { seed, entities: first ? [{ ...first, isNamed: true }, ...others] : others };
}

function scalarField(name: string, random: Random): WorldField {
  return {
    name,
    of: random.one(leaves),
    list: random.chance(0.25),
    nullable: random.chance(0.6),
    hasArguments: random.chance(0.3),
  };
}

export const codeOf = ({ t, id }: Thing): string => `c-${t}-${id}`;

/** What computed fields make of what they are handed. */
export const computedFrom = (value: unknown): string => `of ${JSON.stringify(value ?? null)}`;

/**
 * The value of a field.
 * @param targets entities that an abstract field may hold
 */
export function heldIn(world: World, thing: Thing, field: WorldField, args: Args, targets: readonly string[]): unknown {
  if (field.computedOf !== undefined) {
    const source = entityOf(world, thing.t).fields.find(({ name }) => name === field.computedOf);
    return computedFrom(source && heldIn(world, thing, source, {}, []));
  }
  const at = [world.seed, thing.t, thing.id, field.name] as const;
  const given = field.hasArguments ? shownArguments(args) : "";
  const item = (n: number) => itemOf(field.of, numberOf(...at, given, n), targets);
  if (field.nullable && numberOf(...at, "null") % 5 === 0) return null;
  if (!field.list) return item(0);
  return Array.from({ length: numberOf(...at, "length") % 4 }, (_, n) => item(n));
}

/** Does asking for the field fail? What others are computed of never does. */
export function isFaulty(world: World, { t, id }: Thing, { name, nullable, computedOf }: WorldField): boolean {
  const isSource = entityOf(world, t).fields.some((field) => field.computedOf === name);
  return nullable && computedOf === undefined && !isSource && numberOf(world.seed, t, id, name, "fault") % 12 === 0;
}

export interface Args {
  readonly n?: number | null;
  readonly color?: string | null;
  readonly filter?: unknown;
}

/** The same whether a default was filled in by who asks or by who answers. */
function shownArguments({ n = 7, color = null, filter = null }: Args): string {
  return JSON.stringify([n, color, filter]);
}

function itemOf(of: string, number: number, targets: readonly string[]): unknown {
  switch (of) {
    case "Int":
      return number % 1000;
    case "Float":
      return (number % 1000) / 8;
    case "Boolean":
      return number % 2 === 0;
    case "String":
    case "ID":
      return `v${number % 1000}`;
    case "Color":
      return colors[number % colors.length];
    case "Stamp":
      return { at: number % 1000 };
    case "Spot":
      return { x: number % 100, y: (number >>> 8) % 100 };
    default: {
      const t = targets[number % targets.length];
      return t === undefined ? null : { t, id: String((number >>> 8) % population) };
    }
  }
}

export function entityOf({ entities }: World, name: string): Entity {
  const entity = entities.find((one) => one.name === name);
  if (entity === undefined) throw new Error(`The world has no ${name}.`);
  return entity;
}
