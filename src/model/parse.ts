/** From an input to a document, in four steps: nesting, normalising, Zod, writing. */
import { z } from "zod";
import { ConfigurationError, type Issue, WeftError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { Content } from "./content.ts";
import { checkNesting } from "./depth.ts";
import { writerOf } from "./document.ts";
import { maxIssues, onePerPath, startCursor } from "./issue-cursor.ts";
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
    const isHuge = checkNesting(data, maxDataDepth, at) > hugeInput;
    const input = normalise(data, at);
    if (isHuge && at.issues.length > 0) throw invalidInput(at.issues);
    const result = parseWithZod(modelName, schema, { input, isHuge });
    if (!result.success) at.issues.push(...result.error.issues.slice(0, maxIssues).map(issueOf));
    // Where Zod has refused the input, writing it shows what else is wrong: everything is told at once.
    const document = write(result.success ? result.data : input, at);
    if (at.issues.length > 0) throw invalidInput(at.issues);
    return document as JsonObject;
  };
}

/** Values in an input beyond which the first of its mistakes are enough: Zod takes microseconds for each. */
const hugeInput = 10_000;

function invalidInput(issues: readonly Issue[]): WeftError {
  return new WeftError("VALIDATION_FAILED", { issues: onePerPath(issues) });
}

const untilFirstIssue: z.core.ParseContext<z.core.$ZodIssue> & { readonly abortEarly: true } = { abortEarly: true };

function parseWithZod(modelName: string, schema: AnySchema, { input, isHuge }: { input: unknown; isHuge: boolean }) {
  try {
    return z.core.safeParse(schema, input, isHuge ? untilFirstIssue : undefined);
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
