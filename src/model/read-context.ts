/** What the reading of a schema carries along. */
import type { ClaimDraft } from "./claims.ts";
import type { Content } from "./content.ts";
import type { EnumType, FieldType, ObjectType, UnionType } from "./field.ts";
import type { Metadata } from "./metadata.ts";
import type { AnySchema, Presence } from "./unwrap.ts";

export interface ReadContext {
  readonly modelName: string;
  readonly claims: ClaimDraft;
  /** Everything that is wrong with the model: one sentence each, all told at once. */
  readonly problems: string[];
  /** What is being read right now, by core schema: a schema that meets itself is recursive. */
  readonly open: Map<AnySchema, TypeReading | undefined>;
  /** Types that have met themselves, by core schema: such a type is one, named at its first place. */
  readonly recursive: Map<AnySchema, NamedReading>;
  /** Reads a schema that lies within another. */
  readonly read: (schema: AnySchema, place: Place) => Reading | undefined;
}

/** Where a schema stands. */
export interface Place {
  /** From the model's root, as a message shows it: `address.city`, `tags[]`. */
  readonly path: string;
  /** The name that a type made here takes: `TodoItemAddress`. */
  readonly typeName: string;
}

export interface TypeReading {
  readonly type: FieldType;
  readonly content: Content;
}

export interface NamedReading extends TypeReading {
  readonly type: ObjectType | UnionType | EnumType;
}

export interface Reading extends TypeReading {
  readonly presence: Presence;
  readonly metadata: Metadata;
}

/** Notes why what stands at the place is refused. */
export function refuse(context: ReadContext, place: Place, reason: string): undefined {
  context.problems.push(`${place.path === "" ? "the model itself" : place.path}: ${reason}`);
}
