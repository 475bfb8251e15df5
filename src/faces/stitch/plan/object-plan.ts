/** The plan of one object: which of its fields its own service tells, and what has to be fetched elsewhere. */
import { addedName, type MergedType } from "../compose/composition.ts";
import type { LookUp } from "../service/look-up.ts";
import type { Service } from "../service/service.ts";
import type { CollectedFields } from "./collect.ts";
import { createPlacer } from "./placer.ts";
import { type FetchPlan, type FieldPlan, type KeySource, type ObjectPlan, typenameKey } from "./plan.ts";
import { tellsKey, wantedOf } from "./routes.ts";
import type { PlanScope } from "./scope.ts";
import { type Answer, answerOf, answerText, type Site, siteOf, wantKey } from "./site.ts";

export interface ObjectParts {
  readonly service: Service;
  readonly type: MergedType;
  readonly fields: CollectedFields;
  /** Are objects of other types asked for at the same place? Then response keys of our own must not meet. */
  readonly isAmongOthers: boolean;
  /** By what it was looked up, where it was. */
  readonly lookUp?: LookUp | undefined;
  /** The field for which the look-up was handed what it is computed of. */
  readonly computed?: string | undefined;
}

export interface Planned {
  readonly plan: ObjectPlan;
  /** Of its own service. */
  readonly answer: Answer;
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
    const { value: name } = node.name;
    const isOwn = isOwnOnly(type, name, scope);
    const place = isOwn ? undefined : placer.place(wantedOf(node));
    if (place === undefined) {
      // What no service tells may be known to the gateway itself.
      const key = scope.composition.added.get(addedName(type.name, name))?.needs ?? type.localLookUp?.key;
      const sources = key && placer.keySources(key);
      if (sources !== undefined) needs.set(name, sources);
      continue;
    }
    places.set(responseKey, place);
    sites[place]?.fields.set(responseKey, nodes);
  }

  const shown = sites.map((site, at) => showKeys(site, { type, scope, lookUp: at === 0 ? parts.lookUp : site.lookUp }));
  const [answer, ...others] = sites.map((site) => answerOf(site, type, scope));
  if (answer === undefined) throw new Error("A plan has a place to begin with.");
  const fetches = others.map((one, at) => fetchOf({ site: sites[at + 1], type, answer: one, keys: shown[at + 1] }));
  const fields = new Map<string, FieldPlan>();
  for (const [responseKey, place] of places) {
    const field = (place === 0 ? answer : others[place - 1])?.fields.get(responseKey);
    if (field !== undefined) fields.set(responseKey, { fetch: place - 1, key: field.key, below: field.below });
  }
  return { plan: { service, typeName: type.name, fields, needs, fetches, keys: shown[0] ?? [] }, answer };
}

/** Is it a field of the gateway's own, which no service has? */
function isOwnOnly(type: MergedType, name: string, { composition }: PlanScope): boolean {
  if (composition.added.has(addedName(type.name, name))) return true;
  return type.isLocal && ![...type.services.values()].some(({ fields }) => fields.has(name));
}

interface Shown {
  readonly type: MergedType;
  readonly scope: PlanScope;
  readonly lookUp: LookUp | undefined;
}

/** Has a site show the keys by which its objects were looked up, all of them or none. @returns where they will be found */
function showKeys(site: Site, { type, scope, lookUp }: Shown): readonly KeySource[] {
  const keys = lookUp === undefined || !lookUp.isMany || lookUp.isOrdered ? [] : lookUp.key;
  if (!keys.every((key) => tellsKey(site.service, type, key, scope.composition.types))) return [];
  return keys.map((key) => {
    const [node] = site.fields.get(key.name) ?? [];
    const isSame = node?.name.value === key.name && !node.arguments?.length && !key.below;
    const responseKey = node === undefined || isSame ? key.name : `_m_${key.name}`;
    wantKey(site, responseKey, key);
    return { fetch: -1, responseKey, key, isNullable: false };
  });
}

interface FetchParts {
  readonly site: Site | undefined;
  readonly type: MergedType;
  readonly answer: Answer;
  readonly keys: readonly KeySource[] | undefined;
}

function fetchOf({ site, type, answer, keys = [] }: FetchParts): FetchPlan {
  if (site?.lookUp === undefined) throw new Error("A fetch has a look-up.");
  const { service, lookUp, key } = site;
  const fields = new Map<string, FieldPlan>();
  for (const [responseKey, field] of answer.fields)
    fields.set(responseKey, { fetch: -1, key: field.key, below: field.below });
  const plan: ObjectPlan = { service, typeName: type.name, fields, needs: new Map(), fetches: [], keys };
  return lookedUp(lookUp, { plan, answer }, key);
}

/** What is asked of the objects that a look-up finds; where it may find others, they say what they are. */
export function lookedUp(lookUp: LookUp, { plan, answer }: Planned, key: readonly KeySource[]): FetchPlan {
  const { returns, typeName } = lookUp;
  const text = answerText(answer);
  const isSure = returns === typeName;
  return {
    service: plan.service,
    lookUp,
    key,
    selection: {
      text: isSure ? `{ ${text} }` : `{ ${typenameKey}: __typename ... on ${typeName} { ${text} } }`,
      variables: answer.variables,
      objects: new Map([[plan.typeName, plan]]),
      only: isSure ? plan : undefined,
    },
  };
}
