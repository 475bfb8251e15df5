/** Reads discriminated unions into union types: each member an object type, the discriminator an enum that they share. */
import type { Content } from "./content.ts";
import type { EnumType, ObjectType, UnionType } from "./field.ts";
import { metadataOf } from "./metadata.ts";
import { namedType, type Started } from "./named-type.ts";
import { enumValueNames, typeNamePart } from "./names.ts";
import { foreignSchema, isOwnSchema } from "./own-zod.ts";
import { type NamedReading, type Place, type ReadContext, refuse } from "./read-context.ts";
import { startObject } from "./read-object.ts";
import { discriminatedMembers, type UnionMember } from "./union-members.ts";
import { type AnySchema, unwrap } from "./unwrap.ts";

export interface UnionSubject {
  readonly core: AnySchema;
  readonly place: Place;
  readonly description: string | undefined;
  readonly discriminator: string;
}

export function startUnion(context: ReadContext, subject: UnionSubject, name: string): Started<NamedReading> {
  const { core, place, description, discriminator } = subject;
  const members = new Map<string, ObjectType>();
  const contents = new Map<string, Content>();
  const type: UnionType = { kind: "union", name, description, discriminator, members };
  return {
    reading: { type, content: { kind: "union", discriminator, members: contents } },
    fill() {
      const found = discriminatedMembers(core, discriminator);
      for (const problem of found.problems) refuse(context, place, problem);
      if (found.problems.length > 0) return;
      const choices = discriminatorType(context, { ...subject, name }, found.members);
      for (const member of found.members) {
        const reading = readMember(context, member, {
          union: name,
          place,
          discriminator: { name: discriminator, type: choices },
        });
        if (reading?.type.kind !== "object") continue;
        for (const value of member.values) {
          members.set(value, reading.type);
          contents.set(value, reading.content);
        }
      }
    },
  };
}

/** One enum for all members, so that a query may select the discriminator of several members side by side (GraphQL §5.3.2). */
function discriminatorType(
  context: ReadContext,
  { name, place, discriminator }: UnionSubject & { readonly name: string },
  members: readonly UnionMember[],
): EnumType {
  const texts = members.flatMap((member) => member.values);
  const values = new Map(enumValueNames(texts).map((valueName, index) => [valueName, texts[index] ?? valueName]));
  const type: EnumType = { kind: "enum", name: name + typeNamePart(discriminator), description: undefined, values };
  const problem = context.claims.claim("type", type.name, {
    by: `${context.modelName}.${place.path} (its discriminator)`,
    cure: ".meta({ id })",
  });
  if (problem !== undefined) refuse(context, place, problem);
  return type;
}

interface MemberPlace {
  readonly union: string;
  readonly place: Place;
  readonly discriminator: { readonly name: string; readonly type: EnumType };
}

function readMember(
  context: ReadContext,
  member: UnionMember,
  { union, place, discriminator }: MemberPlace,
): NamedReading | undefined {
  const { core, layers } = unwrap(member.schema);
  const value = member.values[0] ?? "";
  const memberPlace = { path: `${place.path}(${value})`, typeName: union + typeNamePart(value) };
  if (!layers.every(isOwnSchema)) return refuse(context, memberPlace, foreignSchema);
  const { id, description } = metadataOf(layers);
  return namedType(context, { core, id, place: memberPlace }, (name) =>
    startObject(context, { core, place: memberPlace, description, discriminator }, name),
  );
}
