/** Reads schemas of objects, and intersections of them, into object types. */
import type { Content, ObjectContent } from "./content.ts";
import { defaultValueOf } from "./default-value.ts";
import type { EnumType, Field, FieldType, ObjectType } from "./field.ts";
import type { Started } from "./named-type.ts";
import { isGraphqlName, typeNamePart } from "./names.ts";
import { type ObjectPart, objectsOf } from "./object-parts.ts";
import { type Place, type ReadContext, type Reading, refuse } from "./read-context.ts";
import type { AnySchema } from "./unwrap.ts";

export interface ObjectReading {
  readonly type: ObjectType;
  readonly content: ObjectContent;
}

export interface ObjectSubject {
  readonly core: AnySchema;
  readonly place: Place;
  readonly description: string | undefined;
  /** In a member of a union: the field that chooses it, whose type all members share. */
  readonly discriminator?: { readonly name: string; readonly type: EnumType };
}

export function startObject(context: ReadContext, subject: ObjectSubject, name: string): Started<ObjectReading> {
  const { core, place, description, discriminator } = subject;
  const fields = new Map<string, Field>();
  const content: ObjectContent = { kind: "object", fields: new Map(), explicit: new Set() };

  const put = (fieldName: string, field: Field, fieldContent: Content): void => {
    fields.set(fieldName, field);
    content.fields.set(fieldName, fieldContent);
  };
  const addReading = ({ reading, place: fieldPlace, fieldName, schema }: ReadField): void => {
    const field = mergedField(fieldOf(context, fieldName, { reading, place: fieldPlace }), fields.get(fieldName));
    if (field === undefined) refuse(context, fieldPlace, unmergeable);
    else put(fieldName, field, reading.content);
    // A union with undefined is no optional key to Zod.
    if (reading.presence.isOptional && schema._zod.optin === undefined) content.explicit.add(fieldName);
  };
  const add = (fieldName: string, schema: AnySchema): void => {
    const path = place.path === "" ? fieldName : `${place.path}.${fieldName}`;
    const fieldPlace = { path, typeName: name + typeNamePart(fieldName) };
    if (fieldName === discriminator?.name) {
      put(fieldName, discriminatorField(discriminator), { kind: "text" });
    } else if (isGraphqlName(fieldName)) {
      const reading = context.read(schema, fieldPlace);
      if (reading !== undefined) addReading({ reading, place: fieldPlace, fieldName, schema });
    } else refuse(context, fieldPlace, noGraphqlName);
  };

  return {
    reading: { type: { kind: "object", name, description, fields }, content },
    fill() {
      for (const { shape } of closedObjects(context, core, place)) {
        for (const [fieldName, schema] of Object.entries(shape)) add(fieldName, schema);
      }
    },
  };
}

interface ReadField {
  readonly fieldName: string;
  readonly schema: AnySchema;
  readonly reading: Reading;
  readonly place: Place;
}

const unmergeable = "both sides of the intersection have it, with types that cannot be merged";

const noGraphqlName = 'its name is no GraphQL name; set .meta({ graphql: "JSON" }) on the object that holds it';

function closedObjects(context: ReadContext, core: AnySchema, place: Place): ObjectPart[] {
  const objects = objectsOf(core);
  const json = place.path === "" ? "" : '; .meta({ graphql: "JSON" }) takes it as JSON';
  const reason =
    objects === undefined
      ? `an intersection of anything but objects has no GraphQL type${json}`
      : objects.some((part) => part.catchall !== undefined)
        ? `a loose object (one that allows other keys) has no GraphQL type${json}`
        : objects.every((part) => Object.keys(part.shape).length === 0)
          ? `an object without fields has no GraphQL type${json}`
          : undefined;
  if (reason === undefined) return objects ?? [];
  refuse(context, place, reason);
  return [];
}

function fieldOf(context: ReadContext, name: string, { reading, place }: { reading: Reading; place: Place }): Field {
  const { type, content, presence, metadata } = reading;
  const defaultValue = presence.defaultValue === undefined ? undefined : defaultValueOf(presence.defaultValue, content);
  for (const issue of defaultValue?.issues ?? []) {
    refuse(context, place, `its default is not valid: ${[...issue.path, issue.message].join(": ")}`);
  }
  return {
    name,
    type,
    description: metadata.description,
    deprecationReason: metadata.deprecationReason,
    isNullable: presence.mayBeNull || presence.mayBeAbsent,
    isOptional: presence.isOptional,
    acceptsNull: presence.acceptsNull,
    defaultValue: defaultValue?.value,
  };
}

/** Optional in input: what chooses the member says it already. */
function discriminatorField({ name, type }: { name: string; type: EnumType }): Field {
  return {
    name,
    type,
    description: undefined,
    deprecationReason: undefined,
    isNullable: false,
    isOptional: true,
    acceptsNull: false,
    defaultValue: undefined,
  };
}

function isSameScalar(one: FieldType, other: FieldType): boolean {
  const isNamed = one.kind === "object" || one.kind === "union" || one.kind === "enum" || one.kind === "list";
  return !isNamed && JSON.stringify(one) === JSON.stringify(other);
}

/** A field that both sides of an intersection have must satisfy both; undefined where their types differ. */
function mergedField(field: Field, other: Field | undefined): Field | undefined {
  if (other === undefined) return field;
  if (!isSameScalar(other.type, field.type)) return undefined;
  return {
    ...field,
    description: field.description ?? other.description,
    isNullable: field.isNullable && other.isNullable,
    isOptional: field.isOptional && other.isOptional,
    acceptsNull: field.acceptsNull && other.acceptsNull,
  };
}
