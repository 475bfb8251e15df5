/** Names for the types within a model: by place, or by the id that the schema's metadata give. */
import { enumFilterNamesOf, inputNameOf } from "./derived-names.ts";
import { isGraphqlName } from "./names.ts";
import { type NamedReading, type Place, type ReadContext, refuse } from "./read-context.ts";
import type { AnySchema } from "./unwrap.ts";

export interface NamedSubject {
  readonly core: AnySchema;
  readonly id: string | undefined;
  readonly place: Place;
}

/** A type that exists before what it holds is read, so that it can hold itself. */
export interface Started<Type extends NamedReading> {
  readonly reading: Type;
  readonly fill: () => void;
}

/**
 * Gives the type of a schema: the one being made where the schema is recursive, the shared one where its id is known already, else a
 * new one, with its names claimed.
 */
export function namedType<Type extends NamedReading>(
  context: ReadContext,
  subject: NamedSubject,
  start: (name: string) => Started<Type>,
): NamedReading | undefined {
  const { core, id, place } = subject;
  const open = context.open.get(core) as NamedReading | undefined;
  if (open !== undefined) context.recursive.set(core, open);
  const known = context.recursive.get(core);
  if (known !== undefined) return known;
  if (id !== undefined) {
    if (!isGraphqlName(id)) return refuse(context, place, `its id ${JSON.stringify(id)} is no GraphQL name`);
    const shared = context.claims.shared(id);
    if (shared?.schema === core) return shared;
    if (shared !== undefined)
      return refuse(context, place, `two different schemas have the id ${id}; give one of them another .meta({ id })`);
  }
  const { reading, fill } = start(id ?? place.typeName);
  claimNames(context, subject, reading);
  context.open.set(core, reading);
  fill();
  context.open.delete(core);
  if (id !== undefined) context.claims.share(id, { schema: core, ...reading });
  return reading;
}

function claimNames(context: ReadContext, { place }: NamedSubject, { type }: NamedReading): void {
  const filters = enumFilterNamesOf(type.name);
  const names = type.kind === "enum" ? [type.name, filters.one, filters.list] : [type.name, inputNameOf(type.name)];
  for (const name of names) {
    const problem = context.claims.claim("type", name, {
      by: `${context.modelName}.${place.path}`,
      cure: ".meta({ id })",
    });
    if (problem !== undefined) refuse(context, place, problem);
  }
}
