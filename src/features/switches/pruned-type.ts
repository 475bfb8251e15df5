/** Types of objects without some of their fields. */
import type { ClaimDraft } from "../../model/claims.ts";
import type { Field, FieldType, ObjectType } from "../../model/field.ts";
import type { HiddenFields } from "../../resource/hidden-fields.ts";

type Tree = HiddenFields | "all" | undefined;

/** The type without the fields of the tree, under the same name; the type itself where the tree is empty. */
export function prunedType(type: ObjectType, tree: HiddenFields): ObjectType {
  if (tree.size === 0) return type;
  return withFields(type, type.name, (field) => {
    const below = tree.get(field.name);
    if (below === "all") return undefined;
    return below === undefined ? field : { ...field, type: within(field.type, (part) => prunedType(part, below)) };
  });
}

interface Renaming {
  readonly type: ObjectType;
  /** What was made of the type for another use: it has the name already. */
  readonly pruned: ObjectType;
  readonly tree: HiddenFields;
  /** What was taken out of it there. */
  readonly earlier: HiddenFields;
}

/**
 * The type without the fields of `tree`, for a second use beside a first one: what differs from that gets a name of its own, `…Update`.
 * @param claim called with each new name
 */
export function renamedType(renaming: Renaming, claim: (name: string) => void): ObjectType {
  const { type, pruned, tree, earlier } = renaming;
  const name = `${type.name}Update`;
  claim(name);
  return withFields(type, name, (field) => {
    const below: Tree = tree.get(field.name);
    const before: Tree = earlier.get(field.name);
    if (below === "all") return undefined;
    if (below === undefined && (before === undefined || before === "all")) return field;
    const first = pruned.fields.get(field.name);
    if (first !== undefined && before !== "all" && isSameTree(below, before)) return first;
    const { type: made } = first ?? field;
    return {
      ...field,
      type: within(field.type, (part) =>
        renamedType(
          {
            type: part,
            pruned: objectIn(made) ?? part,
            tree: below ?? new Map(),
            earlier: before === "all" || before === undefined ? new Map() : before,
          },
          claim,
        ),
      ),
    };
  });
}

function withFields(type: ObjectType, name: string, change: (field: Field) => Field | undefined): ObjectType {
  const fields = [...type.fields.values()].flatMap((field) => change(field) ?? []);
  return { ...type, name, fields: new Map(fields.map((field) => [field.name, field])) };
}

function within(type: FieldType, change: (type: ObjectType) => ObjectType): FieldType {
  if (type.kind === "object") return change(type);
  if (type.kind !== "list") return type;
  return { ...type, element: { ...type.element, type: within(type.element.type, change) } };
}

function objectIn(type: FieldType): ObjectType | undefined {
  if (type.kind === "list") return objectIn(type.element.type);
  return type.kind === "object" ? type : undefined;
}

export function isSameTree(one: Tree, other: Tree): boolean {
  if (one === undefined || other === undefined || one === "all" || other === "all") return one === other;
  return one.size === other.size && [...one].every(([name, below]) => isSameTree(below, other.get(name)));
}

/** Why the fields cannot be taken out: a GraphQL type has the same fields wherever it is used. */
export function faultsOfPruning(root: ObjectType, tree: HiddenFields, claims: ClaimDraft): string[] {
  const uses = usesFrom(root);
  const faults: string[] = [];
  const visit = (type: ObjectType, below: HiddenFields, path: readonly string[]) => {
    if (below.size === 0) return;
    const place = path.length === 0 ? "the model" : path.join(".");
    const isShared = claims.shared(type.name)?.type === type || (uses.get(type) ?? 0) > (path.length === 0 ? 0 : 1);
    if (isShared)
      faults.push(`${place} has the type ${type.name}, which is used elsewhere too: only all of its fields, or none`);
    if ([...type.fields.keys()].every((name) => below.get(name) === "all")) faults.push(`${place} has no field left`);
    for (const [name, parts] of below) {
      const field = type.fields.get(name);
      if (parts === "all" || field === undefined || isShared) continue;
      const inner = objectIn(field.type);
      const at = [...path, name];
      if (inner !== undefined) visit(inner, parts, at);
      else if (parts.size > 0) faults.push(`${at.join(".")} is a union: only all of it, or nothing`);
    }
  };
  visit(root, tree, []);
  return faults;
}

/** How many fields have a type. */
function usesFrom(root: ObjectType): ReadonlyMap<ObjectType, number> {
  const uses = new Map<ObjectType, number>();
  const seen = new Set<ObjectType>([root]);
  const note = (type: FieldType): void => {
    if (type.kind === "list") note(type.element.type);
    if (type.kind === "union") for (const member of type.members.values()) note(member);
    if (type.kind !== "object") return;
    uses.set(type, (uses.get(type) ?? 0) + 1);
    seen.add(type);
  };
  for (const type of seen) for (const field of type.fields.values()) note(field.type);
  return uses;
}
