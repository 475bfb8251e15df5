/** The plan of one object: which of its fields its own service tells, and what has to be fetched elsewhere. */
import { type FieldNode, Kind, print, visit } from "graphql";
import type { MergedType } from "../compose/composition.ts";
import { addedName } from "../compose/composition.ts";
import type { KeyField, LookUp } from "../service/look-up.ts";
import type { Service } from "../service/service.ts";
import type { CollectedFields } from "./collect.ts";
import type { FetchPlan, FieldPlan, KeySource, ObjectPlan, SelectionPlan } from "./plan.ts";
import { belowOf, computing, routeTo, tells, tellsKey, type Wanted } from "./routes.ts";
import type { PlanScope } from "./scope.ts";

export interface ObjectParts {
  readonly service: Service;
  readonly type: MergedType;
  readonly fields: CollectedFields;
  /** Are objects of other types asked for at the same place? Then response keys of our own must not meet. */
  readonly isAmongOthers: boolean;
  /** What the object is to show of the key by which it was looked up, where its service tells it. @default nothing */
  readonly keys?: readonly KeyField[];
}

/** A place where parts of the object are answered: its own service, or a fetch. */
interface Site {
  readonly service: Service;
  readonly lookUp: LookUp | undefined;
  readonly fields: Map<string, readonly FieldNode[]>;
  /** By response key: fields of keys that others want from here. */
  readonly keys: Map<string, KeyField>;
  readonly key: KeySource[];
}

export interface Planned {
  readonly plan: ObjectPlan;
  /** Of its own service: "name price", without braces. */
  readonly text: string;
  readonly variables: ReadonlySet<string>;
}

export function planObject(parts: ObjectParts, scope: PlanScope): Planned {
  const { type, service } = parts;
  const sites: Site[] = [siteOf(service, undefined)];
  const places = new Map<string, number>();
  const needs = new Map<string, readonly KeySource[]>();
  const placer = createPlacer(parts, sites, scope);

  for (const [responseKey, nodes] of parts.fields) {
    const [node] = nodes;
    if (node === undefined || node.name.value === "__typename") continue;
    const own = ownNeeds(type, node.name.value, scope);
    if (own !== undefined) {
      const sources = placer.keySources(own);
      if (sources !== undefined) needs.set(node.name.value, sources);
      continue;
    }
    const place = placer.place(wantedOf(node));
    if (place === undefined) continue;
    places.set(responseKey, place);
    sites[place]?.fields.set(responseKey, nodes);
  }

  const shown = sites.map((site) =>
    showKeys(site, site.lookUp ? matchable(site.lookUp) : (parts.keys ?? []), { type, scope }),
  );
  const answers = sites.map((site) => answerOf(site, type, scope));
  const fields = new Map<string, FieldPlan>();
  for (const [responseKey, place] of places) {
    const below = answers[place]?.below.get(responseKey);
    fields.set(responseKey, { fetch: place - 1, below });
  }
  const fetches = sites
    .slice(1)
    .map((site, at) => fetchOf(site, { type, answer: answers[at + 1], keys: shown[at + 1] }));
  const [first] = answers;
  if (first === undefined) throw new Error("A plan has a place to begin with.");
  return {
    plan: { service, typeName: type.name, fields, needs, fetches, keys: shown[0] ?? [] },
    text: first.text,
    variables: first.variables,
  };
}

function siteOf(service: Service, lookUp: LookUp | undefined): Site {
  return { service, lookUp, fields: new Map(), keys: new Map(), key: [] };
}

/** What a field of the gateway's own asks of an object that comes from a service; undefined for fields of services. */
function ownNeeds(type: MergedType, name: string, { composition }: PlanScope): readonly KeyField[] | undefined {
  const added = composition.added.get(addedName(type.name, name));
  if (added !== undefined) return added.needs;
  const isRemote = [...type.services.values()].some(({ fields }) => fields.has(name));
  return isRemote || !type.isLocal ? undefined : type.localLookUp?.key;
}

