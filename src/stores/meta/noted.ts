/** A meta store that tells what is read of it: so that what was made of it can be thrown away when that changes. */
import type { Condition } from "../../query/condition.ts";
import type { MetaStore } from "./meta-store.ts";

export interface ReadNotes {
  /** Its head or revisions were read, or that it has none. */
  resource(resourceId: string): void;
  /** Any head of the name may matter: they were searched or counted. */
  name(resourceName: string): void;
  /** The log was read. */
  everything(): void;
}

export function notedMetaStore(inner: MetaStore, notes: ReadNotes): MetaStore {
  const noteAll = (resourceIds: readonly string[]) => {
    for (const resourceId of resourceIds) notes.resource(resourceId);
  };
  const noteSought = ({ resourceName, condition }: { resourceName: string; condition: Condition }) => {
    notes.name(resourceName);
    noteRelations(condition, notes);
  };
  const noted: Pick<
    MetaStore,
    "heads" | "revisions" | "revisionPages" | "search" | "count" | "referringPages" | "referringCounts" | "changes"
  > = {
    heads(resourceIds) {
      noteAll(resourceIds);
      return inner.heads(resourceIds);
    },
    revisions(revisionIds) {
      noteAll(revisionIds.map((id) => id.slice(0, id.lastIndexOf(":"))));
      return inner.revisions(revisionIds);
    },
    revisionPages(resourceIds, page) {
      noteAll(resourceIds);
      return inner.revisionPages(resourceIds, page);
    },
    search(query) {
      noteSought(query);
      return inner.search(query);
    },
    count(query) {
      noteSought(query);
      return inner.count(query);
    },
    referringPages(resourceIds, query) {
      noteSought(query);
      return inner.referringPages(resourceIds, query);
    },
    referringCounts(resourceIds, query) {
      noteSought(query);
      return inner.referringCounts(resourceIds, query);
    },
    changes(query) {
      notes.everything();
      return inner.changes(query);
    },
  };
  return Object.assign(Object.create(inner) as MetaStore, noted);
}

function noteRelations(condition: Condition, notes: ReadNotes): void {
  if (condition.kind === "and" || condition.kind === "or") {
    for (const inner of condition.conditions) noteRelations(inner, notes);
  } else if (condition.kind === "not" || condition.kind === "isTrue") noteRelations(condition.condition, notes);
  else if (condition.kind === "relation") {
    notes.name(condition.resourceName);
    noteRelations(condition.condition, notes);
  }
}
