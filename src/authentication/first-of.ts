import { WeftError } from "../base/errors.ts";
import type { Actor } from "../resource/actor.ts";
import { type Authenticate, type Authenticated, isAuthenticated } from "./authenticate.ts";

/**
 * The first of several that finds somebody: `firstOf(jwt({ … }), apiKeys({ … }))`. One that refuses what was brought leaves it to those
 * after it; where none of them finds somebody, its refusal stands. One that could not be asked (UPSTREAM_UNAVAILABLE) goes before refusals.
 */
export function firstOf(...sources: readonly Authenticate[]): Authenticate {
  return async (call) => {
    const refusals: WeftError[] = [];
    for (const source of sources) {
      try {
        const found = (await source(call)) ?? null;
        if (!isNobody(found)) return found;
      } catch (error) {
        if (!(error instanceof WeftError)) throw error;
        refusals.push(error);
      }
    }
    const refusal = refusals.find(({ code }) => code !== "UNAUTHENTICATED") ?? refusals[0];
    if (refusal !== undefined) throw refusal;
    return null;
  };
}

function isNobody(found: Actor | Authenticated): boolean {
  return found === null || (isAuthenticated(found) && found.actor === null);
}