function wantedOf(node: FieldNode): Wanted {
  return { name: node.name.value, args: (node.arguments ?? []).map(({ name }) => name.value) };
}

interface Placer {
  /** Index of the site that tells the field, made where there was none; undefined where nobody does. */
  place(wanted: Wanted): number | undefined;
  keySources(keys: readonly KeyField[]): readonly KeySource[] | undefined;
}

function createPlacer({ type, fields, isAmongOthers }: ObjectParts, sites: Site[], scope: PlanScope): Placer {
  const { types } = scope.composition;
  const all = [...fields.values()].flatMap(([node]) => (node ? [wantedOf(node)] : []));
  /** Computed fields that are being placed: one that needs itself is placed by nobody. */
  const pending = new Set<string>();

  const place = (wanted: Wanted): number | undefined => {
    const here = sites.findIndex((site) => tells(site.service, type, wanted));
    if (here >= 0) return here;
    const computed = computing(type, wanted.name);
    if (computed !== undefined) return placeComputed(computed, wanted.name);
    const from = sites.map(({ service }) => service);
    const route = routeTo(wanted, { type, from, types, others: all });
    let last: number | undefined;
    for (const { service, lookUp } of route ?? []) last = addSite(service, lookUp, lookUp.key);
    return last;
  };

  const placeComputed = (
    { service, lookUp, needs }: { service: Service; lookUp: LookUp; needs: readonly KeyField[] },
    name: string,
  ): number | undefined => {
    if (pending.has(name)) return undefined;
    pending.add(name);
    try {
      const have = new Set(lookUp.key.map((key) => key.name));
      return addSite(service, lookUp, [...lookUp.key, ...needs.filter((need) => !have.has(need.name))]);
    } finally {
      pending.delete(name);
    }
  };

  const addSite = (service: Service, lookUp: LookUp, keys: readonly KeyField[]): number | undefined => {
    const sources = keySources(keys);
    if (sources === undefined) return undefined;
    const site = siteOf(service, lookUp);
    site.key.push(...sources);
    return sites.push(site) - 1;
  };

  const keySources = (keys: readonly KeyField[]): readonly KeySource[] | undefined => {
    const sources = keys.map((key) => {
      const at =
        indexOf(sites, ({ service }) => tellsKey(service, type, key, types)) ?? place({ name: key.name, args: [] });
      return at === undefined ? undefined : { fetch: at - 1, responseKey: addKey(at, key), key };
    });
    return sources.every((source) => source !== undefined) ? sources : undefined;
  };

  /** Has a site tell a field of a key, under a response key that no field of the client's has. */
  const addKey = (at: number, key: KeyField): string => {
    const [node] = fields.get(key.name) ?? [];
    const isSame = node !== undefined && node.alias === undefined && !node.arguments?.length && !key.below;
    const isFree = node === undefined && !isAmongOthers;
    const responseKey = isSame || isFree ? key.name : `_k_${isAmongOthers ? `${type.name}_` : ""}${key.name}`;
    sites[at]?.keys.set(responseKey, key);
    return responseKey;
  };

  return { place, keySources };
}

function indexOf<Item>(items: readonly Item[], is: (item: Item) => boolean): number | undefined {
  const at = items.findIndex(is);
  return at < 0 ? undefined : at;
}

interface Answer {
  readonly text: string;
  readonly variables: ReadonlySet<string>;
  readonly below: ReadonlyMap<string, SelectionPlan>;
}

