/**
 * Who holds which name: GraphQL types, root fields, resource names, and the types that schemas with an id share. Names
 * are claimed while a model is registered, in a draft that is kept as a whole or not at all, so that a clash is found
 * where it is made and a refused model leaves nothing behind.
 */
import type { Content } from "./content.ts";
import type { EnumType, ObjectType, UnionType } from "./field.ts";
import { fixedRootFields, fixedTypeNames } from "./fixed-names.ts";

export interface Claims {
  draft(): ClaimDraft;
}

export interface ClaimDraft {
  /** Takes a name, or says in one sentence who holds it and what cures the clash. */
  claim(space: NameSpace, name: string, claim: Claim): string | undefined;
  /** The type that a schema with this id has made already, in this model or another. */
  shared(id: string): SharedType | undefined;
  share(id: string, shared: SharedType): void;
  /** Makes the draft's claims lasting. */
  keep(): void;
}

export type NameSpace = "type" | "Query" | "Mutation" | "Subscription" | "resource name";

export interface Claim {
  /** Who takes it, as a message names it: `model TodoItem (its connection)`. */
  readonly by: string;
  /** The option that would give this claimant another name: `{ plural }`. */
  readonly cure: string;
}

export interface SharedType {
  /** The schema whose type it is: the same id on another schema is refused. */
  readonly schema: object;
  readonly type: ObjectType | UnionType | EnumType;
  readonly content: Content;
}

export function createClaims(): Claims {
  const held = new Map<string, Claim>();
  const types = new Map<string, SharedType>();
  const builtIn: Claim = { by: "weft itself", cure: "" };
  for (const name of fixedTypeNames) held.set(`type ${name}`, builtIn);
  for (const [root, names] of Object.entries(fixedRootFields)) {
    for (const name of names) held.set(`${root} ${name}`, builtIn);
  }

  return {
    draft() {
      const drafted = new Map<string, Claim>();
      const draftedTypes = new Map<string, SharedType>();
      return {
        claim(space, name, claim) {
          if (space !== "resource name" && name.startsWith("__")) {
            return `${describe(space, name)} of ${claim.by} begins with __, which GraphQL keeps for itself; ${claim.cure} gives it another name`;
          }
          const key = `${space} ${name}`;
          const holder = drafted.get(key) ?? held.get(key);
          if (holder !== undefined) return clash(describe(space, name), holder, claim);
          drafted.set(key, claim);
          return undefined;
        },
        shared: (id) => draftedTypes.get(id) ?? types.get(id),
        share: (id, shared) => void draftedTypes.set(id, shared),
        keep() {
          for (const [key, claim] of drafted) held.set(key, claim);
          for (const [id, shared] of draftedTypes) types.set(id, shared);
        },
      };
    },
  };
}

function describe(space: NameSpace, name: string): string {
  if (space === "type") return `the GraphQL type ${name}`;
  if (space === "resource name") return `the resource name ${name}`;
  return `the field ${space}.${name}`;
}

function clash(what: string, holder: Claim, claimant: Claim): string {
  const cures = [...new Set([claimant.cure, holder.cure])].filter((cure) => cure !== "").join(" or ");
  return `${what} is claimed by ${claimant.by} and already by ${holder.by}; ${cures} gives one of them another name`;
}
