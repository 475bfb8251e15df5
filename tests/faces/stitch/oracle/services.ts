/** Services of a split: schemas that answer out of the world, and how a gateway is told to merge them. */
import { buildSchema, type GraphQLSchema, isInterfaceType, isObjectType, isUnionType } from "graphql";
import type { MergeOptions } from "../../../../src/faces/stitch/options.ts";
import type { ServiceUnderTest } from "../weave.ts";
import { type Key, type KeyLookUp, type Share, type SharedEntity, targetsIn } from "./split.ts";
import { codeOf, computedFrom, heldIn, isFaulty, type Thing, type World, type WorldField } from "./world.ts";

const args = "(n: Int = 7, color: Color, filter: Filter)";

/** A field as a service types it. */
function fieldText({ name, of, list, nullable, hasArguments }: WorldField, named: Named, share?: SharedEntity): string {
  const mark = nullable || share?.looser.has(name) ? "" : "!";
  const type = list ? `[${named(of)}${mark}]${mark}` : `${named(of)}${mark}`;
  return `${name}${hasArguments && !share?.argless.has(name) ? args.replace(/Color|Filter/g, named) : ""}: ${type}`;
}

type Named = (name: string) => string;

const fixed = new Set(["Int", "Float", "String", "Boolean", "ID"]);

export function serviceOf(world: World, share: Share): ServiceUnderTest {
  const own: Named = (name) => (share.isRenamed && !fixed.has(name) ? `X${share.name}${name}` : name);
  const { name, entities, maxBatchSize, roots } = share;
  const hasNamed = targetsIn(entities, "Named").length > 0;
  const types = [...entities].map(([entityName, shared]) => {
    const isNamed = targetsIn(entities, "Named").includes(entityName);
    const keys = shared.keys.map((key) => `${key}: ${key === "id" ? "ID" : "String"}!`);
    const fields = shared.fields.map((field) => fieldText(field, own, shared));
    return `type ${own(entityName)}${isNamed ? ` implements ${own("Named")}` : ""} { ${[...keys, ...fields].join(" ")} }`;
  });
  const lookUps = [...entities].flatMap(([entityName, shared]) =>
    shared.lookUps.map((lookUp) => lookUpParts(entityName, lookUp, { shared, own })),
  );
  const sdl = [
    `scalar ${own("Stamp")} enum ${own("Color")} { RED GREEN BLUE }`,
    `input ${own("Filter")} { min: Int = 3 colors: [${own("Color")}!] deeper: ${own("Filter")} }`,
    `type ${own("Spot")} { x: Int! y: Int }`,
    hasNamed ? `interface ${own("Named")} { id: ID! }` : "",
    entities.size > 0 ? `union ${own("Any")} = ${[...entities.keys()].map(own).join(" | ")}` : "",
    ...types,
    ...lookUps.map(({ types: more }) => more),
    `type Query { ${[...roots.values()].map((root) => fieldText(root, own)).join(" ")} ${lookUps.map(({ root }) => root).join(" ")} }`,
  ].join("\n");
  const schema = buildSchema(sdl);
  const rename: Record<string, string> = {};
  for (const type of ["Stamp", "Color", "Filter", "Spot", "Named", "Any", ...entities.keys()])
    if (own(type) !== type) rename[own(type)] = type;
  answer(schema, { world, share, own, lookUps });
  return {
    name,
    schema,
    maxBatchSize,
    errors: "forward",
    merge: mergeOf(lookUps, own),
    transforms: { rename, exclude: lookUps.map(({ exclude }) => `Query.${exclude}`) },
  };
}

interface LookUpParts {
  readonly entity: string;
  readonly key: Key;
  readonly style: KeyLookUp["style"];
  readonly root: string;
  readonly exclude: string;
  readonly types: string;
  readonly call: string;
  readonly computed: Readonly<Record<string, string>>;
}

interface LookUpScope {
  readonly shared: SharedEntity;
  readonly own: Named;
}

