/** The objects that a schema of an object, or an intersection of objects, is made of. */
import { type AnySchema, defOf, unwrap } from "./unwrap.ts";

export interface ObjectPart {
  readonly shape: Readonly<Record<string, AnySchema>>;
  /** What other keys hold; undefined where there may be none. */
  readonly catchall: AnySchema | undefined;
}

/** Undefined where it is anything else, or one of them may be absent or null. */
export function objectsOf(core: AnySchema): ObjectPart[] | undefined {
  const def = defOf(core);
  if (def.type === "object") {
    const isClosed = def.catchall === undefined || defOf(def.catchall).type === "never";
    return [{ shape: def.shape, catchall: isClosed ? undefined : def.catchall }];
  }
  if (def.type !== "intersection") return undefined;
  const sides = [def.left, def.right].map((side) => {
    const { core: sideCore, presence } = unwrap(side);
    return presence.isOptional || presence.acceptsNull ? undefined : objectsOf(sideCore);
  });
  return sides.every((side) => side !== undefined) ? sides.flat() : undefined;
}
