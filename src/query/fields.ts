/** The fields that can be filtered and sorted by: meta keys, the same for every model, and a model's indexed fields. */
import type { ModelDefinition } from "../model/definition.ts";
import type { FieldType, IndexedField } from "../model/field.ts";
import type { ResourceMeta } from "../model/resource-meta.ts";
import type { ComparableType, QueryField, SortKey } from "./condition.ts";
import { snakeCase, typesWithLength } from "./operators.ts";

/** All that checking needs to know of a model. */
export type IndexedModel = Pick<ModelDefinition, "indexedFields">;

/** An indexed field or a meta key, with the type that its values are checked by. */
export interface Filterable {
  readonly field: QueryField;
  readonly type: FieldType;
}

/** Other heads, as a filter may speak of them. */
export interface FilterRelation {
  /** Keys of a typed filter that lead to it. */
  readonly keys: readonly string[];
  /** May there be several others? Then a filter says which of them: `some`, `every` or `none`. */
  readonly isMany: boolean;
  readonly direction: "to" | "from";
  /** The reference: of this head, or of the others. */
  readonly field: QueryField;
  /** The others' resource name. */
  readonly resourceName: string;
  /** What they can be filtered by. */
  related(): RelatedModel;
}

/** A model with its relations. */
export interface RelatedModel {
  readonly definition: IndexedModel;
  readonly relations: readonly FilterRelation[];
}

/** What stands under a key of a typed filter: a field, further keys, or both (an object indexed whole, and its parts). */
export interface FieldNode {
  readonly filterable: Filterable | undefined;
  /** Then the key is a relation's name. */
  readonly relation?: FilterRelation | undefined;
  readonly children: ReadonlyMap<string, FieldNode>;
}

const metaTypes = {
  resourceId: { kind: "id" },
  currentRevisionId: { kind: "id" },
  schemaVersion: { kind: "string" },
  totalRevisionCount: { kind: "int" },
  createdTime: { kind: "datetime", holds: "Date" },
  updatedTime: { kind: "datetime", holds: "Date" },
  createdBy: { kind: "string" },
  updatedBy: { kind: "string" },
  isDeleted: { kind: "boolean" },
} as const satisfies { readonly [Key in keyof ResourceMeta]?: FieldType };

export type MetaKey = keyof typeof metaTypes;

const metaKeys = Object.keys(metaTypes) as MetaKey[];

/** The keys of `ResourceMeta` that can be filtered and sorted by, as if they were indexed fields. */
export const metaFields: ReadonlyMap<MetaKey, IndexedField> = new Map(
  metaKeys.map((path) => [path, { path, type: metaTypes[path], isNullable: path === "schemaVersion" }]),
);

export function metaFilterable(path: MetaKey): Filterable {
  const type = metaTypes[path];
  return { field: queryField("meta", { path, type }), type };
}

const metaSpellings = new Map(
  metaKeys.flatMap((key) => [key, snakeCase(key)].map((spelling) => [spelling, key] as const)),
);

/** The meta field spelt `createdTime` or `created_time`. */
export function metaFilterableOf(spelling: string): Filterable | undefined {
  const key = metaSpellings.get(spelling);
  return key && metaFilterable(key);
}

export function dataFilterable(definition: IndexedModel, path: string): Filterable | undefined {
  const indexed = definition.indexedFields.get(path);
  return indexed && { field: queryField("data", indexed), type: indexed.type };
}

/** A boolean has no length. */
const withoutLength: QueryField = { source: "meta", path: "isDeleted", type: "number", transform: "length" };

/**
 * The length of a field as a field of its own, an integer: of a text, a list, or JSON that is one of the two or an object. What has
 * no length is unknown to every comparison, so a field of another type stands for one that never has one.
 */
export function lengthOf({ field }: Filterable): Filterable {
  const hasLength = field.transform === undefined && typesWithLength.includes(field.type);
  return {
    field: hasLength ? { ...field, type: "number", transform: "length" } : withoutLength,
    type: { kind: "int" },
  };
}

