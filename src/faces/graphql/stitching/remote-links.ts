/**
 * Links of documents to types of other services: `productUpc: ref("Product", { service, key: "upc" })` is resolved by a field `product`. The field
 * itself is made where services are known; what it needs of the document is said here.
 */
import { getOwn, type JsonObject } from "../../../base/json.ts";
import type { ObjectType } from "../../../model/field.ts";
import { camelCase, capitalise, pluralOf, wordsOf } from "../../../model/names.ts";
import type { RemoteReferenceOptions } from "../../../model/reference.ts";
import { type ObjectPlan, plansFrom } from "../data/plan.ts";

export interface RemoteLink {
  /** Of the object that holds the reference. */
  readonly typeName: string;
  /** Of the field that resolves it. */
  readonly name: string;
  readonly isList: boolean;
  /** Of the remote type. */
  readonly target: string;
  readonly service: string;
  /** Of the remote type's key. */
  readonly key: string;
  /** What the document holds: a key, a list of keys, or nothing. */
  read(document: unknown): unknown;
}

/** Of all that a model's documents hold; has its plans read what the links need. */
export function remoteLinksOf(root: ObjectPlan): readonly RemoteLink[] {
  return [...plansFrom(root)].flatMap((plan) => {
    if (plan.kind !== "object") return [];
    return linksIn(plan.type).map(({ field, ...link }) => {
      plan.added.set(link.name, new Map([[field, "all" as const]]));
      return { ...link, read: (document: unknown) => getOwn(document as JsonObject, field) };
    });
  });
}

function linksIn({ name: typeName, fields }: ObjectType): (Omit<RemoteLink, "read"> & { readonly field: string })[] {
  const taken = new Set(fields.keys());
  return [...fields.values()].flatMap(({ name: field, type: own }) => {
    const isList = own.kind === "list";
    const type = own.kind === "list" ? own.element.type : own;
    if (type.kind !== "reference" || !type.options || !("service" in type.options)) return [];
    const { service, key } = type.options as RemoteReferenceOptions;
    const name = [linkNameOf(field, { key, isList }), `${field}Resource`].find((one) => !taken.has(one));
    if (name === undefined) return [];
    taken.add(name);
    return [{ typeName, name, isList, target: type.target, service, key, field }];
  });
}

/** `productUpc` or `product_upc` → `product`, `productUpcs` → `products`. */
function linkNameOf(field: string, { key, isList }: { readonly key: string; readonly isList: boolean }): string {
  const suffix = isList ? pluralOf(key) : key;
  const ends = [capitalise(suffix), `_${suffix}`];
  const end = ends.find((one) => field.endsWith(one) && field.length > one.length);
  if (end === undefined) return `${field}Resource`;
  const stem = field.slice(0, -end.length);
  return isList ? pluralOf(stem) : camelCase(wordsOf(stem));
}
