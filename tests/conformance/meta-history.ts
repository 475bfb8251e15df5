/** Turns a random script into commits, keeping track of what each stands on; no store is asked. */
import type { JsonObject } from "../../src/base/json.ts";
import type { Revision } from "../../src/model/revision.ts";
import type { Commit, HeadWrite } from "../../src/stores/meta/meta-store.ts";
import {
  commitOf,
  createWrite,
  flagWrite,
  type Known,
  minute,
  modifyWrite,
  purgeWrite,
  switchWrite,
  updateWrite,
  type Written,
} from "./meta-fixtures.ts";

/** One commit: what is done to which of a few resources. */
export interface HistoryStep {
  readonly writes: readonly StepWrite[];
}

export interface StepWrite {
  readonly resource: number;
  readonly action: "update" | "modify" | "switch" | "flag" | "purge";
  /** Stands on an older state: the whole commit conflicts. */
  readonly isStale: boolean;
  readonly indexedData: JsonObject;
  readonly by: string;
  readonly at: number;
}

/** A write and what it leaves: nothing, for a purge. */
interface Planned {
  readonly write: HeadWrite;
  readonly known: Known | undefined;
}

/** Everything that was ever true of one resource in this life. */
interface Life {
  readonly states: Known[];
  readonly revisions: Map<number, Revision>;
}

/** The commits of a script over two resource names, even and odd resources. A resource that is not there is created. */
export function historyOf(script: readonly HistoryStep[], names: readonly [string, string]): Commit[] {
  const lives = new Map<number, Life>();
  return script.map(({ writes }) => {
    const distinct = [...new Map(writes.map((step) => [step.resource, step])).values()];
    const planned = distinct.map((step) => ({ step, plan: planOf(step, lives.get(step.resource), names) }));
    const isDoomed = planned.some(({ step }) => step.isStale && (lives.get(step.resource)?.states.length ?? 0) > 1);
    if (!isDoomed) for (const { step, plan } of planned) remember(lives, step.resource, plan.known);
    return commitOf(...planned.map(({ plan }) => plan.write));
  });
}

function planOf(step: StepWrite, life: Life | undefined, names: readonly [string, string]): Planned {
  const { resource, action, isStale, indexedData, by } = step;
  const content = { indexedData, by, at: minute(step.at) };
  const name = names[resource % 2] ?? names[0];
  const known = life?.states.at(isStale ? 0 : -1);
  if (life === undefined || known === undefined) return leaving(createWrite(name, `${name}:${resource}`, content));
  switch (action) {
    case "update":
      return leaving(updateWrite(known, content));
    case "modify":
      return leaving(modifyWrite(known, content));
    case "switch":
      return leaving(switchWrite(known, life.revisions.get(1) ?? known.revision, content));
    case "flag":
      return leaving(flagWrite(known, !known.head.isDeleted, content));
    case "purge":
      return { write: purgeWrite(known), known: undefined };
  }
}

function leaving(written: Written): Planned {
  return { write: written.write, known: written };
}

function remember(lives: Map<number, Life>, resource: number, known: Known | undefined): void {
  if (known === undefined) {
    lives.delete(resource);
    return;
  }
  const life: Life = lives.get(resource) ?? { states: [], revisions: new Map() };
  lives.set(resource, life);
  life.states.push(known);
  life.revisions.set(known.revision.revisionNumber, known.revision);
}
