/**
 * Who acts. A string is an id without claims. `null` is nobody: reads are up to the policies, writes are refused as
 * UNAUTHENTICATED. What the log and `createdBy`/`updatedBy` keep is the id.
 */
export type Actor = string | { readonly id: string; readonly [claim: string]: unknown } | null;

export function actorId(actor: Actor): string | null {
  return typeof actor === "object" ? (actor?.id ?? null) : actor;
}
