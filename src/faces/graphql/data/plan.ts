/**
 * Plans: what the selection of a GraphQL type of data means for the document behind it. One per type, made once; fields
 * that users have added are filled in when the schema is built (`needs.ts`).
 */
import type { Selection } from "../../../codec/selection.ts";
import type { FieldType, ObjectType, UnionType } from "../../../model/field.ts";

export type Plan = ObjectPlan | UnionPlan;

export interface ObjectPlan {
  readonly kind: "object";
  readonly type: ObjectType;
  /** Stored fields, by name. */
  readonly stored: ReadonlyMap<string, StoredField>;
  /** Fields of the user's own: what of this object each needs. */
  readonly added: Map<string, Needs>;
}

export interface UnionPlan {
  readonly kind: "union";
  readonly type: UnionType;
  readonly members: readonly ObjectPlan[];
}

export interface StoredField {
  readonly name: string;
  /** How many lists are around it. */
  readonly listDepth: number;
  /** Of objects and unions; undefined for what cannot be selected in part. */
  readonly below: Plan | undefined;
}

/** Field → what is wanted of it; or the whole object. */
export type Needs = ReadonlyMap<string, Selection> | "all";

export type Plans = (type: ObjectType) => ObjectPlan;

export function createPlans(): Plans {
  const made = new Map<ObjectType | UnionType, Plan>();
  const objectPlan: Plans = (type) => {
    const known = made.get(type);
    if (known?.kind === "object") return known;
    const stored = new Map<string, StoredField>();
    const plan: ObjectPlan = { kind: "object", type, stored, added: new Map() };
    made.set(type, plan);
    for (const { name, type: fieldType } of type.fields.values()) stored.set(name, { name, ...placeOf(fieldType) });
    return plan;
  };
  const unionPlan = (type: UnionType): Plan => {
    const known = made.get(type);
    if (known) return known;
    const members: ObjectPlan[] = [];
    const plan: UnionPlan = { kind: "union", type, members };
    made.set(type, plan);
    for (const member of new Set(type.members.values())) members.push(objectPlan(member));
    return plan;
  };
  const placeOf = (type: FieldType): Omit<StoredField, "name"> => {
    if (type.kind === "list") {
      const { listDepth, below } = placeOf(type.element.type);
      return { listDepth: listDepth + 1, below };
    }
    const below = type.kind === "object" ? objectPlan(type) : type.kind === "union" ? unionPlan(type) : undefined;
    return { listDepth: 0, below };
  };
  return objectPlan;
}

/** A plan and all below it, each once. */
export function plansFrom(plan: ObjectPlan): ReadonlySet<Plan> {
  const seen = new Set<Plan>([plan]);
  for (const known of seen) {
    const below = known.kind === "union" ? known.members : [...known.stored.values()].map((field) => field.below);
    for (const next of below) if (next) seen.add(next);
  }
  return seen;
}