/** What a store should keep indexes for: each indexed field by itself, and the model's indexes over several. */
export function indexOrders({
  indexedFields,
  indexes,
}: Pick<ModelDefinition, "indexedFields" | "indexes">): SortKey[][] {
  const single = [...indexedFields.values()].map(
    (indexed) => [{ field: queryField("data", indexed), direction: "asc" }] as SortKey[],
  );
  const several = indexes.map((parts) =>
    parts.flatMap(({ path, direction }) => {
      const field = dataFilterable({ indexedFields }, path)?.field;
      return field ? [{ field, direction }] : [];
    }),
  );
  return [...single, ...several];
}

/** Free texts: whoever looks for a part of an id or of an enum's value knows the whole. */
export function substringFields({ indexedFields }: Pick<ModelDefinition, "indexedFields">): QueryField[] {
  return [...indexedFields.values()]
    .filter(({ type }) => type.kind === "string")
    .map((indexed) => queryField("data", indexed));
}

function queryField(source: QueryField["source"], indexed: Pick<IndexedField, "path" | "type">): QueryField {
  return { source, path: indexed.path, type: comparableTypeOf(indexed) };
}

/** How values of the field compare; a face picks the type of its filter by it. */
export function comparableTypeOf({ type }: Pick<IndexedField, "type">): ComparableType {
  switch (type.kind) {
    case "string":
    case "id":
    case "reference":
      return "text";
    case "int":
    case "float":
      return "number";
    case "bigint":
      return type.holds === "number" ? "number" : "bigint";
    case "boolean":
      return "boolean";
    case "datetime":
      return "time";
    case "date":
      return "date";
    case "list":
      return "list";
    case "enum":
      return comparableTypeOfValues([...type.values.values()]);
    default:
      return "json";
  }
}

function comparableTypeOfValues(values: readonly (string | number)[]): ComparableType {
  if (values.every((value) => typeof value === "string")) return "text";
  return values.every((value) => typeof value === "number") ? "number" : "json";
}

const reservedKeys: ReadonlySet<string> = new Set(["meta", "and", "or", "not"]);

/** The key of a model's field at the top of a typed filter or order: its name, with a trailing `_` where that is reserved. */
export function whereKeyOf(fieldName: string): string {
  return reservedKeys.has(fieldName) ? `${fieldName}_` : fieldName;
}

const trees = new WeakMap<IndexedModel, FieldNode>();

/** A model's indexed fields, and the meta fields under `meta`, as a tree of the keys that typed filters and orders use. */
export function fieldTree(definition: IndexedModel): FieldNode {
  const known = trees.get(definition);
  if (known !== undefined) return known;
  const root = growNode();
  for (const key of metaKeys) plant(root, ["meta", key], metaFilterable(key));
  for (const path of definition.indexedFields.keys()) {
    const [first = "", ...rest] = path.split(".");
    plant(root, [whereKeyOf(first), ...rest], dataFilterable(definition, path));
  }
  trees.set(definition, root);
  return root;
}

const relatedTrees = new WeakMap<RelatedModel, FieldNode>();

/** The same with the model's relations. */
export function relatedTree(model: RelatedModel): FieldNode {
  const known = relatedTrees.get(model);
  if (known !== undefined) return known;
  const root = grownFrom(fieldTree(model.definition));
  for (const relation of model.relations) nodeAt(root, relation.keys).relation = relation;
  relatedTrees.set(model, root);
  return root;
}

function grownFrom({ filterable, children }: FieldNode): GrowingNode {
  return { filterable, children: new Map([...children].map(([key, child]) => [key, grownFrom(child)])) };
}

interface GrowingNode extends FieldNode {
  relation?: FilterRelation;
  filterable: Filterable | undefined;
  readonly children: Map<string, GrowingNode>;
}

function growNode(): GrowingNode {
  return { filterable: undefined, children: new Map() };
}

function plant(root: GrowingNode, keys: readonly string[], filterable: Filterable | undefined): void {
  nodeAt(root, keys).filterable = filterable;
}

function nodeAt(root: GrowingNode, keys: readonly string[]): GrowingNode {
  let node = root;
  for (const key of keys) {
    const child = node.children.get(key) ?? growNode();
    node.children.set(key, child);
    node = child;
  }
  return node;
}
