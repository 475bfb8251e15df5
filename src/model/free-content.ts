/** What lies inside free-form JSON, as far as the schema says: no names, no refusals, only what passes over data must know. */
import type { Content, FreeObjectContent } from "./content.ts";
import { objectsOf } from "./object-parts.ts";
import { scalarOf } from "./scalar-types.ts";
import { discriminatedMembers } from "./union-members.ts";
import { type AnySchema, defOf, discriminatorOf, type SchemaDef, unwrap } from "./unwrap.ts";

const json: Content = { kind: "json" };

/** More are endless: a lazy schema that makes a new one each time. */
const maxNodes = 1000;

/** @param known contents by core schema, filled on the way: schemas may be recursive */
export function freeContentOf(schema: AnySchema, known = new Map<AnySchema, Content>()): Content {
  const { core, layers } = unwrap(schema);
  const found = known.get(core) ?? (known.size < maxNodes ? undefined : json);
  if (found !== undefined) return found;
  const scalar = scalarOf(core, layers);
  if (typeof scalar === "object") return scalar.content;
  return containerOf(core, known);
}

function containerOf(core: AnySchema, known: Map<AnySchema, Content>): Content {
  const below = (schema: AnySchema): Content => freeContentOf(schema, known);
  const def = defOf(core);
  switch (def.type) {
    case "object":
    case "intersection":
      return freeObjectOf(core, known);
    case "record":
      return late(core, known, freeObject(), (content) => {
        content.rest = below(def.valueType);
      });
    case "array":
      return late(core, known, { kind: "list" as const, allowsHoles: false, element: json }, (content) => {
        content.element = below(def.element);
      });
    case "tuple":
      return tupleOf(core, def, known);
    case "set":
      return late(core, known, { kind: "set" as const, element: json }, (content) => {
        content.element = below(def.valueType);
      });
    case "map":
      return late(core, known, { kind: "map" as const, key: json, value: json }, (content) => {
        content.key = below(def.keyType);
        content.value = below(def.valueType);
      });
    case "union":
      return unionOf(core, known);
    default:
      return json;
  }
}

function freeObject(): FreeObjectContent {
  return { kind: "free object", fields: new Map(), rest: undefined };
}

function freeObjectOf(core: AnySchema, known: Map<AnySchema, Content>): Content {
  const objects = objectsOf(core);
  if (objects === undefined) return json;
  return late(core, known, freeObject(), (content) => {
    for (const { shape, catchall } of objects) {
      for (const [name, field] of Object.entries(shape)) content.fields.set(name, freeContentOf(field, known));
      if (catchall !== undefined) content.rest = freeContentOf(catchall, known);
    }
  });
}

function tupleOf(core: AnySchema, def: Extract<SchemaDef, { type: "tuple" }>, known: Map<AnySchema, Content>): Content {
  const tuple: Extract<Content, { kind: "tuple" }> = { kind: "tuple", items: [], rest: undefined };
  return late(core, known, tuple, (content) => {
    content.items = def.items.map((item) => freeContentOf(item, known));
    content.rest = def.rest === null ? undefined : freeContentOf(def.rest, known);
  });
}

function unionOf(core: AnySchema, known: Map<AnySchema, Content>): Content {
  const discriminator = discriminatorOf(core);
  const found = discriminator === undefined ? undefined : discriminatedMembers(core, discriminator);
  if (discriminator === undefined || found === undefined || found.problems.length > 0) return json;
  const union: Extract<Content, { kind: "union" }> = { kind: "union", discriminator, members: new Map() };
  return late(core, known, union, (content) => {
    for (const member of found.members) {
      for (const value of member.values) content.members.set(value, freeContentOf(member.schema, known));
    }
  });
}

function late<C extends Content>(
  core: AnySchema,
  known: Map<AnySchema, Content>,
  content: C,
  fill: (content: C) => void,
): C {
  known.set(core, content);
  fill(content);
  return content;
}
