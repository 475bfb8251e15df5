/** Models for tests: a schema in, its definition or its complaint out. */
import { z } from "zod";
import { ConfigurationError, WeftError } from "../../src/base/errors.ts";
import { type Claims, createClaims } from "../../src/model/claims.ts";
import { defineModel } from "../../src/model/define.ts";
import type { ModelDefinition, ModelOptions } from "../../src/model/definition.ts";
import type { Field, FieldType } from "../../src/model/field.ts";

export interface TestModelOptions extends ModelOptions {
  readonly modelName?: string;
  readonly claims?: Claims;
  readonly maxDataDepth?: number;
}

export function modelOf(
  fields: z.ZodRawShape | z.ZodObject<z.ZodRawShape>,
  given: TestModelOptions = {},
): ModelDefinition {
  const { modelName = "TodoItem", claims = createClaims(), maxDataDepth, ...options } = given;
  const schema = fields instanceof z.ZodObject ? fields : z.object(fields);
  return defineModel({ modelName, schema, options, maxDataDepth, claims });
}

/** The field that a schema becomes. */
export function fieldOf(schema: z.ZodType): Field {
  const field = modelOf({ it: schema }).type.fields.get("it");
  if (field === undefined) throw new Error("the field is missing");
  return field;
}

export function typeOf(schema: z.ZodType): FieldType {
  return fieldOf(schema).type;
}

/** What a model is refused for. */
export function refusalOf(fields: z.ZodRawShape | z.ZodObject<z.ZodRawShape>, options: TestModelOptions = {}): string {
  try {
    modelOf(fields, options);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return "";
}

/** The issues of an input as `path: message`, or the code of another error. */
export function issuesOf(model: ModelDefinition, data: unknown): string[] {
  try {
    model.parse(data);
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    if (error.code !== "VALIDATION_FAILED") return [error.code];
    const issues = error.details.issues as { path: (string | number)[]; message: string }[];
    return issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  }
  return [];
}

/** The value of one field after parsing it. */
export function parsed(schema: z.ZodType, value: unknown): unknown {
  return modelOf({ it: schema }).parse({ it: value }).it;
}

/** The paths that an input is refused at. */
export function refusedPaths(schema: z.ZodType, value: unknown): string[] {
  return issuesOf(modelOf({ it: schema }), { it: value }).map((issue) => issue.slice(0, issue.indexOf(":")));
}
