/** The members of a discriminated union, nested unions flattened. */
import { z } from "zod";
import { objectsOf } from "./object-parts.ts";
import { type AnySchema, defOf, discriminatorOf, unwrap } from "./unwrap.ts";

export interface UnionMember {
  /** Values of the discriminator that choose it. */
  readonly values: readonly string[];
  /** The option as it stands in the union, wrappers included. */
  readonly schema: AnySchema;
}

export interface UnionMembers {
  readonly members: readonly UnionMember[];
  /** Why it cannot be a GraphQL union; none where it can. */
  readonly problems: readonly string[];
}

export function discriminatedMembers(union: AnySchema, discriminator: string): UnionMembers {
  const members: UnionMember[] = [];
  const problems: string[] = [];
  const seen = new Set<AnySchema>();
  const collect = (option: AnySchema): void => {
    const { core, presence } = unwrap(option);
    if (seen.has(core)) return;
    seen.add(core);
    const nested = discriminatorOf(core);
    if (presence.isOptional || presence.acceptsNull) {
      problems.push("a member of a discriminated union cannot be optional or null: put that on the union");
    } else if (nested === discriminator) {
      for (const inner of optionsOf(core)) collect(inner);
    } else if (nested !== undefined) {
      problems.push(`a union by ${nested} within a union by ${discriminator} cannot be flattened`);
    } else {
      const values = discriminatorValues(core, discriminator);
      if (typeof values === "string") problems.push(values);
      else members.push({ values, schema: option });
    }
  };
  for (const option of optionsOf(union)) collect(option);
  const complaint = problems.length === 0 ? zodComplaint(union) : undefined;
  return { members, problems: complaint === undefined ? problems : [complaint] };
}

function optionsOf(union: AnySchema): readonly AnySchema[] {
  const def = defOf(union);
  return def.type === "union" ? def.options : [];
}

function discriminatorValues(core: AnySchema, discriminator: string): string[] | string {
  const field = objectsOf(core)?.find((part) => Object.hasOwn(part.shape, discriminator))?.shape[discriminator];
  if (field === undefined) return `a member of the union is no object with the discriminator ${discriminator}`;
  const { core: fieldCore, presence } = unwrap(field);
  const def = defOf(fieldCore);
  const values = def.type === "literal" ? def.values : def.type === "enum" ? Object.values(def.entries) : [];
  if (presence.isOptional || presence.acceptsNull)
    return `the discriminator ${discriminator} must not be optional or null`;
  if (values.length === 0 || !values.every((value) => typeof value === "string")) {
    return `the discriminator ${discriminator} must be a literal or an enum of strings in every member`;
  }
  return [...values];
}

/** Zod looks at the members at the first parse only, and throws then where two have one value. */
function zodComplaint(union: AnySchema): string | undefined {
  try {
    z.core.safeParse(union, {});
    return undefined;
  } catch (error) {
    return error instanceof Error && !(error instanceof z.core.$ZodAsyncError) ? error.message : undefined;
  }
}
