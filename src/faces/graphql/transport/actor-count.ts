/** Open sockets per actor, of those actors that are somebody. */
import { type Actor, actorId } from "../../../resource/actor.ts";

interface Counted {
  readonly actor: Actor;
}

export interface ActorCount {
  /** False where the actor has as many as are allowed. */
  add(connection: Counted): boolean;
  remove(connection: Counted): void;
}

export function createActorCount(max: number): ActorCount {
  const counted = new Map<string, Set<Counted>>();
  return {
    add(connection) {
      const id = actorId(connection.actor);
      if (id === null) return true;
      const ofActor = counted.get(id) ?? new Set();
      if (ofActor.size >= max) return false;
      counted.set(id, ofActor.add(connection));
      return true;
    },
    remove(connection) {
      const id = actorId(connection.actor);
      const ofActor = id === null ? undefined : counted.get(id);
      if (id !== null && ofActor?.delete(connection) === true && ofActor.size === 0) counted.delete(id);
    },
  };
}
