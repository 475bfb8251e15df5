/** Reads the schema of something beside a model: what an operation of a user's own takes and gives back. */
import type { z } from "zod";
import { ConfigurationError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { ClaimDraft } from "./claims.ts";
import type { FieldType, ObjectType } from "./field.ts";
import { foreignSchema, isOwnSchema } from "./own-zod.ts";
import { parserOf } from "./parse.ts";
import type { NamedReading, ReadContext } from "./read-context.ts";
import { startObject } from "./read-object.ts";
import { readType } from "./read-type.ts";
import { reviverOf } from "./revive.ts";
import { type AnySchema, defOf } from "./unwrap.ts";

export interface DetachedSource {
  readonly modelName: string;
  /** As messages name it: `operations.archive.input`. */
  readonly path: string;
  /** Types within it are named after it; it has none itself. */
  readonly typeName: string;
  readonly schema: z.ZodObject;
  readonly maxDataDepth: number;
}

export interface Detached {
  readonly type: ObjectType;
  /** As a model's. @throws VALIDATION_FAILED, LIMIT_EXCEEDED */
  parse(data: unknown): JsonObject;
  revive(document: JsonObject): unknown;
}

/** @param problems gets a sentence for everything that is wrong. @throws ConfigurationError for what is no object of this copy of Zod */
export function readDetached(
  { modelName, path, typeName, schema, maxDataDepth }: DetachedSource,
  { claims, problems }: { readonly claims: ClaimDraft; readonly problems: string[] },
): Detached {
  if (!isOwnSchema(schema) || defOf(schema).type !== "object")
    throw new ConfigurationError(`${modelName}: ${path} must be a z.object(…) of weft's copy of Zod. ${foreignSchema}`);
  const context: ReadContext = {
    modelName,
    claims,
    problems,
    open: new Map<AnySchema, NamedReading | undefined>(),
    recursive: new Map<AnySchema, NamedReading>(),
    read: (inner, place) => readType(context, inner, place),
  };
  const subject = { core: schema, place: { path, typeName }, description: undefined };
  const { reading, fill } = startObject(context, subject, typeName);
  fill();
  for (const { name, type } of reading.type.fields.values())
    if (holdsBinary(type)) problems.push(`${path}.${name}: binary() has no place outside of a model`);
  const revive = reviverOf(reading.content);
  return {
    type: reading.type,
    parse: parserOf({ modelName, schema, content: reading.content, maxDataDepth }),
    revive: (document) => (revive === undefined ? document : revive(document, undefined)),
  };
}

function holdsBinary(type: FieldType, seen: Set<FieldType> = new Set()): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  switch (type.kind) {
    case "binary":
      return true;
    case "list":
      return holdsBinary(type.element.type, seen);
    case "object":
      return [...type.fields.values()].some((field) => holdsBinary(field.type, seen));
    case "union":
      return [...type.members.values()].some((member) => holdsBinary(member, seen));
    default:
      return false;
  }
}
