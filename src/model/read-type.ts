/** Reads a schema into a type and a content: the mapping table of CONTRACT §2. */
import { freeContentOf } from "./free-content.ts";
import { type Metadata, metadataOf } from "./metadata.ts";
import { namedType } from "./named-type.ts";
import { foreignSchema, isOwnSchema } from "./own-zod.ts";
import { type Place, type ReadContext, type Reading, refuse, type TypeReading } from "./read-context.ts";
import { enumEntriesOf, startEnum } from "./read-enum.ts";
import { startObject } from "./read-object.ts";
import { startUnion } from "./read-union.ts";
import { scalarOf } from "./scalar-types.ts";
import { type AnySchema, defOf, discriminatorOf, unionParts, unwrap } from "./unwrap.ts";

interface Subject {
  readonly core: AnySchema;
  readonly layers: readonly AnySchema[];
  readonly metadata: Metadata;
  readonly place: Place;
}

/** Deeper ones are endless: a lazy schema that makes a new one each time. */
const maxNesting = 100;

/** Undefined where it was refused; why is in `context.problems`. */
export function readType(context: ReadContext, schema: AnySchema, place: Place): Reading | undefined {
  if (context.open.size >= maxNesting) return refuse(context, place, "its schema nests without end");
  if (!isOwnSchema(schema)) return refuse(context, place, foreignSchema);
  const { core, layers, presence } = unwrap(schema);
  if (!layers.every(isOwnSchema)) return refuse(context, place, foreignSchema);
  const metadata = metadataOf(layers);
  if (metadata.unknownMark !== undefined)
    return refuse(context, place, `${metadata.unknownMark} is no known mark: .meta({ graphql }) takes "JSON" only`);
  const reading = metadata.isJson ? jsonOf(core) : typeOf(context, { core, layers, metadata, place });
  return reading && { ...reading, presence, metadata };
}

function jsonOf(core: AnySchema): TypeReading {
  return { type: { kind: "json" }, content: freeContentOf(core) };
}

function typeOf(context: ReadContext, subject: Subject): TypeReading | undefined {
  const { core, layers, metadata, place } = subject;
  const scalar = scalarOf(core, layers);
  if (typeof scalar === "string") return refuse(context, place, scalar);
  if (scalar !== undefined) return scalar;
  const entries = enumEntriesOf(core);
  if (entries?.length === 0) return refuse(context, place, "an enum without values has no GraphQL type");
  if (entries !== undefined) {
    const subject = { core, id: metadata.id, place };
    return namedType(context, subject, (name) => startEnum(entries, name, ownDescription(core)));
  }
  const def = defOf(core);
  const discriminator = discriminatorOf(core);
  const named = { core, id: metadata.id, place };
  const described = { core, place, description: ownDescription(core) };
  switch (def.type) {
    case "any":
    case "unknown":
    case "record":
      return jsonOf(core);
    case "object":
    case "intersection":
      return namedType(context, named, (name) => startObject(context, described, name));
    case "array":
      return listOf(context, subject, [def.element]);
    case "tuple":
      return tupleOf(context, subject, def.rest === null ? def.items : [...def.items, def.rest]);
    case "union":
      if (discriminator === undefined) return plainUnionOf(context, subject);
      return namedType(context, named, (name) => startUnion(context, { ...described, discriminator }, name));
    default:
      return refuse(context, place, refusals[def.type] ?? `a schema of type ${def.type} has no GraphQL type${orJson}`);
  }
}

const orJson = '; .meta({ graphql: "JSON" }) takes it as JSON';

const refusals: Readonly<Record<string, string>> = {
  pipe: `a transform or pipe has no GraphQL type, for what goes in is not what comes out${orJson}`,
  transform: `a transform or pipe has no GraphQL type, for what goes in is not what comes out${orJson}`,
};

/** What the type itself is described by: an object shared by several fields is described once, its fields each for themselves. */
function ownDescription(core: AnySchema): string | undefined {
  return metadataOf([core]).description;
}

/** @param elements schemas of one type */
function listOf(
  context: ReadContext,
  { core, place }: Subject,
  elements: readonly AnySchema[],
): TypeReading | undefined {
  const [first] = elements;
  if (first === undefined) return jsonOf(core);
  if (context.open.has(core)) return refuse(context, place, `a list that holds itself has no GraphQL type${orJson}`);
  context.open.set(core, undefined);
  const element = context.read(first, { ...place, path: `${place.path}[]` });
  context.open.delete(core);
  if (element === undefined) return undefined;
  const presences = elements.map((schema) => unwrap(schema).presence);
  if (presences.some((presence) => presence.mayBeAbsent && !presence.acceptsNull)) {
    return refuse(context, place, "an element of a list cannot be absent: use nullable() instead of optional()");
  }
  const isNullable = presences.some((presence) => presence.mayBeNull);
  return {
    type: { kind: "list", element: { type: element.type, isNullable } },
    content: { kind: "list", allowsHoles: true, element: element.content },
  };
}

function tupleOf(context: ReadContext, subject: Subject, items: readonly AnySchema[]): TypeReading | undefined {
  const [first, ...others] = items.map((item) => unwrap(item));
  if (first === undefined) return jsonOf(subject.core);
  const scalar = scalarOf(first.core, first.layers);
  const isOneType = others.every(
    ({ core, layers }) =>
      core === first.core ||
      (typeof scalar === "object" && JSON.stringify(scalarOf(core, layers)) === JSON.stringify(scalar)),
  );
  return isOneType ? listOf(context, subject, items) : jsonOf(subject.core);
}

/** Unions that are no discriminated ones: literals of one type, or JSON itself (`z.json()`). */
function plainUnionOf(context: ReadContext, { core, place }: Subject): TypeReading | undefined {
  const options = unionParts(core).options.map((option) => unwrap(option));
  const defs = options.map((option) => defOf(option.core));
  const scalars = options.map((option) => scalarOf(option.core, option.layers));
  const [first] = scalars;
  if (typeof first === "object" && defs.every((def) => def.type === "literal")) {
    if (scalars.every((scalar) => JSON.stringify(scalar) === JSON.stringify(first))) return first;
  }
  const isJson = defs.some((def) => def.type === "array" && unwrap(def.element).core === core);
  if (isJson && defs.some((def) => def.type === "record" && unwrap(def.valueType).core === core)) {
    return { type: { kind: "json" }, content: { kind: "json" } };
  }
  return refuse(context, place, `a union without a discriminator has no GraphQL type${orJson}`);
}