function answerOf(site: Site, type: MergedType, scope: PlanScope): Answer {
  const own = type.services.get(site.service);
  const variables = new Set<string>();
  const below = new Map<string, SelectionPlan>();
  const texts: string[] = [];
  for (const [responseKey, nodes] of site.fields) {
    const [node] = nodes;
    const field = own?.fields.get(node?.name.value ?? "");
    if (node === undefined || field === undefined) continue;
    let text = responseKey === field.name ? field.name : `${responseKey}: ${field.name}`;
    if (node.arguments?.length) text += `(${node.arguments.map((argument) => print(argument)).join(", ")})`;
    for (const name of variablesIn(node)) variables.add(name);
    const merged = belowOf(site.service, field, scope.composition.types);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (merged !== undefined && sets.length > 0) {
      const selection = scope.planBelow({ service: site.service, type: merged, sets }, scope);
      below.set(responseKey, selection);
      for (const name of selection.variables) variables.add(name);
      text += ` ${selection.text}`;
    }
    texts.push(text);
  }
  for (const [responseKey, key] of site.keys)
    if (!site.fields.has(responseKey)) texts.push(keyText(responseKey, key, { site, type, scope }));
  return { text: texts.join(" ") || "__typename", variables, below };
}

/** Keys by which answers are matched: `_entities` answers in the order of what it is given (Apollo Federation specification). */
export function matchable({ isMany, hasTypename, key }: LookUp): readonly KeyField[] {
  return isMany && !hasTypename ? key : [];
}

/** Has a site tell keys, all of them or none. @returns where they will be found */
function showKeys(
  site: Site,
  keys: readonly KeyField[],
  { type, scope }: { readonly type: MergedType; readonly scope: PlanScope },
): readonly KeySource[] {
  if (!keys.every((key) => tellsKey(site.service, type, key, scope.composition.types))) return [];
  return keys.map((key) => {
    const [node] = site.fields.get(key.name) ?? [];
    const isSame = node !== undefined && node.name.value === key.name && !node.arguments?.length && !key.below;
    const isFree = node === undefined && (!site.keys.has(key.name) || site.keys.get(key.name) === key);
    const responseKey = isSame || isFree ? key.name : `_m_${key.name}`;
    site.keys.set(responseKey, key);
    return { fetch: -1, responseKey, key };
  });
}

interface KeyScope {
  readonly site: Site;
  readonly type: MergedType;
  readonly scope: PlanScope;
}

function keyText(responseKey: string, key: KeyField, { site, type, scope }: KeyScope): string {
  const field = type.services.get(site.service)?.fields.get(key.name);
  const remoteName = field?.name ?? key.remoteName;
  const text = responseKey === remoteName ? remoteName : `${responseKey}: ${remoteName}`;
  if (key.below === undefined || field === undefined) return text;
  const below = belowOf(site.service, field, scope.composition.types);
  if (below === undefined) return text;
  const inner = key.below.map((one) => keyText(one.name, one, { site, type: below, scope }));
  return `${text} { ${inner.join(" ")} }`;
}

function variablesIn(node: FieldNode): readonly string[] {
  const names: string[] = [];
  for (const argument of node.arguments ?? [])
    visit(argument.value, {
      [Kind.VARIABLE](variable) {
        names.push(variable.name.value);
      },
    });
  return names;
}

interface FetchParts {
  readonly type: MergedType;
  readonly answer: Answer | undefined;
  readonly keys: readonly KeySource[] | undefined;
}

function fetchOf(site: Site, { type, answer, keys = [] }: FetchParts): FetchPlan {
  const { service, lookUp, key } = site;
  if (lookUp === undefined || answer === undefined) throw new Error("A fetch has a look-up.");
  const fields = new Map<string, FieldPlan>();
  for (const responseKey of site.fields.keys())
    fields.set(responseKey, { fetch: -1, below: answer.below.get(responseKey) });
  const only: ObjectPlan = { service, typeName: type.name, fields, needs: new Map(), fetches: [], keys };
  const text =
    lookUp.returns === lookUp.typeName ? `{ ${answer.text} }` : `{ ... on ${lookUp.typeName} { ${answer.text} } }`;
  const selection = { text, variables: answer.variables, objects: new Map([[type.name, only]]), only };
  return { service, lookUp, key, selection };
}
