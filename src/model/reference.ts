/** `ref("Zone")`: a field that holds the id of another resource, or the key of a type of a remote service. */
import { z } from "zod";

export type ReferenceOptions = LocalReferenceOptions | RemoteReferenceOptions;

export interface LocalReferenceOptions {
  /** What the deletion of the target does to the resource that refers to it. @default "dangling" */
  readonly onDelete?: "dangling" | "setNull" | "cascade" | "restrict";
  /** Does the field hold the id of a resource, or of one revision of it? @default "resource" */
  readonly type?: "resource" | "revision";
  /** Must the target exist when the reference is written? @default false */
  readonly mustExist?: boolean;
  /** Name of the connection on the target's side, instead of the source's plural. */
  readonly reverse?: string;
}

export interface RemoteReferenceOptions {
  /** Name of a stitched service. */
  readonly service: string;
  /** The field of the remote type whose value this field holds. */
  readonly key: string;
}

export interface ReferenceDeclaration {
  readonly target: string;
  readonly options: ReferenceOptions;
}

// Zod clones a schema on .meta(), .describe(), .min() and the like, but the clones share their checks: a check carries the declaration.
const declarations = new WeakMap<object, ReferenceDeclaration>();

/**
 * A string that refers to a resource of the model `target` by its id: 1 to 256 of `A-Z a-z 0-9 . _ ~ : -`. With
 * `{ service, key }`, any string: the key of a remote type `target`.
 */
export function ref(target: string, options: ReferenceOptions = {}): z.ZodString {
  const isRemote = "service" in options;
  const schema = z.string().refine((id) => isRemote || /^[A-Za-z0-9._~:-]{1,256}$/.test(id), "Must be a resource id");
  for (const check of schema._zod.def.checks ?? []) declarations.set(check, { target, options });
  return schema;
}

/** What `ref()` declared of this schema, or of one it was cloned from. */
export function referenceOf(schema: z.core.$ZodType): ReferenceDeclaration | undefined {
  for (const check of schema._zod.def.checks ?? []) {
    const declaration = declarations.get(check);
    if (declaration !== undefined) return declaration;
  }
  return undefined;
}
