/** From an input to a document, in four steps: nesting, normalising, Zod, writing. */
import { z } from "zod";
import { ConfigurationError, type Issue, WeftError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { Content } from "./content.ts";
import { checkNesting } from "./depth.ts";
import { writerOf } from "./document.ts";
import { onePerPath, startCursor } from "./issue-cursor.ts";
import { normaliserOf } from "./normalise.ts";
import type { AnySchema } from "./unwrap.ts";

export interface ParserOptions {
  readonly modelName: string;
  readonly schema: AnySchema;
  readonly content: Content;
  readonly maxDataDepth: number;
}

export function parserOf({ modelName, schema, content, maxDataDepth }: ParserOptions): (data: unknown) => JsonObject {
  const normalise = normaliserOf(content);
  const write = writerOf(content);
  return (data) => {
    const at = startCursor();
    checkNesting(data, maxDataDepth, at);
    const input = normalise(data, at);
    const result = parseWithZod(modelName, schema, input);
    if (!result.success) at.issues.push(...result.error.issues.map(issueOf));
    // Where Zod has refused the input, writing it shows what else is wrong: everything is told at once.
    const document = write(result.success ? result.data : input, at);
    if (at.issues.length > 0) throw new WeftError("VALIDATION_FAILED", { issues: onePerPath(at.issues) });
    return document as JsonObject;
  };
}

function parseWithZod(modelName: string, schema: AnySchema, input: unknown) {
  try {
    return z.core.safeParse(schema, input);
  } catch (error) {
    if (!(error instanceof z.core.$ZodAsyncError)) throw error;
    throw new ConfigurationError(
      `The schema of model ${modelName} has an async refinement or transform. Only synchronous ones are supported: check against the outside world in a hook.`,
    );
  }
}

function issueOf({ path, message }: z.core.$ZodIssue): Issue {
  return { path: path.map((segment) => (typeof segment === "symbol" ? String(segment) : segment)), message };
}
