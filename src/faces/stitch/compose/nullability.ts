/**
 * What may be null in the composed schema. A field of a service is nullable where objects may come from elsewhere, so that the service's
 * failure takes that field and not the whole object; so are its root fields, for the sake of their neighbours.
 */
import { getNamedType, isAbstractType, isInterfaceType, isObjectType } from "graphql";
import type { Service } from "../service/service.ts";
import type { AddedField } from "./composition.ts";
import { type Field, type Part, type Parts, rootNames } from "./parts.ts";
import { nullable, shapeOf, typeText, weaker } from "./type-text.ts";

/** "Type.field" → its type. */
export type FieldTypes = ReadonlyMap<string, string>;

export function fieldTypesOf(parts: Parts, added: readonly AddedField[]): FieldTypes {
  const types = new Map<string, string>();
  const isOrigin = originsOf(parts, added);
  for (const [name, owners] of parts)
    for (const [fieldName, having] of fieldsOf(owners)) {
      const merged = having.map(({ part, field }) => typeText(field.type, part.named)).reduce(weaker);
      types.set(
        `${name}.${fieldName}`,
        isLoose(
          name,
          having,
          owners.filter((owner) => isOrigin(name, owner)),
        )
          ? nullable(merged)
          : merged,
      );
    }
  loosenInterfaces(parts, types);
  return types;
}

export interface Having {
  readonly part: Part;
  readonly field: Field;
}

/** Fields of a type, each with all who have it. A root field is the first one's alone. */
export function fieldsOf(owners: readonly Part[]): ReadonlyMap<string, readonly Having[]> {
  const fields = new Map<string, Having[]>();
  for (const part of owners)
    for (const [name, field] of part.fields) {
      const known = fields.get(name);
      if (known) known.push({ part, field });
      else fields.set(name, [{ part, field }]);
    }
  return fields;
}

/** @param origins those of the type's owners of whom its objects may come */
function isLoose(typeName: string, having: readonly Having[], origins: readonly Part[]): boolean {
  const isRemote = having.some(({ part }) => part.of !== undefined);
  if (!isRemote) return false;
  if (rootNames.has(typeName)) return having[0]?.part.of !== undefined;
  return origins.some((origin) => having.every(({ part }) => part !== origin));
}

/** Who brings objects of a type, and does not only find them: those who have fields that lead to it. */
function originsOf(parts: Parts, added: readonly AddedField[]): (typeName: string, owner: Part) => boolean {
  const found = new Map<Service, Set<string>>();
  const linked = new Set(added.map(({ type }) => type.replace(/[[\]!]/g, "")));
  for (const owners of parts.values())
    for (const { of, fields, named } of owners) {
      if (of === undefined) continue;
      const types = found.get(of.service) ?? new Set();
      found.set(of.service, types);
      for (const field of fields.values()) {
        const type = getNamedType(field.type);
        types.add(named(type.name));
        if (isAbstractType(type))
          for (const possible of of.service.schema.getPossibleTypes(type)) types.add(named(possible.name));
      }
    }
  return (typeName, { of }) =>
    of === undefined || linked.has(typeName) || found.get(of.service)?.has(typeName) === true;
}

/** An interface promises no more than its objects keep. */
function loosenInterfaces(parts: Parts, types: Map<string, string>): void {
  for (let isStable = false; !isStable; ) {
    isStable = true;
    for (const [name, owners] of parts)
      for (const { type, named } of owners) {
        if (!isObjectType(type) && !isInterfaceType(type)) continue;
        for (const promised of type.getInterfaces().map((one) => named(one.name)))
          for (const field of new Set(owners.flatMap(({ fields }) => [...fields.keys()]))) {
            const kept = types.get(`${name}.${field}`);
            const promise = types.get(`${promised}.${field}`);
            if (kept === undefined || promise === undefined) continue;
            const loosened = sameLists(kept, promise) ? weaker(promise, kept) : promise;
            if (loosened === promise) continue;
            types.set(`${promised}.${field}`, loosened);
            isStable = false;
          }
      }
  }
}

function sameLists(one: string, other: string): boolean {
  return shapeOf(one).replace(/[^[\]]/g, "") === shapeOf(other).replace(/[^[\]]/g, "");
}
