/** An answer under way: what it reads, and what changes meanwhile. */
import type { ReadNotes } from "../../../../stores/meta/noted.ts";

export interface Flight extends ReadNotes {
  changed(change: { readonly resourceId: string; readonly resourceName: string }): void;
  spoil(): void;
  /** Did something change that it has read? What it read before the change may be what is shown. */
  isSpoilt(): boolean;
  /** What it rests on, as `restOn` names it. */
  rests(): readonly string[];
}

export const restOn = {
  resource: (resourceId: string) => `id ${resourceId}`,
  name: (resourceName: string) => `name ${resourceName}`,
  everything: "everything",
};

/** More would take longer to look through than the answer. */
const maxChanges = 10_000;

/** @param restsOnAll whatever is read */
export function createFlight(restsOnAll: boolean): Flight {
  const read = new Set<string>(restsOnAll ? [restOn.everything] : []);
  const changes = new Set<string>();
  let isOver = false;
  return {
    resource: (resourceId) => void read.add(restOn.resource(resourceId)),
    name: (resourceName) => void read.add(restOn.name(resourceName)),
    everything: () => void read.add(restOn.everything),
    changed({ resourceId, resourceName }) {
      changes.add(restOn.resource(resourceId)).add(restOn.name(resourceName)).add(restOn.everything);
      if (changes.size > maxChanges) isOver = true;
    },
    spoil() {
      isOver = true;
    },
    isSpoilt: () => isOver || [...changes].some((rest) => read.has(rest)),
    rests: () => [...read],
  };
}
