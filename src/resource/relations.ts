/**
 * The relations of a model, under the names by which fields, filters and inputs know them. A reference is named as the field that resolves it (`zoneId` → `zone`); the other
 * way round by the source's plural (`monsters`), `<plural>By<Field>` where several fields of one model lead here, or as `ref(…, { reverse })` says. References to
 * revisions and to remote types are none.
 */
import { ConfigurationError } from "../base/errors.ts";
import type { FieldType, ObjectType } from "../model/field.ts";
import { isGraphqlName, typeNamePart } from "../model/names.ts";
import type { ReferenceField } from "../model/reference-fields.ts";
import { resolvedFieldsOf } from "../model/resolved-names.ts";
import type { QueryField } from "../query/condition.ts";
import { dataFilterable, type FilterRelation, type RelatedModel, whereKeyOf } from "../query/fields.ts";
import type { Model, Registry } from "./registry.ts";

export interface Relation extends FilterRelation {
  /** Of a reference in a nested object: that of the field beside it. */
  readonly name: string;
  /** `one` and `list`: this model's documents hold the ids. `reverse`: the other's hold this one's. */
  readonly kind: "one" | "list" | "reverse";
  /** Fields of this model's documents that lead to the object in which the reference lies; [] for one of its own, and for `reverse`. */
  readonly below: readonly string[];
  /** Of the model that holds it. */
  readonly reference: ReferenceField;
  /** On the other end. */
  readonly other: Model;
}

/** A model as filters know it. */
export function relatedModelOf(model: Model): RelatedModel & { readonly relations: readonly Relation[] } {
  const known = relatedModels.get(model);
  const relations = model.relations();
  if (known?.relations === relations) return known;
  const related = { definition: model.definition, relations };
  relatedModels.set(model, related);
  return related;
}

const relatedModels = new WeakMap<Model, RelatedModel & { readonly relations: readonly Relation[] }>();

/** For `Model.relations`: those that lead away from the model, then those that lead to it, in the order of the registry. Made anew where models were added. */
export function relationsIn(registry: Pick<Registry, "models">, model: () => Model): Model["relations"] {
  let relations: readonly Relation[] = [];
  let known = -1;
  return () => {
    if (known !== registry.models.length) relations = relationsOf(registry, model());
    known = registry.models.length;
    return relations;
  };
}

function relationsOf(registry: Pick<Registry, "models">, model: Model): readonly Relation[] {
  return [...ownRelations(registry, model), ...reverseRelations(registry, model)];
}

function ownRelations({ models }: Pick<Registry, "models">, { definition }: Model): Relation[] {
  const references = new Map(definition.references.map((reference) => [reference.path, reference]));
  return namedReferences(definition.type).flatMap(({ name, path }): Relation[] => {
    const reference = references.get(path.join("."));
    const other = models.find((one) => one.definition.modelName === reference?.target);
    const field = dataFilterable(definition, path.join("."))?.field;
    if (reference?.type !== "resource" || other === undefined || field === undefined) return [];
    const kind = reference.isMany ? "list" : "one";
    return [relationTo({ name, kind, below: path.slice(0, -1), reference, other, field })];
  });
}

function reverseRelations({ models }: Pick<Registry, "models">, { definition }: Model): Relation[] {
  return models.flatMap((source) => {
    const references = source.definition.references.filter(
      ({ type, target }) => type === "resource" && target === definition.modelName,
    );
    return references.flatMap((reference): Relation[] => {
      const field = dataFilterable(source.definition, reference.path)?.field;
      if (field === undefined) return [];
      const name = reverseNameOf(source, reference, references.length > 1);
      return [relationTo({ name, kind: "reverse", below: [], reference, other: source, field })];
    });
  });
}

function reverseNameOf({ definition }: Model, { reverse, path }: ReferenceField, isOneOfSeveral: boolean): string {
  if (reverse !== undefined) return reverse;
  return isOneOfSeveral ? `${definition.plural}By${path.split(".").map(typeNamePart).join("")}` : definition.plural;
}

function relationTo(
  relation: Pick<Relation, "name" | "kind" | "below" | "reference" | "other"> & { readonly field: QueryField },
): Relation {
  const { name, kind, below, other } = relation;
  const [first = name, ...rest] = [...below, name];
  return {
    ...relation,
    keys: [whereKeyOf(first), ...rest],
    isMany: kind !== "one",
    direction: kind === "reverse" ? "from" : "to",
    resourceName: other.definition.resourceName,
    related: () => relatedModelOf(other),
  };
}

interface NamedReference {
  readonly name: string;
  readonly path: readonly string[];
}

/** Through objects, members of unions, and lists; not into a type that holds itself. */
function namedReferences(root: ObjectType): NamedReference[] {
  const found = new Map<string, NamedReference>();
  const open = new Set<ObjectType>();
  const visitObject = (type: ObjectType, below: readonly string[]): void => {
    if (open.has(type)) return;
    open.add(type);
    for (const { name, field } of resolvedFieldsOf(type)) {
      const path = [...below, field.name];
      if (!found.has(path.join("."))) found.set(path.join("."), { name, path });
    }
    for (const field of type.fields.values()) visit(field.type, [...below, field.name]);
    open.delete(type);
  };
  const visit = (type: FieldType, path: readonly string[]): void => {
    if (type.kind === "object") visitObject(type, path);
    else if (type.kind === "union") for (const member of type.members.values()) visitObject(member, path);
    else if (type.kind === "list") visit(type.element.type, path);
  };
  visitObject(root, []);
  return [...found.values()];
}

/** Of every `…Resource`. */
const resourceFields = ["id", "meta", "revision", "data", "referrers"];
const filterKeys = ["meta", "and", "or", "not"];

/** @throws ConfigurationError where the name of a relation is taken */
export function checkRelations({ models }: Registry): void {
  const problems = models.flatMap((model) => problemsOf(model));
  if (problems.length > 0)
    throw new ConfigurationError(
      `Relations cannot be named:\n${problems.map((problem) => `- ${problem}`).join("\n")}\nName them: ref("…", { reverse: "…" }).`,
    );
}

function problemsOf(model: Model): string[] {
  const { definition, operations } = model;
  const taken = new Map<string, string>();
  for (const name of filterKeys) taken.set(name, "a key of every filter");
  for (const name of [...resourceFields, ...[...operations.values()].flatMap(fieldOfResource)])
    taken.set(name, "a field of every resource");
  for (const name of definition.type.fields.keys()) taken.set(name, `a field of ${definition.modelName}`);
  for (const { name, below, kind } of model.relations())
    if (kind !== "reverse" && below.length === 0) taken.set(name, `what a field of ${definition.modelName} refers to`);
  return model.relations().flatMap(({ kind, name, reference, other }) => {
    if (kind !== "reverse") return [];
    const claimant = `the resources that refer to ${definition.modelName} by ${other.definition.modelName}.${reference.path}`;
    if (!isGraphqlName(name)) return [`${JSON.stringify(name)} (${claimant}) is no name that GraphQL takes`];
    const holder = taken.get(name);
    taken.set(name, claimant);
    return holder === undefined ? [] : [`${name} is ${holder}, and would be ${claimant}`];
  });
}

function fieldOfResource({ place, name }: { readonly place: string; readonly name: string }): string[] {
  return place === "resource" ? [name] : [];
}
