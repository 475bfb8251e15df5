/**
 * Who is connected: each websocket and each event stream, until it ends by itself, its actor's time is over, or its user is disconnected.
 *
 * Ends are gathered by quarters of a second, and one timer waits for the next of them, however many there are.
 */
import type { Identity } from "../../../authentication/authenticate.ts";
import type { ErrorCode } from "../../../base/errors.ts";
import { actorId } from "../../../resource/actor.ts";

export type Ending = "expired" | "disconnected";

/**
 * The error that ends streams, and the reason that closes a websocket. It closes with 4403 in both cases: graphql-ws' clients may then
 * connect again, with credentials that they fetch anew, while 4401 is final to them.
 */
export const endings: Readonly<Record<Ending, { readonly code: ErrorCode; readonly reason: string }>> = {
  expired: { code: "UNAUTHENTICATED", reason: "Expired" },
  disconnected: { code: "FORBIDDEN", reason: "Disconnected" },
};

export interface Presence {
  readonly identity: Identity;
  /** Called at most once, and not after its removal. */
  end(why: Ending): void;
}

export interface Presences {
  /** With the identity that it has now. Ends it at once where that was asked for before its user was disconnected. Call the result to remove it. */
  add(presence: Presence): () => void;
  /** Ends all that are of this user. @returns how many there were */
  disconnect(user: string): number;
  close(): void;
}

const resolutionMs = 250;
/** How long an `authenticate` may take for a disconnection meanwhile to be known after it. */
const rememberedMs = 60_000;
/** Below what timers hold, and short enough that a clock that was set is noticed. */
const longestWaitMs = 60_000;

export function createPresences(): Presences {
  const byUser = new Map<string, Set<Presence>>();
  const byEnd = new Map<number, Set<Presence>>();
  /** By user, when it was last disconnected, oldest first. */
  const disconnections = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let timerEnd = Number.POSITIVE_INFINITY;

  const wait = (end: number) => {
    if (end >= timerEnd) return;
    clearTimeout(timer);
    timerEnd = end;
    timer = setTimeout(endOver, Math.min(longestWaitMs, Math.max(0, end - Date.now())));
    // A gateway that is done need not wait for the ends of its callers' tokens.
    timer.unref();
  };

  const endOver = () => {
    timerEnd = Number.POSITIVE_INFINITY;
    const now = Date.now();
    const over = [...byEnd].filter(([end]) => end <= now).flatMap(([, presences]) => [...presences]);
    for (const presence of over) finish(presence, "expired");
    let next = Number.POSITIVE_INFINITY;
    for (const end of byEnd.keys()) next = Math.min(next, end);
    wait(next);
  };

  const removers = new Map<Presence, () => void>();
  const finish = (presence: Presence, why: Ending) => {
    const remove = removers.get(presence);
    // One that another's end has ended is not there any more.
    if (remove === undefined) return;
    remove();
    presence.end(why);
  };

  return {
    add(presence) {
      const { actor, expiresAt, askedAt } = presence.identity;
      const user = actorId(actor);
      const disconnectedAt = user === null ? undefined : disconnections.get(user);
      if (disconnectedAt !== undefined && askedAt <= disconnectedAt) {
        presence.end("disconnected");
        return () => {};
      }
      const end = Math.ceil(expiresAt / resolutionMs) * resolutionMs;
      const leaveUser = enter(byUser, user, presence);
      const leaveEnd = enter(byEnd, Number.isFinite(end) ? end : null, presence);
      const remove = () => {
        leaveUser();
        leaveEnd();
        removers.delete(presence);
      };
      removers.set(presence, remove);
      wait(end);
      return remove;
    },
    disconnect(user) {
      const now = performance.now();
      disconnections.delete(user);
      disconnections.set(user, now);
      for (const [forgotten, at] of disconnections) {
        if (now - at < rememberedMs) break;
        disconnections.delete(forgotten);
      }
      const ofUser = [...(byUser.get(user) ?? [])];
      for (const presence of ofUser) finish(presence, "disconnected");
      return ofUser.length;
    },
    close() {
      clearTimeout(timer);
    },
  };
}

/** @returns what takes it out again */
function enter<K>(sets: Map<K, Set<Presence>>, key: K | null, presence: Presence): () => void {
  if (key === null) return () => {};
  const set = sets.get(key) ?? new Set();
  sets.set(key, set.add(presence));
  return () => {
    set.delete(presence);
    if (set.size === 0 && sets.get(key) === set) sets.delete(key);
  };
}
