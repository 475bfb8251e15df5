/**
 * What a write is to do to a model's relations, beside its own data: connect others, make them, change them, let them go. All of it is one atomic write with the data, and each
 * object and each id that is written runs the policies and hooks of its own model.
 */
import { invalid, WeftError } from "../base/errors.ts";
import { checkResourceId } from "../base/ids.ts";
import { getOwn, isJsonObject } from "../base/json.ts";
import { unwritableField } from "./granted-write.ts";
import { holdsHidden } from "./hidden-fields.ts";
import { newResourceId } from "./new-id.ts";
import type { OperationContext } from "./operation.ts";
import type { Model } from "./registry.ts";
import type { Relation } from "./relations.ts";

/** By the relation's name: `zone`, `monsters`. Null counts as absent. */
export type RelationInputs = Readonly<Record<string, OneRelationInput | ListRelationInput | null>>;

/** Exactly one of them. */
export interface OneRelationInput {
  /** A resource id. */
  readonly connect?: string | null;
  readonly create?: NestedData | null;
  readonly update?: NestedUpdate | null;
}

/** Of a list of references, and of those that refer here. What is given happens in this order. */
export interface ListRelationInput {
  /** These, and no others that the actor may see. */
  readonly set?: readonly OneRelationInput[] | null;
  readonly disconnect?: readonly string[] | null;
  readonly add?: readonly OneRelationInput[] | null;
  readonly connect?: readonly string[] | null;
  readonly create?: readonly NestedData[] | null;
  readonly update?: readonly NestedUpdate[] | null;
}

export interface NestedData {
  /** As the model's own `create` takes it; the reference back is filled in. */
  readonly data: unknown;
  readonly relations?: RelationInputs | null;
}

export interface NestedUpdate extends NestedData {
  readonly resourceId: string;
  readonly ifMatch?: string | null;
}

/** Somebody at the other end, and what becomes of it before it is connected. */
export interface RelationTarget {
  readonly resourceId: string;
  readonly write?: {
    readonly verb: "create" | "update";
    readonly input: NestedData & { readonly ifMatch?: string | null };
  };
}

/** A relation input, checked: new resources have their ids. */
export interface RelationWork {
  readonly relation: Relation;
  /** Do the targets take the place of those that were there? */
  readonly isWhole: boolean;
  readonly targets: readonly RelationTarget[];
  readonly removed: readonly string[];
}

/** What the model lets relation inputs do. */
export interface RelationSwitches {
  readonly protectedRelationships?: readonly string[];
  readonly protectedCreateRelationships?: readonly string[];
  readonly protectedUpdateRelationships?: readonly string[];
  /** Ids only: nothing is created or changed by way of a relation. @default false */
  readonly disableNestedObjects?: boolean;
}

/** Can it be written through? By a reference that is a field of its model's own documents, alone or in a list. */
export function isWritable({ below, reference, kind }: Relation): boolean {
  const isOwnField = !reference.path.includes(".");
  return isOwnField && (kind === "reverse" || below.length === 0);
}

/** @param isCreation protected relations may differ */
export function writableRelations(model: Model, isCreation: boolean): Relation[] {
  const { protectedRelationships = [], ...others } = model.relationSwitches ?? {};
  const { protectedCreateRelationships = [], protectedUpdateRelationships = [] } = others;
  const own = isCreation ? protectedCreateRelationships : protectedUpdateRelationships;
  return model.relations().filter((relation) => {
    return isWritable(relation) && !protectedRelationships.includes(relation.name) && !own.includes(relation.name);
  });
}

/**
 * @param inputs as given
 * @throws VALIDATION_FAILED for what is no relation of the model, is protected, or is malformed; FORBIDDEN where the actor may not write the reference; LIMIT_EXCEEDED above `maxCascade`
 */
export function relationWork(
  { model, grant }: OperationContext,
  inputs: RelationInputs | null | undefined,
  isCreation: boolean,
): RelationWork[] {
  if (!inputs) return [];
  const writable = writableRelations(model, isCreation);
  const works = Object.entries(inputs).flatMap(([name, input]): RelationWork[] => {
    if (input === null || input === undefined) return [];
    const relation = writable.find((one) => one.name === name);
    if (relation === undefined) throw invalid([name], unknownRelation(model, name));
    const { path } = relation.reference;
    const isOwn = relation.kind !== "reverse";
    const isClosed = [grant?.hidden, grant?.unwritable].some((tree) => tree && holdsHidden(tree, [path]));
    if (isOwn && isClosed) throw unwritableField(path);
    if (!isJsonObject(input)) throw invalid([name], "Must be an object");
    return [workOf(relation, input, model.relationSwitches?.disableNestedObjects ?? false)];
  });
  const { maxCascade } = model.settings.limits;
  const size = works.reduce((sum, { targets, removed }) => sum + targets.length + removed.length, 0);
  if (size > maxCascade)
    throw new WeftError("LIMIT_EXCEEDED", {
      hint: `At most ${maxCascade} related resources in one write (maxCascade).`,
    });
  return works;
}

