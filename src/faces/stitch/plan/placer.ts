/** Finds a place for each field that is asked of an object: a service that has answered already, or one more fetch. */
import type { KeyField, LookUp } from "../service/look-up.ts";
import type { Service } from "../service/service.ts";
import type { ObjectParts } from "./object-plan.ts";
import type { KeySource } from "./plan.ts";
import { computing, routeTo, tells, tellsKey, type Wanted, wantedOf } from "./routes.ts";
import type { PlanScope } from "./scope.ts";
import { type Site, siteOf, wantKey } from "./site.ts";

export interface Placer {
  /** Index of the site that tells the field, made where there was none; undefined where nobody does. */
  place(wanted: Wanted): number | undefined;
  keySources(keys: readonly KeyField[], isNullable?: boolean): readonly KeySource[] | undefined;
}

/** @param sites grows as more is placed */
export function createPlacer(parts: ObjectParts, sites: Site[], scope: PlanScope): Placer {
  const { type, fields, isAmongOthers, computed: handed } = parts;
  const { types } = scope.composition;
  const all = [...fields.values()].flatMap(([node]) => (node ? [wantedOf(node)] : []));
  /** What is being placed: a field that needs itself is placed by nobody. */
  const pending = new Set<string>();

  const place = (wanted: Wanted): number | undefined => {
    if (wanted.name === handed) return 0;
    const here = sites.findIndex((site) => tells(site.service, type, wanted));
    if (here >= 0) return here;
    if (pending.has(wanted.name)) return undefined;
    pending.add(wanted.name);
    try {
      const computed = computing(type, wanted.name);
      return computed === undefined ? placeFetched(wanted) : placeComputed(computed);
    } finally {
      pending.delete(wanted.name);
    }
  };

  const placeFetched = (wanted: Wanted): number | undefined => {
    const from = sites.map(({ service }) => service);
    const route = routeTo(wanted, { type, from, types, others: all });
    let last: number | undefined;
    for (const { service, lookUp } of route ?? []) {
      const sources = keySources(lookUp.key);
      if (sources === undefined) return undefined;
      last = addSite(service, lookUp, sources);
    }
    return last;
  };

  const placeComputed = ({ service, lookUp, needs }: NonNullable<ReturnType<typeof computing>>): number | undefined => {
    const known = new Set(lookUp.key.map(({ name }) => name));
    const key = keySources(lookUp.key);
    const more = keySources(
      needs.filter(({ name }) => !known.has(name)),
      true,
    );
    return key && more && addSite(service, lookUp, [...key, ...more]);
  };

  const addSite = (service: Service, lookUp: LookUp, sources: readonly KeySource[]): number => {
    const site = siteOf(service, lookUp);
    site.key.push(...sources);
    return sites.push(site) - 1;
  };

  const keySources: Placer["keySources"] = (keys, isNullable = false) => {
    const sources: KeySource[] = [];
    for (const key of keys) {
      const told = sites.findIndex(({ service }) => tellsKey(service, type, key, types));
      const at = told >= 0 ? told : place({ name: key.name, args: [], isForKey: true });
      if (at === undefined) return undefined;
      sources.push({ fetch: at - 1, responseKey: addKey(at, key), key, isNullable });
    }
    return sources;
  };

  /** Has a site tell a field of a key, under a response key that no field of the client's has. */
  const addKey = (at: number, key: KeyField): string => {
    const site = sites[at];
    if (site === undefined) throw new Error("A field of a key has a place.");
    const [node] = fields.get(key.name) ?? [];
    const isSame = node?.name.value === key.name && !node.arguments?.length && !key.below;
    const isFree = !isAmongOthers && (node === undefined || isSame);
    const responseKey = isFree ? key.name : `_k_${isAmongOthers ? `${type.name}_` : ""}${key.name}`;
    wantKey(site, responseKey, key);
    return responseKey;
  };

  return { place, keySources };
}