function lookUpParts(entity: string, { key, style }: KeyLookUp, { shared, own }: LookUpScope): LookUpParts {
  const type = own(entity);
  const by = `${entity}By${key}`;
  const keyType = key === "id" ? "ID!" : "String!";
  const computed = Object.fromEntries(
    shared.fields.flatMap(({ name, computedOf }) => (computedOf === undefined ? [] : [[name, computedOf]])),
  );
  // What is computed needs an input that takes more than the key.
  const hasComputed = Object.keys(computed).length > 0;
  const shape = hasComputed ? "objects" : style;
  const parts = { entity, key, style: shape, exclude: by, computed } as const;
  switch (shape) {
    case "one":
      return { ...parts, root: `${by}(key: ${keyType}): ${type}`, types: "", call: `${by}(key: $key)` };
    case "objects": {
      const more = Object.values(computed).map((source) => `${source}: ${own("Anything")}${by}`);
      const types = `${hasComputed ? `scalar ${own("Anything")}${by}` : ""} input ${own("In")}${by} { ${key}: ${keyType} ${more.join(" ")} }`;
      return { ...parts, root: `${by}(keys: [${own("In")}${by}!]!): [${type}]!`, types, call: `${by}(keys: $keys)` };
    }
    case "below":
      return {
        ...parts,
        root: `${by}: ${own("Scope")}${by}!`,
        types: `type ${own("Scope")}${by} { find(keys: [${keyType}]!): [${type}]! }`,
        call: `${by}.find(keys: $keys)`,
      };
    case "collection":
      return {
        ...parts,
        root: `${by}(keys: [${keyType}]!): ${own("Page")}${by}`,
        types: `type ${own("Page")}${by} { items: [${type}] }`,
        call: `${by}(keys: $keys).items`,
      };
    default:
      return { ...parts, root: `${by}(keys: [${keyType}]!): [${type}]!`, types: "", call: `${by}(keys: $keys)` };
  }
}

function mergeOf(lookUps: readonly LookUpParts[], own: Named): Record<string, MergeOptions[]> {
  const merge: Record<string, MergeOptions[]> = {};
  for (const { entity, key, style, call, computed } of lookUps) {
    const way = style === "one" ? { one: call } : { many: call };
    const more = Object.keys(computed).length > 0 ? { computed } : {};
    merge[own(entity)] = [...(merge[own(entity)] ?? []), { key, ...way, ...more }];
  }
  return merge;
}

interface Answering {
  readonly world: World;
  readonly share: Share;
  readonly own: Named;
  readonly lookUps: readonly LookUpParts[];
}

function answer(schema: GraphQLSchema, { world, share, own, lookUps }: Answering): void {
  for (const type of Object.values(schema.getTypeMap()))
    if (isInterfaceType(type) || isUnionType(type)) type.resolveType = (thing) => own((thing as Thing).t);
  for (const [name, shared] of share.entities) {
    const type = schema.getType(own(name));
    if (!isObjectType(type)) throw new Error(`There is no ${name}.`);
    const fields = type.getFields();
    if (fields.code) fields.code.resolve = (thing) => codeOf(thing);
    for (const field of shared.fields) {
      const defined = fields[field.name];
      if (defined === undefined) continue;
      const targets = targetsIn(share.entities, field.of);
      defined.resolve = (thing, given) => {
        if (field.computedOf !== undefined) return computedFrom(thing[field.computedOf]);
        if (isFaulty(world, thing, field)) throw new Error(`fault of ${thing.t}:${thing.id}.${field.name}`);
        return heldIn(world, thing, field, given, targets);
      };
    }
  }
  const query = schema.getQueryType()?.getFields() ?? {};
  for (const root of share.roots.values()) {
    const targets = targetsIn(share.entities, root.of);
    const field = query[root.name];
    if (field) field.resolve = (_, given) => heldIn(world, { t: "Query", id: "" }, root, given, targets);
  }
  for (const lookUp of lookUps) {
    const field = query[lookUp.exclude];
    if (field) answerLookUp(schema, field, lookUp);
  }
}

type Field = NonNullable<ReturnType<NonNullable<ReturnType<GraphQLSchema["getQueryType"]>>["getFields"]>[string]>;

function answerLookUp(schema: GraphQLSchema, field: Field, { entity, key, style }: LookUpParts): void {
  const find = (value: unknown): Thing => ({
    t: entity,
    id: key === "id" ? String(value) : (String(value).split("-")[2] ?? ""),
  });
  const findAll = (keys: readonly unknown[]) => keys.map(find);
  if (style === "one") field.resolve = (_, given) => find(given.key);
  else if (style === "many") field.resolve = (_, given) => findAll(given.keys);
  else if (style === "shuffled") field.resolve = (_, given) => [...findAll(given.keys)].reverse();
  else if (style === "collection") field.resolve = (_, given) => ({ items: findAll(given.keys) });
  else if (style === "objects")
    field.resolve = (_, given) => given.keys.map((one: Record<string, unknown>) => ({ ...one, ...find(one[key]) }));
  else {
    field.resolve = () => ({});
    const scope = schema.getType(String(field.type).replace("!", ""));
    if (isObjectType(scope)) {
      const inner = scope.getFields().find;
      if (inner) inner.resolve = (_, given) => findAll(given.keys);
    }
  }
}
