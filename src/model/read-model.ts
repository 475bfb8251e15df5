/** Reads the schema of a model from its root. */

import { ConfigurationError } from "../base/errors.ts";
import type { ClaimDraft } from "./claims.ts";
import type { ObjectContent } from "./content.ts";
import { inputNameOf } from "./derived-names.ts";
import type { ObjectType } from "./field.ts";
import { metadataOf } from "./metadata.ts";
import { foreignSchema, isOwnSchema } from "./own-zod.ts";
import type { NamedReading, ReadContext } from "./read-context.ts";
import { startObject } from "./read-object.ts";
import { readType } from "./read-type.ts";
import { type AnySchema, defOf } from "./unwrap.ts";

export interface ModelReading {
  readonly type: ObjectType;
  readonly content: ObjectContent;
}

export interface ModelSource {
  readonly modelName: string;
  readonly graphqlName: string;
  readonly schema: AnySchema;
  readonly claims: ClaimDraft;
  /** Gets a sentence for everything that is wrong. */
  readonly problems: string[];
}

/** @throws ConfigurationError where the schema is no object of this copy of Zod */
export function readModel({ modelName, graphqlName, schema, claims, problems }: ModelSource): ModelReading {
  if (!isOwnSchema(schema))
    throw new ConfigurationError(`The schema of model ${modelName} is refused: ${foreignSchema}`);
  if (defOf(schema).type !== "object") {
    throw new ConfigurationError(`The schema of model ${modelName} must be a z.object(…), not a ${defOf(schema).type}`);
  }
  // A schema whose id is the model's name may have served as a nested type before: then that type is the model's too.
  const { id, description } = metadataOf([schema]);
  const shared = id === graphqlName ? claims.shared(id) : undefined;
  if (shared?.schema === schema && shared.type.kind === "object" && shared.content.kind === "object") {
    return { type: shared.type, content: shared.content };
  }
  const context: ReadContext = {
    modelName,
    claims,
    problems,
    open: new Map<AnySchema, NamedReading | undefined>(),
    recursive: new Map<AnySchema, NamedReading>(),
    read: (inner, place) => readType(context, inner, place),
  };
  for (const name of [graphqlName, inputNameOf(graphqlName)]) {
    const problem = claims.claim("type", name, { by: `model ${modelName}`, cure: "{ graphqlName }" });
    if (problem !== undefined) problems.push(problem);
  }
  const { reading, fill } = startObject(
    context,
    { core: schema, place: { path: "", typeName: graphqlName }, description },
    graphqlName,
  );
  context.open.set(schema, reading);
  fill();
  if (id === graphqlName) claims.share(id, { schema, ...reading });
  return reading;
}