function unknownRelation(model: Model, name: string): string {
  const known = model.relations().some((relation) => relation.name === name);
  return known ? `${name} is not written through its relation` : `There is no relation ${name}`;
}

function workOf(relation: Relation, input: Record<string, unknown>, isIdsOnly: boolean): RelationWork {
  const { name, kind, other } = relation;
  const targetOf = (item: unknown, at: readonly (string | number)[]): RelationTarget =>
    checkedTarget(other, item, { at: [name, ...at], isIdsOnly });
  if (kind === "one") return { relation, isWhole: true, targets: [targetOf(input, [])], removed: [] };
  checkKeys(input, listKeys, [name]);
  const items = (key: string, wrap: (item: unknown) => unknown = (item) => item) =>
    listAt(input, key, [name, key]).map((item, i) => targetOf(wrap(item), [key, i]));
  const targets = [
    ...items("set"),
    ...items("add"),
    ...items("connect", (connect) => ({ connect })),
    ...items("create", (create) => ({ create })),
    ...items("update", (update) => ({ update })),
  ];
  const removed = listAt(input, "disconnect", [name, "disconnect"]).map((id, i) =>
    idOf(other, id, [name, "disconnect", i]),
  );
  return { relation, isWhole: isGiven(input.set), targets, removed };
}

const oneKeys = ["connect", "create", "update"];
const listKeys = ["set", "disconnect", "add", ...oneKeys];

interface ItemPlace {
  readonly at: readonly (string | number)[];
  readonly isIdsOnly: boolean;
}

function checkedTarget(other: Model, item: unknown, { at, isIdsOnly }: ItemPlace): RelationTarget {
  if (!isJsonObject(item)) throw invalid(at, "Must be an object");
  checkKeys(item, oneKeys, at);
  const given = oneKeys.filter((key) => isGiven(item[key]));
  if (given.length !== 1) throw invalid(at, `Must have exactly one of ${oneKeys.join(", ")}`);
  if (isGiven(item.connect)) return { resourceId: idOf(other, item.connect, [...at, "connect"]) };
  const verb = isGiven(item.create) ? "create" : "update";
  const place = [...at, verb];
  const input = item[verb];
  if (isIdsOnly) throw invalid(place, "Takes ids only, by connect: nested objects are disabled");
  if (!isJsonObject(input)) throw invalid(place, "Must be an object");
  const nested = input as unknown as NestedData & { readonly ifMatch?: string | null };
  const resourceId = verb === "create" ? newResourceId(other) : idOf(other, input.resourceId, [...place, "resourceId"]);
  return { resourceId, write: { verb, input: nested } };
}

/** The same work for these: those that it knows, and others that are connected as they are. @throws VALIDATION_FAILED for what is no id of the model */
export function retargeted(work: RelationWork, ids: readonly string[]): RelationWork {
  const { relation, targets } = work;
  const known = new Map(targets.map((target) => [target.resourceId, target]));
  const at = [relation.name];
  return { ...work, targets: ids.map((id) => known.get(id) ?? { resourceId: idOf(relation.other, id, at) }) };
}

function idOf({ definition: { resourceName } }: Model, id: unknown, at: readonly (string | number)[]): string {
  if (typeof id === "string" && checkResourceId(id).startsWith(`${resourceName}:`)) return id;
  throw invalid(at, `Must be the id of a ${resourceName}`);
}

function listAt(input: Record<string, unknown>, key: string, at: readonly (string | number)[]): readonly unknown[] {
  const list = getOwn(input, key);
  if (!isGiven(list)) return [];
  if (Array.isArray(list)) return list;
  throw invalid(at, "Must be a list");
}

function checkKeys(input: object, known: readonly string[], at: readonly (string | number)[]): void {
  const stranger = Object.keys(input).find((key) => !known.includes(key));
  if (stranger !== undefined) throw invalid([...at, stranger], `Must be one of ${known.join(", ")}`);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
