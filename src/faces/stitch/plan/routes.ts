/** Who can tell a field of an object: which services have it, and by which look-ups these are reached. */
import { type FieldNode, type GraphQLField, getNamedType, isRequiredArgument } from "graphql";
import type { MergedType } from "../compose/composition.ts";
import type { KeyField, LookUp } from "../service/look-up.ts";
import type { Service } from "../service/service.ts";

export type MergedTypes = ReadonlyMap<string, MergedType>;

/** A field that is asked for: its name, and the arguments it is given. */
export interface Wanted {
  readonly name: string;
  readonly args: readonly string[];
  /** Not for clients: fields that are kept from them will do. */
  readonly isForKey?: boolean;
}

export function wantedOf(node: FieldNode): Wanted {
  return { name: node.name.value, args: (node.arguments ?? []).map(({ name }) => name.value) };
}

/** Can a service tell the field of any object of the type that it answers? Not where it must be handed other fields first. */
export function tells(service: Service, type: MergedType, { name, args, isForKey = false }: Wanted): boolean {
  const own = type.services.get(service);
  const field = (isForKey ? own?.told : own?.fields)?.get(name);
  if (own === undefined || field === undefined) return false;
  if (own.lookUps.some(({ computed }) => computed.has(name))) return false;
  return args.every((arg) => field.args.some((one) => one.name === arg));
}

/** The look-up that computes a field, and what it has to be handed. */
export function computing(
  type: MergedType,
  name: string,
): { service: Service; lookUp: LookUp; needs: readonly KeyField[] } | undefined {
  for (const [service, { lookUps, fields }] of type.services) {
    if (!fields.has(name)) continue;
    for (const lookUp of lookUps) {
      const needs = lookUp.computed.get(name);
      if (needs !== undefined) return { service, lookUp, needs };
    }
  }
  return undefined;
}

/** Can the service tell the whole of this field of a key? */
export function tellsKey(service: Service, type: MergedType, key: KeyField, types: MergedTypes): boolean {
  if (!tells(service, type, { name: key.name, args: [], isForKey: true })) return false;
  const field = type.services.get(service)?.told.get(key.name);
  if (field === undefined || field.args.some(isRequiredArgument)) return false;
  if (key.below === undefined) return true;
  const below = belowOf(service, field, types);
  return below !== undefined && key.below.every((one) => tellsKey(service, below, one, types));
}

export function belowOf(
  service: Service,
  field: GraphQLField<unknown, unknown>,
  types: MergedTypes,
): MergedType | undefined {
  return types.get(service.names.type(getNamedType(field.type).name));
}

export interface Hop {
  readonly service: Service;
  readonly lookUp: LookUp;
}

/**
 * The hops that lead to a service that tells the field, in an order in which each finds its key among those before it.
 * @param from services that have answered of this object
 * @param others wanted as well: of several ways of one length, the one that tells most of these
 */
export function routeTo(
  wanted: Wanted,
  {
    type,
    from,
    types,
    others,
  }: { type: MergedType; from: readonly Service[]; types: MergedTypes; others: readonly Wanted[] },
): readonly Hop[] | undefined {
  const reached: Hop[] = [];
  const has = (service: Service) => from.includes(service) || reached.some((hop) => hop.service === service);
  const known = () => [...from, ...reached.map(({ service }) => service)];
  for (;;) {
    const next = hopsFrom(type, known(), types).filter(({ service }) => !has(service));
    if (next.length === 0) return undefined;
    const score = ({ service }: Hop) => others.filter((other) => tells(service, type, other)).length;
    const [best] = next.filter(({ service }) => tells(service, type, wanted)).sort((a, b) => score(b) - score(a));
    if (best !== undefined) return needed(best, { reached, from, type, types });
    for (const hop of next) if (!has(hop.service)) reached.push(hop);
  }
}

/** Look-ups of which the key is known. */
function hopsFrom(type: MergedType, known: readonly Service[], types: MergedTypes): readonly Hop[] {
  return [...type.services].flatMap(([service, { lookUps }]) =>
    lookUps
      .filter(({ key }) => key.every((field) => known.some((one) => tellsKey(one, type, field, types))))
      .map((lookUp) => ({ service, lookUp })),
  );
}

interface Reached {
  readonly reached: readonly Hop[];
  readonly from: readonly Service[];
  readonly type: MergedType;
  readonly types: MergedTypes;
}

/** Of the hops that were tried, those that the last one rests on, and itself. */
function needed(last: Hop, { reached, from, type, types }: Reached): readonly Hop[] {
  const hops = new Set<Hop>();
  const take = (hop: Hop) => {
    for (const field of hop.lookUp.key) {
      if (from.some((service) => tellsKey(service, type, field, types))) continue;
      const before = reached.find(({ service }) => tellsKey(service, type, field, types));
      if (before !== undefined && !hops.has(before)) take(before);
    }
    hops.add(hop);
  };
  take(last);
  return [...hops];
}
